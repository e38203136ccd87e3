"""Messages that a client may send on the WebSocket, parsed strictly into frozen data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from signaling.refusal import Code, Refusal, refuse_malformed
from wire.strict_json import StrictObject, decode

LONGEST_TOKEN = 4096
LONGEST_ID = 128
LONGEST_LANGUAGE = 35
LONGEST_SDP = 64 * 1024
LONGEST_CANDIDATE = 2048


@dataclass(frozen=True, slots=True)
class JoinSession:
    session: str
    token: str
    language: str
    detect: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    negotiation: int
    sdp: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """An ICE candidate for the offer `negotiation`."""

    negotiation: int
    candidate: dict[str, object] | None
    """RTCIceCandidateInit (W3C WebRTC); None at the end of candidates."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    language: str
    detect: bool = False


@dataclass(frozen=True, slots=True)
class SetVoice:
    """The voice that the client wants to hear."""

    voice: str
    """Empty for the server's choice."""


@dataclass(frozen=True, slots=True)
class SetHistory:
    on: bool


@dataclass(frozen=True, slots=True)
class Admit:
    participant: str
    accept: bool


@dataclass(frozen=True, slots=True)
class LeaveSession:
    pass


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """Asks what holds in the session, now and after each change."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    id: str | int | None = None


Message: TypeAlias = (
    JoinSession
    | Offer
    | Candidate
    | SetLanguage
    | SetVoice
    | SetHistory
    | Admit
    | LeaveSession
    | SessionInfo
    | Heartbeat
)


@refuse_malformed()
def parse(text: str) -> Message:
    """Return the message of `text`. Raises Refusal `bad_request`, naming the field, or `unknown_type`."""
    fields = decode(text)
    kind = fields.text("type", longest=64)
    read = _READERS.get(kind)
    if read is None:
        raise Refusal(Code.UNKNOWN_TYPE, f"unknown message type {kind!a}")
    return read(fields)


def _join_session(fields: StrictObject) -> JoinSession:
    if fields.integer("protocol") != 1:
        fields.refuse("protocol", "must be 1")
    return JoinSession(
        session=fields.text("sessionId", longest=LONGEST_ID),
        token=fields.text("token", longest=LONGEST_TOKEN),
        language=fields.text("language", longest=LONGEST_LANGUAGE),
        detect=fields.boolean("detect", default=False),
    )


def _offer(fields: StrictObject) -> Offer:
    return Offer(fields.integer("negotiation"), fields.text("sdp", longest=LONGEST_SDP, shortest=0))


def _candidate(fields: StrictObject) -> Candidate:
    negotiation = fields.integer("negotiation")
    if not fields.has("candidate"):
        return Candidate(negotiation, None)
    inner = fields.child("candidate")
    text = inner.text("candidate", longest=LONGEST_CANDIDATE, shortest=0)
    mid = inner.text("sdpMid", longest=64, shortest=0) if inner.has("sdpMid") else None
    m_line = inner.integer("sdpMLineIndex", most=65535) if inner.has("sdpMLineIndex") else None
    if not text:
        return Candidate(negotiation, None)
    return Candidate(negotiation, {"candidate": text, "sdpMid": mid, "sdpMLineIndex": m_line})


def _set_language(fields: StrictObject) -> SetLanguage:
    return SetLanguage(fields.text("language", longest=LONGEST_LANGUAGE), fields.boolean("detect", default=False))


def _set_voice(fields: StrictObject) -> SetVoice:
    return SetVoice(fields.text("voice", longest=LONGEST_ID, shortest=0))


def _set_history(fields: StrictObject) -> SetHistory:
    return SetHistory(fields.boolean("on"))


def _admit(fields: StrictObject) -> Admit:
    return Admit(fields.text("participantId", longest=LONGEST_ID), fields.boolean("accept"))


def _leave_session(fields: StrictObject) -> LeaveSession:
    return LeaveSession()


def _session_info(fields: StrictObject) -> SessionInfo:
    return SessionInfo()


def _heartbeat(fields: StrictObject) -> Heartbeat:
    if not fields.has("id"):
        return Heartbeat()
    # The protocol leaves the id's type to the client: the id is only echoed.
    return Heartbeat(fields.text_or_integer("id", longest=LONGEST_ID))


_READERS: dict[str, Callable[[StrictObject], Message]] = {
    "join_session": _join_session,
    "offer": _offer,
    "candidate": _candidate,
    "set_language": _set_language,
    "set_voice": _set_voice,
    "set_history": _set_history,
    "admit": _admit,
    "leave_session": _leave_session,
    "session_info": _session_info,
    "heartbeat": _heartbeat,
}
