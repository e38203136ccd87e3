"""Sentence ends of a human voice and real Whisper weights: false ones, those that are kept, and what waiting costs."""
