"""The subtitles data channel: messages in both directions, and what is resent after a reconnection."""
