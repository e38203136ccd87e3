"""Several processes of one server at one port, which share their sessions by way of their parent (docs/adr/0029)."""
