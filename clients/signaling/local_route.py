"""The local address of a route to another machine, found without sending anything."""

from __future__ import annotations

import socket


def source_address(host: str, port: int) -> str | None:
    """Return the local address from which the kernel would send to an IP address. None while there is no route."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, port))
        except OSError:
            return None
        return str(probe.getsockname()[0])
