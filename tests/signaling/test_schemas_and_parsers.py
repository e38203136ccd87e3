"""A parser takes a body or a message exactly if its schema does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from media.subtitles import client_messages as channel
from media.subtitles import message_schemas as channel_schemas
from signaling.http import bodies
from signaling.http.accounts import bodies as accounts
from signaling.http.accounts import oidc
from signaling.http.operations import OPERATIONS
from signaling.http.operations.row import JSON
from signaling.http.operator import bodies as operator
from signaling.refusal import Refusal
from signaling.websocket import client_messages as socket
from signaling.websocket import message_schemas as socket_schemas
from tests.kit.extent import extent
from tests.kit.schema_values import almost_right, judge, right
from wire.json_schema import Schema, nullable, record, text

PARSERS: dict[str, Callable[[bytes], Any]] = {
    "GuestRequest": bodies.guest,
    "CreateSessionRequest": bodies.create_session,
    "JoinSessionRequest": bodies.join_by_code,
    "RegisterRequest": accounts.new_person,
    "LoginRequest": accounts.credentials,
    "RefreshRequest": accounts.refresh_token,
    "VerifyRequest": accounts.followed_link,
    "ForgotRequest": accounts.email,
    "ResetRequest": accounts.reset,
    "ProfileRequest": accounts.wishes,
    "DeleteAccountRequest": accounts.own_password,
    "ExchangeRequest": oidc._code,
    "TranslateRequest": operator.translate,
    "SynthesizeRequest": operator.synthesize,
    "TranscribeRequest": operator.transcribe,
    "PostedMessage": lambda body: socket.parse(body.decode()),
}
"""Title of a body's schema → the parser of that body."""
ONCE = settings(phases=[Phase.generate], deadline=None, database=None, suppress_health_check=list(HealthCheck))
"""A wrong value is shown as it was found: most are small."""
EXAMPLES = extent(20, 2000)
SCHEMAS: dict[str, Schema] = {
    row.body["title"]: row.body for row in OPERATIONS if row.body is not None and row.body_type == JSON
}
"""Bodies of JSON; an SDP has fuzzers of its own."""


def accepts(parse: Callable[..., Any], given: str | bytes) -> bool:
    try:
        parse(given)
    except (Refusal, channel.BadMessage):
        return False
    return True


def test_each_body_has_a_parser_here() -> None:
    assert SCHEMAS.keys() == PARSERS.keys()


def test_each_message_of_a_client_has_a_schema() -> None:
    assert socket_schemas.FROM_CLIENT.keys() == socket._READERS.keys()


CASES = [
    *[pytest.param(schema, PARSERS.get(title), id=title) for title, schema in SCHEMAS.items()],
    *[pytest.param(schema, socket.parse, id=f"socket {kind}") for kind, schema in socket_schemas.FROM_CLIENT.items()],
    *[pytest.param(one, channel.parse, id=f"channel {kind}") for kind, one in channel_schemas.FROM_CLIENT.items()],
]


def compare(schema: Schema, parse: Callable[..., Any], examples: int = EXAMPLES) -> None:
    """Assert that `parse` takes a value exactly if `schema` does."""
    is_right = judge(schema)

    @settings(ONCE, max_examples=examples)
    @given(right(schema) | almost_right(schema))
    def agree(value: Any) -> None:
        written = json.dumps(value)
        if len(written) > 60_000 or _is_of_another_type(value, schema):
            return
        data = written.encode() if parse in PARSERS.values() else written
        assert accepts(parse, data) == is_right(value), value

    agree()


@pytest.mark.parametrize(("schema", "parse"), CASES)
def test_a_parser_takes_what_its_schema_takes(schema: Schema, parse: Callable[..., Any]) -> None:
    compare(schema, parse)


@pytest.mark.parametrize(
    "wrong",
    [
        record({"language": text(longest=36, shortest=1)}),
        record({"language": {"type": "string", "maxLength": 35, "minLength": 1}}),
        record({"language": nullable(text(longest=35, shortest=1))}),
        record({}, {"language": text(longest=35, shortest=1)}),
        record({"language": text(longest=35, shortest=1)}, {"options": {}}),
    ],
    ids=["longer", "code points", "null", "optional", "anything"],
)
def test_a_schema_that_differs_from_its_parser_is_found(wrong: Schema) -> None:
    with pytest.raises(AssertionError):
        compare(wrong, bodies.create_session, 200)


def _is_of_another_type(value: Any, schema: Schema) -> bool:
    """True for a message that another row of its table judges."""
    kind = schema.get("properties", {}).get("type")
    return kind is not None and value.get("type") != kind["const"]


@given(st.text(max_size=20).filter(lambda kind: kind not in channel_schemas.FROM_CLIENT))
@settings(ONCE, max_examples=EXAMPLES)
def test_a_channel_message_without_a_schema_is_refused(kind: str) -> None:
    assert not accepts(channel.parse, json.dumps({"type": kind}))
