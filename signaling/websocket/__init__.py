"""The WebSocket side: connections, messages in both directions, offers in order."""
