"""Sound of one client: the microphone's clips, Opus, and WAV files."""
