"""Every message and every body: what is read, and what is refused with which field named."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.http.bodies import CreateSession, Guest, JoinByCode, create_session, guest, join_by_code
from signaling.refusal import Code, Refusal
from signaling.websocket.client_messages import (
    Admit,
    Candidate,
    Heartbeat,
    JoinSession,
    LeaveSession,
    Message,
    Offer,
    SessionInfo,
    SetHistory,
    SetLanguage,
    SetVoice,
    parse,
)

JOIN = {"type": "join_session", "sessionId": "s", "token": "t", "language": "en", "protocol": 1}
LINE = {"candidate": "candidate:1 1 udp 1 192.0.2.1 9 typ host", "sdpMid": "0", "sdpMLineIndex": 0}

UNDERSTOOD: list[tuple[dict[str, Any], Message]] = [
    (JOIN, JoinSession("s", "t", "en")),
    ({**JOIN, "colour": "red", "nested": {"deep": [1]}}, JoinSession("s", "t", "en")),
    ({"type": "offer", "negotiation": 0, "sdp": "v=0"}, Offer(0, "v=0")),
    ({"type": "offer", "negotiation": 0, "sdp": ""}, Offer(0, "")),  # the room says bad_sdp
    ({"type": "offer", "negotiation": 2**53 - 1, "sdp": "é❤"}, Offer(2**53 - 1, "é❤")),
    ({"type": "candidate", "negotiation": 1, "candidate": LINE}, Candidate(1, dict(LINE))),
    ({"type": "candidate", "negotiation": 1, "candidate": None}, Candidate(1, None)),
    ({"type": "candidate", "negotiation": 1}, Candidate(1, None)),
    ({"type": "candidate", "negotiation": 1, "candidate": {**LINE, "candidate": ""}}, Candidate(1, None)),
    (
        {"type": "candidate", "negotiation": 1, "candidate": {"candidate": "x", "sdpMid": None}},
        Candidate(1, {"candidate": "x", "sdpMid": None, "sdpMLineIndex": None}),
    ),
    ({"type": "set_language", "language": "pt-BR"}, SetLanguage("pt-BR")),
    ({"type": "set_language", "language": "pt-BR", "detect": False}, SetLanguage("pt-BR")),
    ({"type": "set_language", "language": "pt-BR", "detect": True}, SetLanguage("pt-BR", detect=True)),
    ({**JOIN, "detect": True}, JoinSession("s", "t", "en", detect=True)),
    ({"type": "set_voice", "voice": "ana"}, SetVoice("ana")),
    ({"type": "set_voice", "voice": ""}, SetVoice("")),
    ({"type": "set_history", "on": True}, SetHistory(True)),
    ({"type": "admit", "participantId": "p", "accept": False}, Admit("p", False)),
    ({"type": "leave_session"}, LeaveSession()),
    ({"type": "session_info"}, SessionInfo()),
    ({"type": "heartbeat"}, Heartbeat()),
    ({"type": "heartbeat", "id": "a"}, Heartbeat("a")),
    ({"type": "heartbeat", "id": -7}, Heartbeat(-7)),
]

# (message, the field that the refusal names)
REFUSED: list[tuple[dict[str, Any], str]] = [
    ({}, "type"),
    ({"type": 5}, "type"),
    ({"type": ""}, "type"),
    ({"type": ["offer"]}, "type"),
    ({**JOIN, "protocol": 2}, "protocol"),
    ({**JOIN, "protocol": True}, "protocol"),
    ({**JOIN, "protocol": 1.0}, "protocol"),
    ({**JOIN, "protocol": "1"}, "protocol"),
    ({**JOIN, "sessionId": None}, "sessionId"),
    ({**JOIN, "sessionId": ""}, "sessionId"),
    ({**JOIN, "sessionId": "x" * 129}, "sessionId"),
    ({**JOIN, "token": {}}, "token"),
    ({**JOIN, "token": "x" * 4097}, "token"),
    ({**JOIN, "language": 5}, "language"),
    ({**JOIN, "language": "\ud800"}, "language"),
    ({"type": "offer", "negotiation": -1, "sdp": "v"}, "negotiation"),
    ({"type": "offer", "negotiation": 2**53, "sdp": "v"}, "negotiation"),
    ({"type": "offer", "negotiation": 10**400, "sdp": "v"}, "negotiation"),
    ({"type": "offer", "negotiation": True, "sdp": "v"}, "negotiation"),
    ({"type": "offer", "negotiation": 1.5, "sdp": "v"}, "negotiation"),
    ({"type": "offer", "sdp": "v"}, "negotiation"),
    ({"type": "offer", "negotiation": 1}, "sdp"),
    ({"type": "offer", "negotiation": 1, "sdp": None}, "sdp"),
    ({"type": "offer", "negotiation": 1, "sdp": "a\udfff"}, "sdp"),
    ({"type": "offer", "negotiation": 1, "sdp": "x" * 65_537}, "sdp"),
    ({"type": "candidate", "candidate": None}, "negotiation"),
    ({"type": "candidate", "negotiation": 1, "candidate": "text"}, "candidate"),
    ({"type": "candidate", "negotiation": 1, "candidate": {}}, "candidate.candidate"),
    ({"type": "candidate", "negotiation": 1, "candidate": {**LINE, "candidate": 5}}, "candidate.candidate"),
    ({"type": "candidate", "negotiation": 1, "candidate": {**LINE, "sdpMid": 0}}, "candidate.sdpMid"),
    ({"type": "candidate", "negotiation": 1, "candidate": {**LINE, "sdpMLineIndex": "0"}}, "candidate.sdpMLineIndex"),
    ({"type": "candidate", "negotiation": 1, "candidate": {**LINE, "sdpMLineIndex": -1}}, "candidate.sdpMLineIndex"),
    ({"type": "set_language"}, "language"),
    ({"type": "set_language", "language": "en", "detect": "yes"}, "detect"),
    ({**JOIN, "detect": 1}, "detect"),
    ({"type": "set_voice", "voice": 1}, "voice"),
    ({"type": "set_history", "on": 1}, "on"),
    ({"type": "set_history", "on": "true"}, "on"),
    ({"type": "admit", "participantId": "p"}, "accept"),
    ({"type": "admit", "participantId": 1, "accept": True}, "participantId"),
    ({"type": "heartbeat", "id": {}}, "id"),
    ({"type": "heartbeat", "id": True}, "id"),
    ({"type": "heartbeat", "id": 10**400}, "id"),
]

NOT_MESSAGES = [
    "",
    "{",
    "[]",
    "7",
    "null",
    '"text"',
    '{"type": NaN}',
    '{"type": "heartbeat", "id": Infinity}',
    '{"type": "offer", "negotiation": ' + "9" * 5000 + ', "sdp": "v"}',
    "[" * 200_000,
    '{"type":' * 50_000,
    '{"type": "heartbeat"} trailing',
]


@pytest.mark.parametrize(("message", "expected"), UNDERSTOOD)
def test_understood(message: dict[str, Any], expected: Message) -> None:
    assert parse(json.dumps(message)) == expected


@pytest.mark.parametrize(("message", "field"), REFUSED)
def test_wrong_fields_are_named(message: dict[str, Any], field: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(json.dumps(message))
    assert caught.value.code is Code.BAD_REQUEST
    assert caught.value.details == {"field": field}
    assert caught.value.message.startswith(field)


@pytest.mark.parametrize("text", NOT_MESSAGES, ids=range(len(NOT_MESSAGES)))
def test_what_is_no_json_object_is_a_bad_request(text: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(text)
    assert caught.value.code is Code.BAD_REQUEST


@pytest.mark.parametrize("kind", ["dance", "Offer", "__class__", "\ud800x", "subtitles"])
def test_unknown_types(kind: str) -> None:
    with pytest.raises(Refusal) as caught:
        parse(json.dumps({"type": kind}))
    surrogate = "\ud800" in kind
    assert caught.value.code is (Code.BAD_REQUEST if surrogate else Code.UNKNOWN_TYPE)
    json.dumps(caught.value.as_json()).encode()


def outcome(text: str) -> str:
    """The name of the message that was read, or the code of the refusal."""
    try:
        return type(parse(text)).__name__
    except Refusal as refusal:
        return refusal.code


@given(st.text())
def test_any_text_is_a_message_or_refused(text: str) -> None:
    assert outcome(text) in (Code.BAD_REQUEST, Code.UNKNOWN_TYPE)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)
KINDS = sorted({message["type"] for message, _ in UNDERSTOOD})
NAMES = ["sessionId", "token", "language", "protocol", "negotiation", "sdp", "candidate", "voice", "on", "id"]


@given(st.sampled_from(KINDS), st.dictionaries(st.sampled_from([*NAMES, "participantId", "accept"]), JSON))
def test_any_fields_are_read_or_refused(kind: str, fields: dict[str, Any]) -> None:
    read = outcome(json.dumps({**fields, "type": kind}))
    assert read in (Code.BAD_REQUEST, "".join(part.title() for part in kind.split("_")))


def body(**fields: object) -> bytes:
    return json.dumps(fields).encode()


@pytest.mark.parametrize(
    ("read", "data", "expected"),
    [
        (guest, b"", Guest("Guest")),
        (guest, b"  \n", Guest("Guest")),
        (guest, b"{}", Guest("Guest")),
        (guest, body(displayName="  "), Guest("Guest")),
        (guest, body(displayName=" Ana "), Guest("Ana")),
        (guest, body(displayName="👩‍👩‍👧 Zoë"), Guest("👩‍👩‍👧 Zoë")),
        (guest, body(displayName="x" * 64), Guest("x" * 64)),
        (guest, body(displayName="می\u200cخواهم"), Guest("می\u200cخواهم")),
        (guest, body(displayName="\u200d\u3164 \u2800"), Guest("Guest")),
        (create_session, body(language="en"), CreateSession("en", False)),
        (create_session, body(language="en", options={}), CreateSession("en", False)),
        (create_session, body(language="en", options={"admit": True}), CreateSession("en", True)),
        (create_session, body(language="en", options=None), CreateSession("en", False)),
        (join_by_code, body(sessionCode="123456", language="es"), JoinByCode("123456", "es")),
        (join_by_code, body(sessionCode=" 123-456 ", language="es"), JoinByCode("123456", "es")),
    ],
)
def test_bodies_are_read(read: Any, data: bytes, expected: object) -> None:
    assert read(data) == expected


@pytest.mark.parametrize(
    ("read", "data"),
    [
        (guest, b"[]"),
        (guest, b"\xff\xfe"),
        (guest, body(displayName=7)),
        (guest, body(displayName="x" * 65)),
        (guest, body(displayName="👩" * 33)),
        (guest, body(displayName="a\nb")),
        (guest, body(displayName="a\u202eb")),
        (guest, body(displayName="a\u200bb")),
        (guest, body(displayName="a\u200fb")),
        (guest, body(displayName="\udc00")),
        (create_session, b""),
        (create_session, b"{}"),
        (create_session, body(language=5)),
        (create_session, body(language="en", options=1)),
        (create_session, body(language="en", options={"admit": 1})),
        (join_by_code, body(language="es")),
        (join_by_code, body(sessionCode=123456, language="es")),
        (join_by_code, body(sessionCode="1" * 33, language="es")),
        (join_by_code, body(sessionCode="123456")),
    ],
)
def test_bodies_are_refused(read: Any, data: bytes) -> None:
    with pytest.raises(Refusal) as caught:
        read(data)
    assert caught.value.code is Code.BAD_REQUEST
