"""Text to speech: espeak-ng, Piper, Coqui and programs of your own."""
