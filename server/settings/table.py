"""The table of settings: one row each, with name, type, cast, default, text and the option that it fills.

A default that an options class of another room has is taken from that class. `.env.example`, the table in
docs/operations.md and the environment in docker-compose.yml are generated from here: `python -m server.settings`.
"""

# ruff: noqa: RUF009 (`setting` declares a field)
from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any, TypeVar

from models.hub import HUB
from pipeline.delivery.stages import DeliveryOptions
from pipeline.lanes.translation_cache import MOST_TRANSLATIONS
from pipeline.recognition.passes import RecognitionOptions
from server.call_admission import AdmissionOptions
from server.settings import casts
from server.settings.accounts import ACCOUNTS
from server.settings.hearing import HEARING, HearingSettings
from server.settings.redis import MACHINES
from server.settings.row import Options, Target, rows_of, setting
from server.settings.tls import TLS
from signaling.config import SignalingLimits, SignalingOptions
from signaling.rate_limits import Rate

_SIGNALING = SignalingOptions()
_LIMITS = _SIGNALING.limits
_RECOGNITION = RecognitionOptions()
_DELIVERY = DeliveryOptions()
_HOUR_S, _MINUTE_S = 3600, 60

SERVER, MEDIA, ENGINES, RELAY, LIMITS = (
    "The server", "Media", "Engines", "The relay, for clients behind strict firewalls", "Limits",
)  # fmt: skip
SECTIONS = (SERVER, TLS, ACCOUNTS, MEDIA, ENGINES, HEARING, MACHINES, RELAY, LIMITS)
"""The sections in the order of the documents."""

O = TypeVar("O", bound=Options)  # noqa: E741


def _state_home() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state")


def _limit(option: str, seconds: float, times: int = 1, least: int = 1) -> Target:
    """Fill a rate of `SignalingLimits`: `times` the setting's value, but no less than `least`, in any `seconds`."""
    return Target(SignalingLimits, option, lambda count: Rate(max(least, count * times), seconds))


