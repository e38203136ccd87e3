"""One speaker's audio into final segments: when to recognise which audio, and which words are final."""
