"""Messages of clients on the subtitles channel: exactly the protocol's, and BadMessage for all else."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.subtitles.client_messages import (
    MAX_MESSAGE,
    MAX_TYPED,
    BadMessage,
    ClientStats,
    EndUtterance,
    Resume,
    Say,
    SetLanguage,
    StartOver,
    Typing,
    parse,
)
from tests.kit.extent import extent

CODES = {"bad_request", "unknown_type", "too_large"}


def refusal(data: str | bytes) -> str:
    with pytest.raises(BadMessage) as bad:
        parse(data)
    return bad.value.code


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"type": "resume", "lastSeq": 0}, Resume(0)),
        ({"type": "resume", "lastSeq": 41, "future": {}}, Resume(41)),
        ({"type": "end_utterance"}, EndUtterance()),
        ({"type": "start_over"}, StartOver()),
        ({"type": "typing", "on": True, "text": "nobody's affair"}, Typing(True)),
        ({"type": "typing", "on": False}, Typing(False)),
        ({"type": "say", "text": "Hola", "clientId": "c-1"}, Say("Hola", "c-1")),
        ({"type": "say", "text": " two\nlines\t"}, Say("two lines", None)),
        ({"type": "say", "text": "a\x00b\x1bc\u202ed"}, Say("a b cd", None)),
        ({"type": "say", "text": "\U0001f468\u200d\U0001f469"}, Say("\U0001f468\u200d\U0001f469", None)),
        ({"type": "say", "text": "می\u200cخواهم"}, Say("می\u200cخواهم", None)),
        ({"type": "say", "text": "x" * MAX_TYPED}, Say("x" * MAX_TYPED, None)),
        ({"type": "set_language", "language": "pt-BR"}, SetLanguage("pt-BR")),
        ({"type": "set_language", "language": "pt-BR", "detect": True}, SetLanguage("pt-BR", detect=True)),
        ({"type": "set_language", "language": "pt-BR", "detect": None}, SetLanguage("pt-BR")),
        ({"type": "client_stats", "rttMs": 12, "packetsLost": 3.0}, ClientStats(rtt_ms=12.0, packets_lost=3.0)),
        ({"type": "client_stats", "jitterMs": 10**400, "concealedMs": -1e300}, ClientStats(None, 1e9, None, -1e9)),
    ],
)
def test_messages_of_the_protocol(fields: dict, message: object) -> None:
    assert parse(json.dumps(fields)) == message


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ("", "bad_request"),
        ("null", "bad_request"),
        ("[]", "bad_request"),
        ("{}", "bad_request"),
        ('{"type": 5}', "bad_request"),
        ('{"type": "resume"', "bad_request"),
        ("[" * 30_000, "bad_request"),
        (b'{"type": "end_utterance"}', "bad_request"),
        ('{"type": "fly"}', "unknown_type"),
        ('{"type": "\\ud800"}', "unknown_type"),
        ('{"type": "resume"}', "bad_request"),
        ('{"type": "resume", "lastSeq": true}', "bad_request"),
        ('{"type": "resume", "lastSeq": 1.0}', "bad_request"),
        ('{"type": "resume", "lastSeq": -1}', "bad_request"),
        ('{"type": "resume", "lastSeq": 9007199254740992}', "bad_request"),
        ('{"type": "typing"}', "bad_request"),
        ('{"type": "typing", "on": 1}', "bad_request"),
        ('{"type": "say"}', "bad_request"),
        ('{"type": "say", "text": ""}', "bad_request"),
        ('{"type": "say", "text": " \\u0000\\u200d "}', "bad_request"),
        ('{"type": "say", "text": ["x"]}', "bad_request"),
        ('{"type": "say", "text": "x", "clientId": 7}', "bad_request"),
        ('{"type": "say", "text": "x", "clientId": "\\ud800"}', "bad_request"),  # could not be sent back
        (json.dumps({"type": "say", "text": "x", "clientId": "x" * 129}), "bad_request"),
        (json.dumps({"type": "say", "text": "x" * (MAX_TYPED + 1)}), "too_large"),
        ('{"type": "set_language"}', "bad_request"),
        ('{"type": "set_language", "language": "en", "detect": "yes"}', "bad_request"),
        ('{"type": "set_language", "language": "en", "detect": 0}', "bad_request"),
        ('{"type": "set_language", "language": "english please"}', "bad_request"),
        ('{"type": "client_stats", "rttMs": "12"}', "bad_request"),
        ('{"type": "client_stats", "rttMs": NaN}', "bad_request"),
        ('{"type": "client_stats", "rttMs": 1e999}', "bad_request"),
        ('{"type": "client_stats", "rttMs": false}', "bad_request"),
        ('{"type": "end_utterance", "future": NaN}', "bad_request"),  # RFC 8259 knows no such number
        ("x" * (MAX_MESSAGE + 1), "too_large"),
        ("é" * (MAX_MESSAGE // 2 + 1), "too_large"),
        (bytes(MAX_MESSAGE + 1), "too_large"),
    ],
)
def test_what_is_refused(data: str | bytes, code: str) -> None:
    assert refusal(data) == code


names = st.sampled_from(["type", "lastSeq", "text", "clientId", "language", "rttMs", "heardLatencyMs", "x"])
values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(["resume", "end_utterance", "start_over", "say", "set_language", "client_stats", "en"])
    | st.sampled_from([10**400, -(10**400)]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=extent(200, 20_000), deadline=None)
@given(
    st.sampled_from(["resume", "end_utterance", "start_over", "say", "set_language", "client_stats", "?"]),
    st.dictionaries(names, values),
)
def test_any_message_is_understood_or_refused(kind: str, fields: dict) -> None:
    check(json.dumps({**fields, "type": kind}))


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_any_data_is_understood_or_refused(data: str | bytes) -> None:
    check(data)


def check(data: str | bytes) -> None:
    try:
        message = parse(data)
    except BadMessage:
        assert refusal(data) in CODES
        return
    if isinstance(message, Say):
        # whatever is understood can be sent on to both ears
        json.dumps([message.text, message.client_id], ensure_ascii=False).encode()
        assert 0 < len(message.text) <= MAX_TYPED
