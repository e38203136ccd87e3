"""What a client may say on the subtitles channel, parsed strictly (PROTOCOL section 4, client → server)."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.text.language import is_tag

MAX_MESSAGE = 65_536
MAX_TYPED = 2_000
"""Characters of a typed line: a few minutes of speech."""
_JOINERS = "\u200c\u200d"  # zero-width non-joiner and joiner: Persian, Hindi, emoji


class BadMessage(Exception):
    """`code` is `bad_request`, `unknown_type` or `too_large`."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class Resume:
    last_seq: int


@dataclass(frozen=True, slots=True)
class EndUtterance:
    pass


@dataclass(frozen=True, slots=True)
class Say:
    text: str
    client_id: str | None


@dataclass(frozen=True, slots=True)
class SetLanguage:
    language: str
    detect: bool = False


@dataclass(frozen=True, slots=True)
class ClientStats:
    """A listener's own view of what it hears; milliseconds and counts, absent figures are None."""

    rtt_ms: float | None = None
    jitter_ms: float | None = None
    packets_lost: float | None = None
    concealed_ms: float | None = None
    playout_delay_ms: float | None = None
    heard_latency_ms: float | None = None


ChannelMessage: TypeAlias = Resume | EndUtterance | Say | SetLanguage | ClientStats

_STATS = {
    "rtt_ms": "rttMs",
    "jitter_ms": "jitterMs",
    "packets_lost": "packetsLost",
    "concealed_ms": "concealedMs",
    "playout_delay_ms": "playoutDelayMs",
    "heard_latency_ms": "heardLatencyMs",
}


def parse(data: str | bytes) -> ChannelMessage:
    """One message. Raises BadMessage."""
    if len(data) > MAX_MESSAGE or (isinstance(data, str) and len(data.encode(errors="replace")) > MAX_MESSAGE):
        raise BadMessage("too_large", f"a message is at most {MAX_MESSAGE} bytes")
    if isinstance(data, bytes):
        raise BadMessage("bad_request", "messages are JSON text, not binary")
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        raise BadMessage("bad_request", "the message is not JSON") from None
    if not isinstance(fields, dict) or not isinstance(fields.get("type"), str):
        raise BadMessage("bad_request", "a message is an object with a type")
    match fields["type"]:
        case "resume":
            return Resume(_count(fields, "lastSeq"))
        case "end_utterance":
            return EndUtterance()
        case "say":
            return _say(fields)
        case "set_language":
            language = fields.get("language")
            if not isinstance(language, str) or not is_tag(language):
                raise BadMessage("bad_request", "language must be a BCP-47 tag")
            detect = fields.get("detect")
            if not isinstance(detect, bool | None):
                raise BadMessage("bad_request", "detect must be true or false")
            return SetLanguage(language, detect or False)
        case "client_stats":
            return ClientStats(**{ours: _figure(fields, theirs) for ours, theirs in _STATS.items()})
        case unknown:
            raise BadMessage("unknown_type", f"there is no message of type {unknown[:40]!r}")


def _say(fields: dict[str, Any]) -> Say:
    text, client_id = fields.get("text"), fields.get("clientId")
    if not isinstance(text, str):
        raise BadMessage("bad_request", "text must be a string")
    if client_id is not None and not (isinstance(client_id, str) and len(client_id) <= 128 and client_id.isprintable()):
        raise BadMessage("bad_request", "clientId must be at most 128 printable characters")
    # Lone surrogates can't be encoded, control characters can't be spoken; joiners are part of words and emoji.
    text = "".join(c if c.isprintable() or c in _JOINERS else " " for c in text)
    text = " ".join(text.split())
    if not text.strip(_JOINERS):
        raise BadMessage("bad_request", "text is empty")
    if len(text) > MAX_TYPED:
        raise BadMessage("too_large", f"a typed text is at most {MAX_TYPED} characters")
    return Say(text, client_id)


def _count(fields: dict[str, Any], name: str) -> int:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 53:
        raise BadMessage("bad_request", f"{name} must be a whole number, 0 or more")
    return value


def _figure(fields: dict[str, Any], name: str) -> float | None:
    value = fields.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
        raise BadMessage("bad_request", f"{name} must be a number")
    return float(max(-1e9, min(1e9, value)))  # an integer may be too large for a float
