"""Messages of a client on the subtitles channel, parsed strictly (docs/protocol.md, section 4, client → server)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from media.events import RefusalCode
from pipeline.text.characters import cleaned
from pipeline.text.language import is_tag
from wire.strict_json import Malformed, StrictObject, decode

MAX_MESSAGE = 65_536
"""Bytes of a message."""
MAX_TYPED = 2_000
"""Characters of a typed text: a few minutes of speech."""
MAX_RAW = 8_000
"""Characters of a typed text with its hidden ones: beyond this none is looked at."""
MAX_CLIENT_ID = 128
MAX_FIGURE = 1e9


class BadMessage(Exception):
    """A message that is not done: `code` is `bad_request`, `unknown_type` or `too_large`."""

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Resume:
    """The client has all messages up to `last_seq`."""

    last_seq: int


@dataclass(frozen=True, slots=True)
class EndUtterance:
    """Push-to-talk was released."""


@dataclass(frozen=True, slots=True)
class StartOver:
    """The participant takes back what they are saying, or have just said."""


@dataclass(frozen=True, slots=True)
class Typing:
    """The participant types a text that they have not sent: `on` as long as they do."""

    on: bool


@dataclass(frozen=True, slots=True)
class Say:
    """Typed text, to be interpreted as an utterance that the client calls `client_id`."""

    text: str
    client_id: str | None


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Another language (BCP 47) to speak and hear; it may change again by itself if `detect`."""

    language: str
    detect: bool = False


@dataclass(frozen=True, slots=True)
class ClientStats:
    """A client's own figures of its connection: milliseconds and packets; absent ones are None."""

    rtt_ms: float | None = None
    jitter_ms: float | None = None
    packets_lost: float | None = None
    concealed_ms: float | None = None
    playout_delay_ms: float | None = None
    heard_latency_ms: float | None = None


ChannelMessage: TypeAlias = Resume | EndUtterance | StartOver | Typing | Say | SetLanguage | ClientStats

_STATS = {
    "rtt_ms": "rttMs",
    "jitter_ms": "jitterMs",
    "packets_lost": "packetsLost",
    "concealed_ms": "concealedMs",
    "playout_delay_ms": "playoutDelayMs",
    "heard_latency_ms": "heardLatencyMs",
}


def parse(data: str | bytes) -> ChannelMessage:
    """Return the one message of `data`. Raises BadMessage."""
    if len(data) > MAX_MESSAGE or (isinstance(data, str) and len(data.encode(errors="replace")) > MAX_MESSAGE):
        raise BadMessage(RefusalCode.TOO_LARGE, f"a message is at most {MAX_MESSAGE} bytes")
    if isinstance(data, bytes):
        raise BadMessage(RefusalCode.BAD_REQUEST, "messages are JSON text, not binary")
    try:
        return _message(decode(data))
    except Malformed as error:
        raise BadMessage(RefusalCode.BAD_REQUEST, error.message) from None


def _message(fields: StrictObject) -> ChannelMessage:
    match fields.any_text("type"):
        case "resume":
            return Resume(fields.integer("lastSeq"))
        case "end_utterance":
            return EndUtterance()
        case "start_over":
            return StartOver()
        case "typing":
            return Typing(fields.boolean("on"))
        case "say":
            return _say(fields)
        case "set_language":
            language = fields.any_text("language")
            if not is_tag(language):
                fields.refuse("language", "must be a BCP-47 tag")
            return SetLanguage(language, fields.boolean("detect", default=False))
        case "client_stats":
            return ClientStats(**{ours: _figure(fields, theirs) for ours, theirs in _STATS.items()})
        case unknown:
            raise BadMessage(RefusalCode.UNKNOWN_TYPE, f"there is no message of type {unknown[:40]!r}")


def _say(fields: StrictObject) -> Say:
    text = fields.any_text("text")
    client_id = fields.any_text("clientId") if fields.has("clientId") else None
    if client_id is not None and not (len(client_id) <= MAX_CLIENT_ID and client_id.isprintable()):
        fields.refuse("clientId", f"must be at most {MAX_CLIENT_ID} printable characters")
    text = cleaned(text) if len(text) <= MAX_RAW else text
    if not text:
        fields.refuse("text", "must not be empty")
    if len(text) > MAX_TYPED:
        raise BadMessage(RefusalCode.TOO_LARGE, f"a typed text is at most {MAX_TYPED} characters")
    return Say(text, client_id)


def _figure(fields: StrictObject, name: str) -> float | None:
    return fields.number(name, least=-MAX_FIGURE, most=MAX_FIGURE) if fields.has(name) else None
