"""Frames of a microphone: voice activity, endpointing, the echo guard. Pure, at frame rate."""
