"""Short windows of real Whisper weights on a human voice: word errors and processor time."""
