"""Nodes: servers that share their sessions, by way of Redis (docs/adr/0028) or of one parent (docs/adr/0029)."""