@dataclass(frozen=True, slots=True)
class Settings(HearingSettings):
    """Everything that an operator can set. The defaults make a private server on this machine."""

    host: str = setting(
        str, "127.0.0.1", "The address on which HTTP and WebSocket listen.", SERVER, deployed="127.0.0.1"
    )
    port: int = setting(
        casts.whole(0, 65535), 8080, "The port on which they listen; 0 takes a free one.", SERVER, deployed="8080"
    )
    mode: str = setting(
        casts.one_of("development", "production"), "development",
        "`development` or `production`; `production` does not start without `DRAGOMAN_SECRET`.", SERVER,
        fixed="production",
    )  # fmt: skip
    secret: str | None = setting(
        casts.signing_keys, None,
        "The key that signs tokens, at least 32 bytes; `new,old` while it is replaced, or everybody is signed out.",
        SERVER, secret=True, unset="made at the first start", required="the key that tokens are signed with",
    )  # fmt: skip
    data: Path = setting(
        casts.path, lambda: _state_home() / "dragoman",
        "The folder of models and of the SQLite file, which holds the signing key and live sessions.", SERVER,
        unset="~/.local/state/dragoman", fixed="/var/lib/dragoman",
    )  # fmt: skip
    public_url: str | None = setting(
        casts.page_url, None,
        "The address that browsers use, such as https://call.example.org or https://example.org/call.", SERVER,
        unset="the request's host", required="the https address that browsers use",
        targets=(Target(SignalingOptions, "public_url"),),
    )  # fmt: skip
    allowed_origins: tuple[str, ...] = setting(
        casts.origins, (), "Other origins whose pages may open our WebSocket, comma separated.", SERVER, unset="none",
        targets=(Target(SignalingOptions, "allowed_origins", frozenset),),
    )  # fmt: skip
    trusted_proxies: tuple[str, ...] = setting(
        casts.networks, (),
        "Addresses or networks of TLS proxies, comma separated: their `X-Forwarded-For` is believed.", SERVER,
        unset="none", deployed="127.0.0.1",
        targets=(Target(SignalingOptions, "trusted_proxies", lambda given: tuple(map(ip_network, given))),),
    )  # fmt: skip
    operator_token: str | None = setting(
        casts.long_secret, None,
        "The token of the operator's own calls (docs/protocol.md), at least 32 bytes; without one there are none.",
        SERVER, secret=True, unset="none", targets=(Target(SignalingOptions, "operator_token"),),
    )  # fmt: skip
    metrics_token: str | None = setting(
        casts.long_secret, None,
        "The bearer token that `GET /metrics` asks for, at least 32 bytes; without one everybody may read.",
        SERVER, secret=True, unset="none",
    )  # fmt: skip
    otlp_endpoint: str | None = setting(
        casts.url, None,
        "The address to which traces are exported by OTLP over HTTP, such as http://localhost:4318; needs the extra "
        "`trace` (docs/operations.md).", SERVER, unset="no traces",
    )  # fmt: skip
    otlp_headers: tuple[tuple[str, str], ...] = setting(
        casts.headers, (), "Headers of that export, `name=value,name=value`, such as a token.", SERVER, secret=True,
        unset="none",
    )  # fmt: skip
    log_level: str = setting(
        casts.one_of("debug", "info", "warning", "error"), "info", "`debug`, `info`, `warning` or `error`.", SERVER,
        deployed="info",
    )  # fmt: skip
    shutdown_seconds: float = setting(
        casts.number(0, 300), 10.0, "Seconds that sentences in flight get at SIGTERM.", SERVER
    )

    media_addresses: tuple[str, ...] = setting(
        casts.addresses, (), "Addresses of this machine on which media is received, comma separated.", MEDIA,
        unset="all",
    )  # fmt: skip
    advertised_addresses: tuple[str, ...] = setting(
        casts.addresses, (),
        "The public addresses that clients are told instead, behind one-to-one NAT (as in most clouds).", MEDIA,
        unset="none",
    )  # fmt: skip
    media_ports: tuple[int, int] | None = setting(
        casts.port_range, None,
        "UDP ports of media, `first-last`, to open in the firewall: one for each address and connection.", MEDIA,
        unset="the kernel's choice", deployed="40000-40999",
    )  # fmt: skip

    models: str = setting(
        str, "starter",
        "The engines: `starter` (bundled, English and Spanish), `standard`, `quality`, `auto` or a folder of models "
        "(docs/models.md); `scripted` is for tests.", ENGINES, deployed="starter",
    )  # fmt: skip
    languages: tuple[str, ...] = setting(
        casts.languages, ("en", "es"),
        "The languages that people here speak: models are fetched and loaded for these.", ENGINES, deployed="en,es",
    )  # fmt: skip
    hub: str = setting(
        casts.url, HUB, "A mirror of huggingface.co, from which `dragoman models pull` fetches.", ENGINES,
        unset="`HF_ENDPOINT`, else huggingface.co", also=("HF_ENDPOINT",),
    )  # fmt: skip
    hub_token: str | None = setting(
        str, None, "The token for repositories of models that ask for one.", ENGINES, unset="none", secret=True,
        variable="HF_TOKEN",
    )  # fmt: skip
    stt: str | None = setting(
        str, None,
        "One recogniser instead: `name`, `name:/path/to/model` or `name:{json options}`. `redis`: workers; "
        "`redis+local`: workers first; `local+redis`: workers for what is beyond it (docs/operations.md).", ENGINES,
        unset="by `DRAGOMAN_MODELS`",
    )  # fmt: skip
    mt: str | None = setting(
        str, None, "One translator instead, written likewise.", ENGINES, unset="by `DRAGOMAN_MODELS`"
    )
    tts: str | None = setting(
        str, None, "One engine of voices instead, written likewise.", ENGINES, unset="by `DRAGOMAN_MODELS`"
    )
    stt_processes: int = setting(
        casts.whole(1, 64), 1,
        "Processes of the recogniser, each with its own copy of the model: as many sentences at once.", ENGINES,
    )  # fmt: skip
    mt_processes: int = setting(casts.whole(1, 64), 1, "Processes of the translator, likewise.", ENGINES)
    tts_processes: int = setting(casts.whole(1, 64), 1, "Processes of the engine of voices, likewise.", ENGINES)
    piper: str | None = setting(
        str, None, "The Python that has `piper-tts` (docs/voices.md).", ENGINES, unset="`.venv-piper`, else ours"
    )
    coqui: str | None = setting(
        str, None, "The Python that has `coqui-tts` (docs/voices.md).", ENGINES, unset="`.venv-coqui`, else ours"
    )
    glossary: Path | None = setting(
        casts.path, None, "A file of terms that every translation uses (docs/operations.md).", ENGINES, unset="none"
    )
    mt_memory: int = setting(
        casts.whole(0, 1_000_000), MOST_TRANSLATIONS,
        "The number of frequent short segments whose translation is kept in memory (never on disk); 0 keeps none.",
        ENGINES,
    )  # fmt: skip
    barge_in: bool = setting(
        # As in `InterpreterOptions`, whose import costs every command half a second.
        casts.boolean, False,
        "`true`: the interpreter falls silent for a listener who begins to speak, and skips the rest; "
        "`false`: both are interpreted when both talk.", ENGINES,
    )  # fmt: skip
    stt_timeout: float = setting(
        casts.number(0.1, 600), _RECOGNITION.timeout_s,
        "Seconds that a recognition may take before its engine is killed.", ENGINES,
        targets=(Target(RecognitionOptions, "timeout_s"),),
    )  # fmt: skip
    mt_timeout: float = setting(
        casts.number(0.1, 600), _DELIVERY.mt_timeout,
        "Seconds that a translation may take before its engine is killed.", ENGINES,
        targets=(Target(DeliveryOptions, "mt_timeout"),),
    )  # fmt: skip
    tts_timeout: float = setting(
        casts.number(0.1, 600), _DELIVERY.tts_timeout,
        "Seconds that a synthesis may take before its engine is killed.", ENGINES,
        targets=(Target(DeliveryOptions, "tts_timeout"),),
    )  # fmt: skip

    turn_urls: tuple[str, ...] = setting(
        casts.comma_list, (),
        "The relay's addresses as clients reach them, comma separated, such as "
        "stun:turn.example.org:3478,turn:turn.example.org:3478?transport=udp,"
        "turn:turn.example.org:3478?transport=tcp.", RELAY,
        unset="none", required="the relay's addresses as clients reach them",
    )  # fmt: skip
    turn_secret: str | None = setting(
        str, None, "The secret that server and relay share; `new,old` while it is replaced.", RELAY, secret=True,
        unset="none", required="shared by the server and the relay",
    )  # fmt: skip
    turn_seconds: int = setting(
        casts.whole(1, 3600), 3600, "Seconds for which a TURN credential is good; clients renew it.", RELAY
    )

    sessions: int = setting(
        casts.whole(1, 100_000), _LIMITS.sessions, "Sessions at once; more are refused with 503.", LIMITS,
        targets=(Target(SignalingLimits, "sessions"),),
    )  # fmt: skip
    address_share: float = setting(
        casts.number(0.01, 1), _LIMITS.address_share,
        "The share of these sessions that one address may make; more are refused with 429.", LIMITS,
        targets=(Target(SignalingLimits, "address_share"),),
    )  # fmt: skip
    busy_share: float = setting(
        casts.number(0.01, 1), AdmissionOptions().busy_share,
        "The share of one core up to which a process takes new calls; beyond it, they are refused with 503.", LIMITS,
        targets=(Target(AdmissionOptions, "busy_share"),),
    )  # fmt: skip
    code_digits: int = setting(
        casts.whole(6, 10), _SIGNALING.code_digits, "Digits of a session code, 6 to 10.", LIMITS,
        targets=(Target(SignalingOptions, "code_digits"),),
    )  # fmt: skip
    code_seconds: float = setting(
        casts.number(0.1, 86_400), _SIGNALING.code_lifetime_s,
        "Seconds for which a session code is good while nobody has joined.", LIMITS,
        targets=(Target(SignalingOptions, "code_lifetime_s"),),
    )  # fmt: skip
    grace: float = setting(
        casts.number(0.1, 3600), _SIGNALING.grace_s, "Seconds in which somebody who vanished may come back.", LIMITS,
        targets=(Target(SignalingOptions, "grace_s"),),
    )  # fmt: skip
    session_hours: float = setting(
        casts.number(0.01, 168), _LIMITS.session_length_s / _HOUR_S, "Hours after which a session ends.", LIMITS,
        targets=(Target(SignalingLimits, "session_length_s", lambda hours: hours * _HOUR_S),),
    )  # fmt: skip
    guests_per_hour: int = setting(
        casts.whole(1, 1_000_000), _LIMITS.guests_of_address.count, "Guest tokens of an address in an hour.", LIMITS,
        targets=(_limit("guests_of_address", _HOUR_S),),
    )  # fmt: skip
    sessions_per_hour: int = setting(
        casts.whole(1, 1_000_000), _LIMITS.sessions_of_user.count, "New sessions of a user in an hour.", LIMITS,
        targets=(_limit("sessions_of_user", _HOUR_S),),
    )  # fmt: skip
    requests_per_minute: int = setting(
        casts.whole(1, 1_000_000), _LIMITS.requests_of_user.count, "Requests of a user in a minute.", LIMITS,
        targets=(_limit("requests_of_user", _MINUTE_S),),
    )  # fmt: skip
    address_requests_per_minute: int = setting(
        casts.whole(1, 1_000_000), _LIMITS.requests_of_address.count,
        "Requests of an address in a minute; connections and pages in proportion, never too few for a page.", LIMITS,
        targets=(_limit("requests_of_address", _MINUTE_S), _limit("paced_of_address", _MINUTE_S, 18, least=2400)),
    )  # fmt: skip
    wrong_codes_per_minute: int = setting(
        casts.whole(1, 1_000_000), _LIMITS.wrong_codes_of_address.count,
        "Wrong session codes of an address in a minute; ten times as many of an IPv6 /48.", LIMITS,
        targets=(_limit("wrong_codes_of_address", _MINUTE_S), _limit("wrong_codes_of_site", _MINUTE_S, times=10)),
    )  # fmt: skip


ROWS = rows_of(Settings)
"""The rows of the table by their variables."""


def filled(settings: Settings, options: type[O], **others: Any) -> O:
    """Return `options` with every option that a setting fills, and `others`."""
    given = {
        target.option: target.convert(getattr(settings, row.name))
        for row in ROWS.values()
        for target in row.targets
        if target.options is options
    }
    return options(**given, **others)


def changed(settings: Settings, *options: type[Options]) -> dict[str, tuple[str, Any]]:
    """Return (option, value) by variable for each setting that fills one of `options` and is not as by default."""
    return {
        variable: (target.option, target.convert(getattr(settings, row.name)))
        for variable, row in ROWS.items()
        for target in row.targets
        if target.options in options and getattr(settings, row.name) != row.default
    }
