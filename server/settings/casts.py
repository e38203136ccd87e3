"""Casts: the text of a variable becomes a value, or a ValueError that says what would be right."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import unquote, urlsplit

from accounts.letters.mail_server import smtp_options
from pipeline.text.language import NATIVE_NAMES, primary

_PAGE_PATH = re.compile(r"(/[A-Za-z0-9._~-]*[A-Za-z0-9_~-])*/?")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_NODE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a cast to one of `choices`, in lower case."""

    def cast(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError("it must be one of " + ", ".join(choices))
        return text.lower()

    return cast


def boolean(text: str) -> bool:
    """Cast `true` or `false`."""
    return one_of("true", "false")(text) == "true"


def number(least: float, most: float) -> Callable[[str], float]:
    """Return a cast to a number between `least` and `most`, both allowed."""

    def cast(text: str) -> float:
        value = float(text)
        if not least <= value <= most:
            raise ValueError(f"it must be between {least:g} and {most:g}")
        return value

    return cast


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a cast to a whole number between `least` and `most`, both allowed."""

    def cast(text: str) -> int:
        value = int(text)
        if not least <= value <= most:
            raise ValueError(f"it must be between {least} and {most}")
        return value

    return cast


def path(text: str) -> Path:
    """Cast a path; `~` is the home folder."""
    return Path(text).expanduser()


def comma_list(text: str) -> tuple[str, ...]:
    """Cast a comma-separated list; empty entries are left out."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def url(text: str) -> str:
    """Cast an http or https address, without its last slash."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it must be like https://call.example.org")
    return text.rstrip("/")


def headers(text: str) -> tuple[tuple[str, str], ...]:
    """Cast `name=value,name=value`, with values as in URLs (OpenTelemetry's `OTEL_EXPORTER_OTLP_HEADERS`)."""
    found = tuple(part.partition("=") for part in comma_list(text))
    pairs = tuple((name.strip(), unquote(value.strip())) for name, _, value in found)
    if not all(_HEADER.fullmatch(name) and value.isprintable() for name, value in pairs):
        raise ValueError("it must be like authorization=Bearer%20abc,x-tenant=calls")
    return pairs


def page_url(text: str) -> str:
    """Cast the address of a page's folder, without its last slash. Below a path it is one of plain names."""
    parts = urlsplit(text)
    whole = parts.scheme in ("http", "https") and parts.hostname and "@" not in parts.netloc
    if not whole or parts.query or parts.fragment or not _PAGE_PATH.fullmatch(parts.path):
        raise ValueError("it must be like https://call.example.org or https://example.org/call")
    return text.rstrip("/")


def database_url(text: str) -> str:
    """Cast the URL of a database; the store of accounts reads the rest of it."""
    if text.partition("://")[0] not in ("sqlite", "sqlite+aiosqlite", "postgres", "postgresql", "postgresql+asyncpg"):
        raise ValueError("it must be like postgresql+asyncpg://user:password@host/database")
    return text


def redis_url(text: str) -> str:
    """Cast the URL of a Redis."""
    parts = urlsplit(text)
    if parts.scheme not in ("redis", "rediss", "unix") or not (parts.hostname or parts.path):
        raise ValueError("it must be like rediss://user:password@redis.example.org:6379")
    return text


def node_name(text: str) -> str:
    """Cast the name of a node, which stands in the path of its WebSocket."""
    if not _NODE.fullmatch(text):
        raise ValueError("it must be 1 to 32 of a-z, 0-9 and -, such as a or call-1")
    return text


def history_keys(text: str) -> tuple[bytes, ...]:
    """Cast the keys of histories, newest first."""
    from accounts.history.operator_keys import read_keys  # its import costs a command that has no use for it

    return read_keys(text)


def origins(text: str) -> tuple[str, ...]:
    """Cast a comma-separated list of origins: http or https addresses without a path."""
    found = tuple(url(part) for part in comma_list(text))
    if any(urlsplit(one).path for one in found):
        raise ValueError("an origin has no path, it must be like https://app.example.org")
    return found


def languages(text: str) -> tuple[str, ...]:
    """Cast a comma-separated list of languages to their primary subtags, each once."""
    tags = tuple(dict.fromkeys(primary(tag) for tag in comma_list(text)))
    unknown = [tag for tag in tags if tag not in NATIVE_NAMES]
    if unknown or not tags:
        raise ValueError(f"it must be a list such as en,es,fr, of {', '.join(sorted(NATIVE_NAMES))}")
    return tags


def addresses(text: str) -> tuple[str, ...]:
    """Cast a comma-separated list of IP addresses."""
    return tuple(str(ipaddress.ip_address(part)) for part in comma_list(text))


def networks(text: str) -> tuple[str, ...]:
    """Cast a comma-separated list of IP addresses and networks."""
    return tuple(str(ipaddress.ip_network(part)) for part in comma_list(text))


def port_range(text: str) -> tuple[int, int]:
    """Cast `first-last`, two UDP ports."""
    first, _, last = (int(part) if part.isdecimal() else part for part in text.partition("-"))
    if not (isinstance(first, int) and isinstance(last, int) and 1024 <= first <= last <= 65535):
        raise ValueError("it must be like 40000-40999, within 1024-65535")
    return first, last


def long_secret(text: str) -> str:
    """Cast a secret of at least 32 bytes."""
    if len(text.encode()) < 32:
        raise ValueError("it must have at least 32 bytes (openssl rand -hex 32)")
    return text


def signing_keys(text: str) -> str:
    """Cast a signing key of at least 32 bytes, or several with commas between them."""
    if any(len(key.strip().encode()) < 32 for key in text.split(",")):
        raise ValueError("each key must have at least 32 bytes (openssl rand -hex 32); a comma parts two keys")
    return text


def smtp_url(text: str) -> str:
    """Cast the URL of an SMTP server."""
    smtp_options(text, "")
    return text


def mailbox(text: str) -> str:
    """Cast a mailbox: an address, or a name and an address in angle brackets (RFC 5322, 3.4)."""
    address = parseaddr(text)[1]
    if "@" not in address or any(char in text for char in "\r\n"):
        raise ValueError("it must be like dragoman@example.org, or Dragoman <dragoman@example.org>")
    return text
