"""TLS of the server's own: its certificate, taken anew when the files change, and the port that listens for it."""
