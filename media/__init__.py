"""WebRTC media of calls: packets, connections, playout, subtitles, rooms. Knows the pipeline, and no HTTP."""
