"""The table of the WebSocket's messages in both directions: the JSON Schema of each (docs/protocol.md, section 2)."""

from __future__ import annotations

from media.events import StatusReason, TrackKind
from pipeline.overload import OverloadLevel
from signaling.history_off import HistoryOff
from signaling.refusal import Code
from signaling.session_states import REASONS, SessionState
from signaling.websocket.client_messages import (
    LONGEST_CANDIDATE,
    LONGEST_ID,
    LONGEST_LANGUAGE,
    LONGEST_SDP,
    LONGEST_TOKEN,
)
from wire.json_schema import (
    Schema,
    array,
    boolean,
    integer,
    lenient,
    mapping,
    message,
    nullable,
    number,
    one_of,
    record,
    text,
)
from wire.strict_json import MAX_INTEGER

NAME = text()
"""An id, a language or a text that this server wrote."""
TOKEN = text(pattern="^[A-Za-z0-9._~+/=-]+$")
"""A bearer token (RFC 6750, 2.1): it stands in a header as it is."""
WEBSOCKET_URL = text(pattern="^wss?://[^?#]+$")
TIMESTAMP = integer(least=None)
"""Unix epoch milliseconds."""

PERSON = record(
    {"participantId": NAME, "displayName": NAME, "language": NAME, "connected": boolean()}, title="Participant"
)
ICE_SERVER = record({"urls": array(NAME)}, {"username": NAME, "credential": NAME}, title="IceServer")
VOICE = record({"id": NAME, "language": NAME, "name": NAME, "licence": NAME}, title="Voice")
_QUALITY = record(
    {
        "sent": record(
            {
                "packets": integer(),
                "lost": integer(),
                "concealed": integer(),
                "recovered": integer(),
                "dropped": integer(),
                "foreign": integer(),
                "jitterMs": number(),
            }
        ),
        "heard": record(
            {
                "lost": integer(least=None),
                "jitterMs": number(),
                "concealedMs": nullable(number()),
                "playoutDelayMs": nullable(number()),
            }
        ),
        "rttMs": nullable(number()),
    },
    title="ConnectionQuality",
)
METRICS = record(
    {
        "durationMs": integer(),
        "utterances": integer(),
        "spoken": integer(),
        "failed": integer(),
        "firstAudioMs": record({"p50": nullable(number()), "p95": nullable(number())}),
        "quality": mapping(_QUALITY),
    },
    title="CallMetrics",
)
STATUS = {"level": one_of(OverloadLevel, "Level"), "lagMs": integer()}
_HISTORY = {"on": boolean(), "consents": array(NAME)}, {"reason": one_of(HistoryOff)}
_INTERPRETATION = record(
    {
        "speaker": NAME,
        "listener": NAME,
        "language": NAME,
        "speech": boolean(),
        "typed": boolean(),
        "spoken": boolean(),
    },
    title="Interpretation",
)
_TRACKS = array(
    record({"mid": NAME, "kind": one_of(TrackKind), "participantId": nullable(NAME)}, title="Track"),
)
_ID = text(longest=LONGEST_ID, shortest=1)
_LANGUAGE = text(longest=LONGEST_LANGUAGE, shortest=1)
_DETECT = lenient({"detect": boolean()})
_HEARTBEAT_ID = {"anyOf": [_ID, integer(least=-MAX_INTEGER)]}
_CANDIDATE = record(
    {"candidate": text(longest=LONGEST_CANDIDATE)},
    lenient({"sdpMid": text(longest=64), "sdpMLineIndex": integer(most=65535)}),
    title="IceCandidate",
)
_ENDINGS = dict.fromkeys(reason for both in REASONS.values() for reason in both)

_FROM_CLIENT = (
    message(
        "join_session",
        "JoinSession",
        {
            "sessionId": _ID,
            "token": text(longest=LONGEST_TOKEN, shortest=1),
            "language": _LANGUAGE,
            "protocol": {"const": 1},
        },
        _DETECT,
    ),
    message("offer", "Offer", {"negotiation": integer(), "sdp": text(longest=LONGEST_SDP)}),
    message("candidate", "Candidate", {"negotiation": integer()}, lenient({"candidate": _CANDIDATE})),
    message("set_language", "SetLanguage", {"language": _LANGUAGE}, _DETECT),
    message("set_voice", "SetVoice", {"voice": text(longest=LONGEST_ID)}),
    message("set_history", "SetHistory", {"on": boolean()}),
    message("admit", "Admit", {"participantId": _ID, "accept": boolean()}),
    message("leave_session", "LeaveSession"),
    message("session_info", "AskSessionInfo"),
    message("heartbeat", "Heartbeat", None, lenient({"id": _HEARTBEAT_ID})),
)

_FROM_SERVER = (
    message(
        "session_joined",
        "SessionJoined",
        {
            "sessionId": NAME,
            "participantId": NAME,
            "language": NAME,
            "partner": nullable(PERSON),
            "iceServers": array(ICE_SERVER),
            "resumeToken": TOKEN,
            "status": one_of(SessionState),
        },
        {"startedAt": TIMESTAMP},
    ),
    message("join_request", "JoinRequest", {"participantId": NAME, "displayName": NAME}),
    message("answer", "Answer", {"negotiation": integer(), "sdp": NAME, "tracks": _TRACKS}),
    message("tracks", "Tracks", {"tracks": _TRACKS}),
    message("session_paired", "SessionPaired", {"partner": PERSON, "startedAt": TIMESTAMP}),
    message("partner_connected", "PartnerConnected", {"participantId": NAME}),
    message("partner_disconnected", "PartnerDisconnected", {"participantId": NAME}, {"reason": NAME}),
    message("partner_language", "PartnerLanguage", {"participantId": NAME, "language": NAME}),
    message("language_detected", "LanguageDetected", {"language": NAME}),
    message("history", "HistoryChanged", *_HISTORY),
    message("viewers", "ViewersChanged", {"count": integer()}),
    message(
        "session_info",
        "SessionInfo",
        {
            "sessionId": NAME,
            "participantId": NAME,
            "status": one_of(SessionState),
            "createdAt": TIMESTAMP,
            "expiresAt": TIMESTAMP,
            "language": NAME,
            "detect": boolean(),
            "voice": NAME,
            "voices": array(VOICE),
            "participants": array(PERSON),
            "interpretation": array(_INTERPRETATION),
            "options": record({"admit": boolean(), "solo": nullable(NAME)}, title="SessionOptions"),
            "history": record(*_HISTORY, title="HistoryState"),
            "viewers": integer(),
            "limits": record(
                {"sessionMs": integer(), "graceMs": integer(), "messageBytes": integer()}, title="SessionLimits"
            ),
        },
        {"startedAt": TIMESTAMP},
    ),
    message("session_ended", "SessionEnded", {"reason": one_of(_ENDINGS, "EndReason"), "metrics": METRICS}),
    message("moved", "Moved", {"wsUrl": WEBSOCKET_URL, "fatal": {"const": False}}),
    message("status", "Status", {**STATUS, "message": NAME, "reason": one_of(StatusReason)}),
    message("error", "SocketError", {"code": one_of(Code), "message": NAME, "fatal": boolean()}),
    message("heartbeat", "HeartbeatAnswer", None, {"id": _HEARTBEAT_ID}),
)

FROM_CLIENT: dict[str, Schema] = {one["properties"]["type"]["const"]: one for one in _FROM_CLIENT}
"""type → schema of each message that a client may send on the WebSocket."""

FROM_SERVER: dict[str, Schema] = {one["properties"]["type"]["const"]: one for one in _FROM_SERVER}
"""type → schema of each message that the server sends on the WebSocket."""
