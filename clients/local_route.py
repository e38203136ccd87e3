"""Local address from which this machine reaches another one, found without sending anything."""

from __future__ import annotations

import socket


def source_address(host: str, port: int) -> str | None:
    """The local address that the kernel would send from to an IP address; None while there is no way there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((host, port))
        except OSError:
            return None
        return str(probe.getsockname()[0])
