"""Messages of a client on the WebSocket, and the SDP and the candidates that they carry."""

from __future__ import annotations

import json

from media.events import OfferRefused
from media.webrtc.sdp_offer import parse_candidate, parse_offer
from signaling.refusal import Refusal
from signaling.websocket.client_messages import Candidate, Offer, parse
from tests.kit.sdp_offers import chromium
from tests.operations.fuzz.target import Target, plain
from tests.operations.fuzz.words import NUMBERS


def run(data: bytes) -> None:
    """Read a message as a socket's task does; aiohttp itself closes a socket on which text is not UTF-8."""
    match parse(data.decode("utf-8")):
        case Offer(_, sdp):
            parse_offer(sdp)
        case Candidate(_, dict(fields)):
            parse_candidate(str(fields["candidate"]))


LINE = "candidate:1 1 udp 2130706431 192.0.2.7 46243 typ host"
SEEDS = [
    {"type": "join_session", "protocol": 1, "sessionId": "s", "token": "t.t.t", "language": "en-GB", "detect": True},
    {"type": "offer", "negotiation": 1, "sdp": chromium()},
    {"type": "candidate", "negotiation": 1, "candidate": {"candidate": LINE, "sdpMid": "0", "sdpMLineIndex": 0}},
    {"type": "candidate", "negotiation": 1, "candidate": None},
    {"type": "set_language", "language": "es", "detect": False},
    {"type": "set_voice", "voice": ""},
    {"type": "set_history", "on": True},
    {"type": "admit", "participantId": "p", "accept": False},
    {"type": "leave_session"},
    {"type": "session_info"},
    {"type": "heartbeat", "id": -9007199254740991},
]

TARGET = Target(
    "messages",
    plain(run),
    (Refusal, OfferRefused, UnicodeDecodeError, ValueError),
    [json.dumps(one).encode() for one in SEEDS],
    [
        *(b'"type"', b'"offer"', b'"candidate"', b'"join_session"', b'"heartbeat"', b'"negotiation"', b'"protocol"'),
        *(b"null", b"true", b"-0", b"NaN", b"[" * 64, b'{"a":' * 64, *NUMBERS, b"\\ud800", b"\xff"),
    ],
    quick=1500,
)
