"""Who may come in, and what is said on HTTP and WebSocket."""
