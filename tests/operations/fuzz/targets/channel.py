"""Messages of a client on its subtitles channel."""

from __future__ import annotations

import json

from media.subtitles.client_messages import BadMessage, parse
from tests.operations.fuzz.target import Target, plain
from tests.operations.fuzz.words import NUMBERS


def run(data: bytes) -> None:
    """Read a message as it comes out of SCTP: the first bit says whether it came as text."""
    if data[:1] > b"\x7f":
        parse(data[1:])
    else:
        parse(data[1:].decode("utf-8"))


SEEDS = [
    {"type": "resume", "lastSeq": 12},
    {"type": "end_utterance"},
    {"type": "start_over"},
    {"type": "typing", "on": True},
    {"type": "say", "text": "Wo ist\u200d der Bahnhof?", "clientId": "a-1"},
    {"type": "set_language", "language": "pt-BR", "detect": True},
    {"type": "client_stats", "rttMs": 12.5, "jitterMs": 1e3, "packetsLost": -1, "heardLatencyMs": 7},
]

TARGET = Target(
    "channel",
    plain(run),
    (BadMessage, UnicodeDecodeError),
    [b"\x00" + json.dumps(one).encode() for one in SEEDS],
    [
        *(b'"say"', b'"resume"', b'"client_stats"', b'"text"', b'"clientId"', b'"lastSeq"', b'"rttMs"', b"1e308"),
        *(b"null", b"Infinity", b"[" * 64, b'{"a":' * 64, *NUMBERS, b"\\ud800", b"\\u202e", b"\\u0000"),
    ],
    quick=1500,
)
