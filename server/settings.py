"""Settings from `DRAGOMAN_*` environment variables, checked once at the start.

A bad value stops the start, and the message names the variable, the value and what would be right. Secrets
are never in a message.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.text.language import NATIVE_NAMES, primary

PREFIX = "DRAGOMAN_"
ELSEWHERE = {
    "DRAGOMAN_TURN_REALM",
    "DRAGOMAN_TURN_PEERS",
    "DRAGOMAN_TURN_EXTERNAL_IP",
    "DRAGOMAN_TURN_RELAY_PORTS",
    "DRAGOMAN_TURN_LISTEN",
    "DRAGOMAN_TURN_CERTIFICATE",
    "DRAGOMAN_TURN_PRIVATE_KEY",
    "DRAGOMAN_TURN_TLS_PORT",
}
"""Variables of the relay's container, which share our environment file."""


class BadSetting(ValueError):
    """A variable has a value that we can't use, or isn't one of ours."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an operator may set; the defaults make a private server on this machine."""

    host: str = "127.0.0.1"
    port: int = 8080
    mode: str = "development"
    """`production` refuses to start with a signing key that it would have to make up."""
    public_url: str | None = None
    """`https://call.example.org`: how clients reach us, where that isn't the address they asked at."""
    allowed_origins: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    data: Path = field(default_factory=lambda: _state_home() / "dragoman")
    secret: str | None = field(default=None, repr=False)
    models: str = "starter"
    """starter, standard, quality, auto, or a folder of models."""
    languages: tuple[str, ...] = ("en", "es")
    """What people here speak, primary subtags: each is interpreted into each other."""
    hub: str | None = None
    """Where models are fetched from, if not huggingface.co."""
    stt: str | None = None
    mt: str | None = None
    tts: str | None = None
    """One engine each, `name` or `name:/path/to/model`, instead of what `models` gives."""
    glossary: Path | None = None
    """Terms that a translation must use (`pipeline.text.glossary`)."""
    mt_memory: int = 4096
    """How many frequent segments' translations are kept in memory; 0 keeps none."""
    barge_in: bool = False
    stt_timeout: float = 10.0
    mt_timeout: float = 5.0
    tts_timeout: float = 5.0
    """Seconds after which an engine that gives no answer is killed and started anew."""
    vad: str = "speech"
    """`loudness` takes any loud sound for speech: for test tones, not for people."""
    media_addresses: tuple[str, ...] = ()
    """Local addresses on which media is received; none means every address of the machine."""
    advertised_addresses: tuple[str, ...] = ()
    """Public addresses that clients are told instead, where a one-to-one NAT keeps the ports."""
    media_ports: tuple[int, int] | None = None
    """The first and last UDP port of media; none leaves the choice to the kernel."""
    turn_urls: tuple[str, ...] = ()
    turn_secret: str | None = field(default=None, repr=False)
    """`new` or, while it is being replaced, `new,old`."""
    turn_seconds: int = 3600
    """How long a TURN credential is good."""
    sessions: int = 100
    address_share: float = 0.5
    """Which part of them one address may make."""
    code_seconds: float = 600.0
    """How long a session code is good while nobody has joined."""
    grace: float = 30.0
    session_hours: float = 4.0
    shutdown_seconds: float = 10.0
    guests_per_hour: int = 30
    sessions_per_hour: int = 5
    requests_per_minute: int = 100
    address_requests_per_minute: int = 1000
    wrong_codes_per_minute: int = 10
    log_level: str = "info"


