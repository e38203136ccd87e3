"""A real server is asked what its own document allows, and what it does not: it answers nothing undocumented."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from signaling.http.operations import OPERATIONS
from tests.kit.contract import check_answer
from tests.kit.extent import extent
from tests.kit.server_process import UNLIMITED, Server

CHECKS = [
    status_code_conformance,
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
]
schemathesis.serializer.alias("application/sdp", "text/plain")
EXAMPLES = extent(6, 1000)
GOOD = {"language": "en", "source": "en", "target": "es", "text": "tone 440", "email": "ana@example.org"}
"""Values that random texts never hit."""
OPERATOR = "0123456789abcdef0123456789abcdef"
PERSON = {
    "username": "Ana",
    "email": "ana@example.org",
    "password": "four old bicycles in the rain",
    "preferredLanguage": "es",
}
TIMEOUT_S = 20


class Asked:
    """A server, the tokens that its users have, and how often each status came."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.http = requests.Session()
        self.guest = self._post("/auth/guest", {})["token"]
        other = self._post("/auth/guest", {})["token"]
        made = self._post("/sessions/create", {"language": "en"}, self.guest)
        self.session, code = made["sessionId"], made["sessionCode"]
        self._post("/sessions/join", {"sessionCode": code, "language": "es"}, other)
        self.user = self._post("/auth/register", PERSON)["token"]
        self.tokens = [self.guest, OPERATOR, self.user, other, "", "x.y.z"]
        self.statuses: dict[str, Counter[int]] = {}

    def _post(self, path: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.http.post(f"{self.url}/api/v1{path}", json=body, headers=headers, timeout=TIMEOUT_S)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json()
        return found


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """A server with the scripted engines, and no limits but those of sizes."""
    folder = tmp_path_factory.mktemp("asked")
    with Server(
        folder, accounts=True, **UNLIMITED, DRAGOMAN_MODELS="scripted", DRAGOMAN_OPERATOR_TOKEN=OPERATOR
    ) as server:
        asked = Asked(server.url)
        yield asked
        assert "Traceback" not in server.log, server.log
        asked.http.close()


def test_each_operation_answers_what_its_row_says(asked: Asked) -> None:
    operations = operations_of(asked)
    served = {(one.method.upper(), one.path) for one in operations}
    assert served <= {(row.method, row.path) for row in OPERATIONS} and ("POST", "/api/v1/translate") in served
    for operation in operations:
        if operation.method == "delete" or streams(operation):
            continue  # one ends the session that the others ask for, and the other does not end
        ask(asked, operation, EXAMPLES)
    came = {status for counted in asked.statuses.values() for status in counted}
    assert came >= {200, 201, 400, 401, 404, 422}, asked.statuses
    assert 429 not in came, "every limit of a rate is off"


def test_ends_are_answered_as_documented(asked: Asked) -> None:
    for operation in operations_of(asked):
        if operation.method == "delete":
            ask(asked, operation, EXAMPLES)


def streams(operation: Any) -> bool:
    """True where the answer has no end of its own."""
    return "text/event-stream" in str(operation.definition.raw["responses"])


def operations_of(asked: Asked) -> list[Any]:
    """Return the operations of the served document. Tokens are up to us, so it says nothing of them here."""
    document = asked.http.get(f"{asked.url}/openapi.json", timeout=TIMEOUT_S).json()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)
    return [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]


def ask(asked: Asked, operation: Any, examples: int) -> None:
    """Ask an operation in right and in wrong ways, with each kind of token."""
    counted = asked.statuses.setdefault(f"{operation.method} {operation.path}", Counter())
    ways = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if operation.body or operation.query or operation.path_parameters:
        ways |= operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    right = OPERATOR if "operator" in operation.tags else asked.user if "/users/" in operation.path else asked.guest

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(ways, st.just(right) | st.sampled_from(asked.tokens), st.booleans())
    def once(case: Any, token: str, known: bool) -> None:
        if known and "session" in (case.path_parameters or {}):
            case.path_parameters["session"] = asked.session
        if known and isinstance(case.body, dict):
            case.body |= {name: good for name, good in GOOD.items() if isinstance(case.body.get(name), str)}
        case.headers["Authorization"] = f"Bearer {token}"
        response = case.call(asked.url, session=asked.http, timeout=TIMEOUT_S)
        counted[response.status_code] += 1
        checks = [
            check for check in CHECKS if not (known and check is negative_data_rejection)
        ]  # mended it may be right
        case.validate_response(response, checks=checks)
        if "{" not in operation.path:
            kind = response.headers["content-type"][0].partition(";")[0]
            body = response.json() if kind == "application/json" else None
            check_answer(operation.method.upper(), operation.path, response.status_code, body, kind)

    once()
