"""A TCP port for a server that a test starts."""

from __future__ import annotations

import socket


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        port: int = one.getsockname()[1]
        return port