def read(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of this process. Raises BadSetting."""
    names = set(_READERS)
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environment.items()
        if name.startswith(PREFIX) and name not in ELSEWHERE and value != ""
    }
    unknown = sorted(set(given) - names)
    if unknown:
        raise BadSetting(
            f"there is no setting {PREFIX}{unknown[0].upper()}; there are "
            + ", ".join(PREFIX + name.upper() for name in sorted(names))
        )
    values: dict[str, Any] = {}
    for name, text in given.items():
        try:
            values[name] = _READERS[name](text.strip())
        except ValueError as error:
            shown = "its value" if "secret" in name else repr(text)
            raise BadSetting(f"{PREFIX}{name.upper()}: {shown} is not right: {error}") from None
    settings = Settings(**values)
    check(settings)
    return settings


def check(settings: Settings) -> None:
    """What one setting demands of another. Raises BadSetting."""
    if settings.mode == "production" and not settings.secret:
        raise BadSetting("DRAGOMAN_MODE is production, so DRAGOMAN_SECRET must be set (openssl rand -hex 32)")
    if bool(settings.turn_urls) != bool(settings.turn_secret):
        raise BadSetting("DRAGOMAN_TURN_URLS and DRAGOMAN_TURN_SECRET need each other")


def _state_home() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def _one_of(*choices: str) -> Callable[[str], str]:
    def read_choice(text: str) -> str:
        if text.lower() not in choices:
            raise ValueError("it must be one of " + ", ".join(choices))
        return text.lower()

    return read_choice


def _number(least: float, most: float) -> Callable[[str], float]:
    def read_number(text: str) -> float:
        number = float(text)
        if not least <= number <= most:
            raise ValueError(f"it must be between {least:g} and {most:g}")
        return number

    return read_number


def _whole(least: int, most: int) -> Callable[[str], int]:
    def read_whole(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(f"it must be between {least} and {most}")
        return number

    return read_whole


def _list(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
        raise ValueError("it must be like https://call.example.org")
    return text.rstrip("/")


def _languages(text: str) -> tuple[str, ...]:
    tags = tuple(dict.fromkeys(primary(tag) for tag in _list(text)))
    strange = [tag for tag in tags if tag not in NATIVE_NAMES]
    if strange or not tags:
        raise ValueError(f"it must be a list such as en,es,fr, of {', '.join(sorted(NATIVE_NAMES))}")
    return tags


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_address(part)) for part in _list(text))


def _port_range(text: str) -> tuple[int, int]:
    first, _, last = (int(part) if part.isdecimal() else part for part in text.partition("-"))
    if not (isinstance(first, int) and isinstance(last, int) and 1024 <= first <= last <= 65535):
        raise ValueError("it must be like 40000-40999, within 1024-65535")
    return first, last


def _networks(text: str) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_network(part)) for part in _list(text))


def _long_secret(text: str) -> str:
    if len(text.encode()) < 32:
        raise ValueError("it must have at least 32 bytes (openssl rand -hex 32)")
    return text


_READERS: dict[str, Callable[[str], Any]] = {
    "host": str,
    "port": _whole(0, 65535),
    "mode": _one_of("development", "production"),
    "public_url": _url,
    "allowed_origins": lambda text: tuple(_url(part) for part in _list(text)),
    "trusted_proxies": _networks,
    "data": lambda text: Path(text).expanduser(),
    "secret": _long_secret,
    "models": str,
    "languages": _languages,
    "hub": _url,
    "stt": str,
    "mt": str,
    "tts": str,
    "glossary": lambda text: Path(text).expanduser(),
    "mt_memory": _whole(0, 1_000_000),
    "barge_in": lambda text: _one_of("true", "false")(text) == "true",
    "stt_timeout": _number(0.1, 600),
    "mt_timeout": _number(0.1, 600),
    "tts_timeout": _number(0.1, 600),
    "vad": _one_of("speech", "loudness"),
    "media_addresses": _addresses,
    "advertised_addresses": _addresses,
    "media_ports": _port_range,
    "turn_urls": _list,
    "turn_secret": str,
    "turn_seconds": _whole(1, 3600),
    "sessions": _whole(1, 100_000),
    "address_share": _number(0.01, 1),
    "code_seconds": _number(0.1, 86_400),
    "grace": _number(0.1, 3600),
    "session_hours": _number(0.01, 168),
    "shutdown_seconds": _number(0, 300),
    "guests_per_hour": _whole(1, 1_000_000),
    "sessions_per_hour": _whole(1, 1_000_000),
    "requests_per_minute": _whole(1, 1_000_000),
    "address_requests_per_minute": _whole(1, 1_000_000),
    "wrong_codes_per_minute": _whole(1, 1_000_000),
    "log_level": _one_of("debug", "info", "warning", "error"),
}
