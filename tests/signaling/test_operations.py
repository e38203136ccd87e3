"""Routes and rows of the table of operations are the same, and the document holds what the rows say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from signaling.config import SignalingOptions
from signaling.http.openapi import document
from signaling.http.operations import OPERATIONS, accounts, oidc
from signaling.http.operations.row import Operation
from signaling.refusal import ANSWERS, Code
from tests.kit.account_server import open_account_front
from tests.kit.contract import UNDOCUMENTED, check_answer, check_channel, check_socket
from tests.kit.scripted_stages import scripted_stages
from tests.kit.signaling_server import GENEROUS, Front, open_front

LATER = frozenset(
    {(row.method, row.path) for row in (*accounts.ROWS, *oidc.ROWS) if row is not accounts.PROVIDERS}
    | {("GET", "/api/v1/users/me/sessions"), ("GET", "/api/v1/users/me/export")}
)
"""Rows whose routes are there only on some servers, and not on this one."""


def unequal(rows: set[tuple[str, str]], routes: set[tuple[str, str]]) -> list[str]:
    """Return what is only a row, or only a route."""
    return [f"{method} {path}" for method, path in sorted(rows ^ routes)]


def routes_of(front: Front) -> set[tuple[str, str]]:
    found = {(one.method, one.resource.canonical) for one in front.app.router.routes() if one.resource is not None}
    return {(method, path) for method, path in found if method != "HEAD"}


def rows() -> set[tuple[str, str]]:
    return {(row.method, row.path) for row in OPERATIONS}


async def test_every_route_has_a_row_and_every_row_a_route() -> None:
    options = SignalingOptions(limits=GENEROUS, operator_token="0123456789abcdef" * 2)
    async with scripted_stages() as stages, open_front(options, engines=stages) as front:
        routes = routes_of(front) | {("GET", "/metrics")}
        assert unequal(rows() - LATER, routes) == []
        assert unequal(rows(), routes | {("GET", "/forgotten")}) == sorted(
            unequal(LATER, {("GET", "/forgotten")}), key=lambda line: line.split()
        )


async def test_a_server_with_accounts_has_their_routes(tmp_path: Path) -> None:
    async with open_account_front(tmp_path) as server:
        own = {(row.method, row.path) for row in (*accounts.ROWS, *oidc.ROWS)}
        assert own <= routes_of(server.front) and own <= rows()


def test_a_name_is_given_once() -> None:
    assert len({row.name for row in OPERATIONS}) == len(OPERATIONS)


async def test_the_document_is_served_for_what_this_server_has() -> None:
    async with open_front() as front:
        async with front.http.get(f"{front.url}/openapi.json") as answer:
            assert (answer.status, answer.content_type) == (200, "application/json")
            served = await answer.json()
        assert "/metrics" not in served["paths"], "its route is added by the whole server"
        for row in OPERATIONS:
            if (row.method, row.path) in routes_of(front):
                assert served["paths"][row.path][row.method.lower()]["operationId"] == row.name
        async with front.http.get(f"{front.url}/openapi.json", headers={"If-None-Match": answer.headers["ETag"]}) as it:
            assert it.status == 304


async def test_below_a_path_the_document_says_where_the_paths_begin() -> None:
    below = SignalingOptions(public_url="https://example.org/call/", limits=GENEROUS)
    async with open_front(below) as front, front.http.get(f"{front.url}/call/openapi.json") as answer:
        served = await answer.json()
    assert served["servers"] == [{"url": "/call"}] and "/api/v1/sessions/join" in served["paths"]


def test_every_schema_of_the_document_is_one() -> None:
    """A schema is of draft 2020-12, which OpenAPI 3.1 takes; and each reference leads somewhere."""
    whole = document(OPERATIONS)
    for schema in schemas_of(whole):
        jsonschema_rs.meta.validate(schema)
    for reference in references_of(whole):
        assert reference.removeprefix("#/components/schemas/") in whole["components"]["schemas"]
    assert any(references_of(whole))


def schemas_of(part: Any) -> list[Any]:
    if isinstance(part, list):
        return [found for one in part for found in schemas_of(one)]
    if not isinstance(part, dict):
        return []
    here = [part["schema"]] if "schema" in part else []
    return here + list(part.get("schemas", {}).values()) + [found for one in part.values() for found in schemas_of(one)]


def references_of(part: Any) -> list[str]:
    if isinstance(part, list):
        return [found for one in part for found in references_of(one)]
    if not isinstance(part, dict):
        return []
    here = [part["$ref"]] if "$ref" in part else []
    return here + [found for one in part.values() for found in references_of(one)]


@pytest.mark.parametrize("row", OPERATIONS, ids=lambda row: row.name)
def test_a_row_is_whole(row: Operation) -> None:
    assert row.answers and row.summary and not row.summary.endswith(".")
    for status, codes in row.by_status.items():
        assert all(ANSWERS[code][0] == status for code in codes)
    assert Code.INTERNAL not in row.refusals, "a defect is promised nowhere"


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("GET", "/api/v1/nothing", 200, {}),
        ("POST", "/api/v1/auth/guest", 200, {}),
        ("POST", "/api/v1/auth/guest", 201, {"userId": "u", "token": "t"}),
        ("POST", "/api/v1/auth/guest", 201, {"userId": "u", "token": "t", "expiresIn": 900, "secret": "s"}),
        ("POST", "/api/v1/auth/guest", 404, {"error": {"code": "not_found", "message": "m"}}),
        ("POST", "/api/v1/sessions/join", 409, {"error": {"code": "gap", "message": "m"}}),
        ("POST", "/api/v1/sessions/join", 500, {"error": {"code": "internal", "message": "m"}}),
        ("GET", "/api/v1/sessions/s_1?x", 404, {"error": {"code": "session_full", "message": "m"}}),
        ("GET", "/health", 200, {"status": "ill"}),
    ],
)
def test_an_undocumented_answer_is_noted(method: str, path: str, status: int, body: Any) -> None:
    check_answer(method, path, status, body)
    assert UNDOCUMENTED
    UNDOCUMENTED.clear()


def test_an_undocumented_message_is_noted() -> None:
    for judge, message in (
        (check_socket, {"type": "news"}),
        (check_socket, {"type": "tracks", "tracks": [{"mid": "0", "kind": "noise", "participantId": None}]}),
        (check_socket, {"type": "partner_connected", "participantId": "p", "address": "192.0.2.1"}),
        (check_channel, {"type": "processing_end", "utteranceId": "u"}),
        (check_channel, {"type": "status", "seq": 1, "level": "fine", "lagMs": 0}),
    ):
        judge(message)
        assert UNDOCUMENTED, message
        UNDOCUMENTED.clear()
    check_socket({"type": "partner_connected", "participantId": "p"})
    check_channel(json.loads('{"type": "processing_end", "seq": 7, "utteranceId": "u"}'))
    check_answer("GET", "/api/v1/nothing", 404, {"error": {"code": "not_found", "message": "m"}})
    assert not UNDOCUMENTED
