"""Writes the OpenAPI 3.1 document from the table of operations. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from signaling.http.operations.row import JSON, Access, Answer, Operation, refusal
from signaling.refusal import Code
from wire.json_schema import Schema, referring

VERSION = "1.0.0"
"""Version of the wire protocol: it may grow, and is never broken."""
_PLACE = "#/components/schemas/"
_RETRY_AFTER = {"Retry-After": {"description": "seconds", "schema": {"type": "integer", "minimum": 1}}}
_WAITING = (423, 429, 503)
_SECURITY = {
    Access.PERSON: ("accessToken",),
    Access.PARTICIPANT: ("accessToken", "resumeToken"),
    Access.VIEWER: ("viewerToken",),
    Access.OPERATOR: ("operatorToken",),
}
_BEARER = "Authorization: Bearer …; never in the URL"
_SCHEMES = {
    "accessToken": f"The token of a guest or a user, good for 15 minutes. {_BEARER}",
    "resumeToken": f"`resumeToken` of `session_joined`, good while the session lives. {_BEARER}",
    "viewerToken": f"`token` of `POST /sessions/{{session}}/viewers`, good while the session lives. {_BEARER}",
    "operatorToken": f"DRAGOMAN_OPERATOR_TOKEN of the server. {_BEARER}",
}


def document(rows: Iterable[Operation], base: str = "/") -> dict[str, Any]:
    """Return the document of `rows` for a server whose paths begin at `base`."""
    components: dict[str, Schema] = {}
    paths: dict[str, dict[str, Any]] = {}
    schemes: dict[str, str] = {}
    for row in rows:
        paths.setdefault(row.path, {})[row.method.lower()] = _operation(row, components)
        schemes |= {name: _SCHEMES[name] for name in _SECURITY.get(row.access, ())}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Dragoman",
            "version": VERSION,
            "summary": "Calls between two people who speak different languages",
            "description": "Unknown members are ignored. Every refusal has a `code` of a closed set; docs/protocol.md "
            "says what each means. A path without the method that was asked for answers 405 `bad_request`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                name: {"type": "http", "scheme": "bearer", "description": text} for name, text in schemes.items()
            },
        },
    }


def _operation(row: Operation, components: dict[str, Schema]) -> dict[str, Any]:
    found: dict[str, Any] = {"operationId": row.name, "summary": row.summary, "tags": [row.group]}
    parameters = [
        {"name": one.removesuffix("}").removeprefix("{"), "in": "path", "required": True, "schema": {"type": "string"}}
        for one in row.path.split("/")
        if one.startswith("{")
    ]
    parameters += [
        {"name": one.name, "in": "query", "description": one.text, "schema": referring(one.schema, components, _PLACE)}
        for one in row.query
    ]
    if parameters:
        found["parameters"] = parameters
    if row.access in _SECURITY:
        found["security"] = [{scheme: []} for scheme in _SECURITY[row.access]]
    if row.body is not None:
        content = {row.body_type: {"schema": referring(row.body, components, _PLACE)}}
        found["requestBody"] = {"required": not row.body_may_be_empty, "content": content}
    answers = {status: _answer(one, components) for status, one in row.answers.items()}
    for status, codes in row.by_status.items():
        answers.setdefault(status, _refusal(status, codes, components))
    found["responses"] = {str(status): answers[status] for status in sorted(answers)}
    return found


def _answer(answer: Answer, components: dict[str, Schema]) -> dict[str, Any]:
    found: dict[str, Any] = {"description": answer.text}
    if answer.headers:
        found["headers"] = {name: {"schema": {"type": "string"}} for name in answer.headers}
    schema = {} if answer.schema is None else {"schema": referring(answer.schema, components, _PLACE)}
    if answer.media_types:
        found["content"] = {kind: schema for kind in answer.media_types}
    return found


def _refusal(status: int, codes: tuple[Code, ...], components: dict[str, Schema]) -> dict[str, Any]:
    found: dict[str, Any] = {"description": ", ".join(f"`{code}`" for code in codes)}
    if status in _WAITING:
        found["headers"] = _RETRY_AFTER
    found["content"] = {JSON: {"schema": referring(refusal(codes), components, _PLACE)}}
    return found
