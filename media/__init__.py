"""WebRTC: packets, tracks, playout, subtitles, rooms and calls. Imports the pipeline, knows no HTTP."""
