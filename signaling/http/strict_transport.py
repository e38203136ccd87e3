"""Decides which policy of HTTPS alone (HSTS, RFC 6797) a browser is given for this server's host."""

from __future__ import annotations

from urllib.parse import urlsplit

from signaling.config import SignalingOptions


def strict_transport(options: SignalingOptions, host: str) -> str | None:
    """Return the value of `Strict-Transport-Security` for a client that came by HTTPS; None for no such header.

    `host`: the request's, with its port. The policy counts for a host and all its ports. Below a path of another site
    the host is not ours, and `localhost` is everything that somebody develops. Hosts below ours may be anybody's.
    """
    if host.partition(":")[0].lower() == "localhost" or urlsplit(options.public_url or "").path.strip("/"):
        return None
    return f"max-age={options.hsts_s}"
