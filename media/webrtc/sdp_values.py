"""Reads values of an offer's attributes that the network may have mutilated: mids, ICE credentials, fingerprints."""

from __future__ import annotations


def token(value: str) -> str:
    """Return a mid. Raises ValueError where it is no token (RFC 5888)."""
    value = value.strip()
    if not 1 <= len(value) <= 256 or not value.isascii() or not value.isprintable() or " " in value:
        raise ValueError("a mid must be a token")
    return value


def most_bitrate(parameters: str) -> int | None:
    """Return `maxaveragebitrate` of an Opus fmtp, bit/s (RFC 7587, 6.1): more the client does not want to receive.

    Returns None where there is none, or one that no encoder could keep to.
    """
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().partition("=")
        if name.lower() == "maxaveragebitrate" and value.isascii() and value.isdecimal() and len(value) <= 6:
            bitrate = int(value)
            return bitrate if 6_000 <= bitrate <= 510_000 else None
    return None


def ice_text(value: str) -> str:
    """Return a username fragment or a password. Raises ValueError where it is none (RFC 8839, 5.4)."""
    value = value.strip()
    if not 4 <= len(value) <= 256 or not all(c.isascii() and (c.isalnum() or c in "+/-_=#") for c in value):
        raise ValueError("bad ICE credentials")
    return value


def fingerprint(value: str) -> tuple[str, str]:
    """Return the algorithm and the digest of a certificate. Raises ValueError where they are none (RFC 8122, 5)."""
    algorithm, digest = value.split()
    if not all(len(part) == 2 for part in digest.split(":")):
        raise ValueError("bad fingerprint")
    bytes.fromhex(digest.replace(":", ""))
    return algorithm.lower(), digest.upper()
