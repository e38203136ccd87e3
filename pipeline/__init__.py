"""Speech in, speech out. Knows no network, no WebRTC, no HTTP, and imports nothing else of ours."""
