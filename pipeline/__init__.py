"""Speech in, speech out: knows no network, no WebRTC and no HTTP, and imports nothing else of ours."""
