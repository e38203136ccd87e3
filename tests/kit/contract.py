"""Judges what a server sends by the tables of operations and messages: the tests' clients call it as they receive.

A member that no schema has is undocumented, too. Nothing is raised, since a client's callback may swallow it: each
problem goes into `UNDOCUMENTED`, and tests/conftest.py fails the test.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs

from media.subtitles import message_schemas as channel
from signaling.http.operations import OPERATIONS
from signaling.http.operations.row import Operation
from signaling.websocket import message_schemas as socket
from wire.json_schema import Schema, closed

WRONG_METHOD = {
    "type": "object",
    "required": ["error"],
    "properties": {"error": {"properties": {"code": {"const": "bad_request"}}, "required": ["code", "message"]}},
}
NOTHING_THERE = json.loads(json.dumps(WRONG_METHOD).replace("bad_request", "not_found"))


UNDOCUMENTED: list[str] = []
"""Problems of the running test: answers and messages that no document has."""


def check_answer(method: str, path: str, status: int, body: Any, content_type: str = "application/json") -> None:
    """Judge an answer by its operation's row. `path` has no prefix; `body` is the JSON value where it is JSON."""
    path = path.partition("?")[0]
    row = _row(method, path)
    if row is None:
        if path.startswith("/api/"):
            schema = {404: NOTHING_THERE, 405: WRONG_METHOD}.get(status)
            where = f"{method} {path}, without a row in signaling/http/operations: {status}"
            _judge(schema, body, where) if schema else _note(where, body)
        return
    where = f"{method} {row.path}: {status}"
    if status not in row.answers and status not in row.by_status:
        _note(f"{where} is not in its row in signaling/http/operations", body)
        return
    kinds = row.answers[status].media_types if status in row.answers else ("application/json",)
    if kinds and content_type not in kinds:
        _note(f"{where} has the type {content_type}, not {kinds}", "")
    elif content_type == "application/json":
        _judge(row.schema_of(status), body, where)


def check_socket(message: Any) -> None:
    """Judge a message that the WebSocket brought to a client."""
    _check_message(socket.FROM_SERVER, message, "the WebSocket")


def check_channel(message: Any) -> None:
    """Judge a message that the subtitles channel brought to a client."""
    _check_message(channel.FROM_SERVER, message, "the subtitles channel")


def check_request(channel_name: str, message: Any) -> None:
    """Judge a message that a client of ours sent on the `socket` or the `channel`."""
    table = {"socket": socket.FROM_CLIENT, "channel": channel.FROM_CLIENT}[channel_name]
    _check_message(table, message, f"a client of ours, on the {channel_name}")


def channel_message(text: str | bytes) -> dict[str, Any]:
    """Return the message of a text that the subtitles channel brought, once it is judged."""
    message: dict[str, Any] = json.loads(text)
    check_channel(message)
    return message


def _check_message(table: dict[str, Schema], message: Any, where: str) -> None:
    schema = table.get(message.get("type"))
    if schema is None:
        _note(f"{where} has no such message", message)
    else:
        _judge(schema, message, f"{where}, {message['type']}")


def _judge(schema: Schema | None, value: Any, where: str) -> None:
    """Note each error of `value`. A schema is compiled once, by the place where it stands."""
    if schema is None:
        return
    if where not in _validators:
        _validators[where] = jsonschema_rs.Draft202012Validator(closed(schema))
    for problem in _validators[where].iter_errors(value):
        _note(f"{where}: {problem.message} at {problem.instance_path}", value)


def _note(problem: str, value: Any) -> None:
    UNDOCUMENTED.append(f"{problem}: {value}")


_validators: dict[str, jsonschema_rs.Draft202012Validator] = {}


@cache
def _row(method: str, path: str) -> Operation | None:
    return next((row for row in OPERATIONS if row.method == method and _shape(row.path).fullmatch(path)), None)


@cache
def _shape(path: str) -> re.Pattern[str]:
    return re.compile("".join("[^/]+" if part.startswith("{") else re.escape(part) for part in _parts(path)))


def _parts(path: str) -> list[str]:
    return re.split(r"(\{[^}]+\})", path)
