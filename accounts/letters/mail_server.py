"""Decides by a URL which mail server gets our letters, and what protects them, and our password, on the way there."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit


class Protection(StrEnum):
    """Schemes of URLs by what they ask for. `smtp` is STARTTLS, but for a server on this machine."""

    TLS = "smtps"
    """From the first byte (RFC 8314)."""
    STARTTLS = "smtp+starttls"
    """By STARTTLS (RFC 3207), or nothing is sent: whoever stands between may strip the offer."""
    NONE = "smtp+plain"
    """Everybody on the way can read the letters: they have links that set passwords."""


EITHER = "smtp"
RIGHT = "it must be like smtps://user:password@mail.example.org:465"
PORTS = {Protection.TLS: 465, Protection.STARTTLS: 587, Protection.NONE: 25}


@dataclass(frozen=True, slots=True)
class SmtpOptions:
    """An SMTP server, and the sender of our letters."""

    host: str
    port: int
    sender: str
    protection: Protection = Protection.STARTTLS
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    retry_s: float = 5.0
    """Time until the second attempt; each further one waits three times as long."""


def smtp_options(url: str, sender: str) -> SmtpOptions:
    """Return the options of a URL such as `smtps://user:password@mail.example.org` or `smtp://localhost:25`.

    Raises ValueError, whose message holds nothing of the URL.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise ValueError(RIGHT) from None
    if parts.scheme not in (EITHER, *Protection) or not host or parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(RIGHT)
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    protection = _protection(parts.scheme, host, username)
    if protection is Protection.NONE and username is not None:
        raise ValueError("a password goes by TLS only: smtps:// or smtp+starttls://")
    return SmtpOptions(host, port or PORTS[protection], sender, protection, username, password)


def _protection(scheme: str, host: str, username: str | None) -> Protection:
    if scheme != EITHER:
        return Protection(scheme)
    return Protection.NONE if username is None and _is_here(host) else Protection.STARTTLS


def _is_here(host: str) -> bool:
    """True for a name or an address of this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
