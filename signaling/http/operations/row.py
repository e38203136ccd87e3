"""Row of the table of HTTP operations: what a call takes, what it answers, and by which codes it may be refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from signaling.refusal import ANSWERS, Code
from wire.json_schema import Schema, one_of, record, text

JSON = "application/json"


class Access(StrEnum):
    """Token that a call needs."""

    NONE = "none"
    PERSON = "person"
    """The access token of a guest or a user."""
    PARTICIPANT = "participant"
    """An access token, or the resume token of one participant."""
    VIEWER = "viewer"
    """The token of a viewer."""
    OPERATOR = "operator"
    """The operator's own token."""


@dataclass(frozen=True)
class Answer:
    """One answer that is no refusal."""

    text: str
    schema: Schema | None = None
    """Schema of the body; None where there is no body, or one of another kind than JSON."""
    media_types: tuple[str, ...] = (JSON,)
    """Empty where there is no body."""
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parameter:
    """A parameter of the query."""

    name: str
    schema: Schema
    text: str


@dataclass(frozen=True)
class Operation:
    """One call of the HTTP interface.

    `refusals` are those of its own: `implied_refusals` adds what follows from its other fields.
    """

    method: str
    path: str
    """Path of its route, below the public URL's."""
    summary: str
    answers: Mapping[int, Answer]
    refusals: tuple[Code, ...] = ()
    access: Access = Access.NONE
    body: Schema | None = None
    body_may_be_empty: bool = False
    body_type: str = JSON
    """Media type of the body."""
    query: tuple[Parameter, ...] = ()
    group: str = field(default="calls")

    @property
    def name(self) -> str:
        """Name for generated clients, such as `post_sessions_join`."""
        words = self.path.removeprefix("/api/v1").replace("{", "by_").replace("}", "")
        return f"{self.method.lower()}_{words.strip('/')}".translate(str.maketrans("/-.", "___"))

    @cached_property
    def by_status(self) -> dict[int, tuple[Code, ...]]:
        """HTTP status → the codes with which it may come."""
        found: dict[int, tuple[Code, ...]] = {}
        for code in dict.fromkeys((*self.refusals, *implied_refusals(self))):
            status = ANSWERS[code][0]
            found[status] = (*found.get(status, ()), code)
        return dict(sorted(found.items()))

    def schema_of(self, status: int) -> Schema | None:
        """Return the schema of the body with `status`. Raises KeyError for one that is not in the row."""
        if status in self.by_status and status not in self.answers:
            return refusal(self.by_status[status])
        return self.answers[status].schema


def implied_refusals(row: Operation) -> tuple[Code, ...]:
    """Return the codes that follow from what a call takes, and from the limits that hold for the whole API."""
    codes: list[Code] = []
    if row.path.startswith("/api/"):
        codes += [Code.BAD_REQUEST, Code.RATE_LIMITED]
    if "{" in row.path:
        codes.append(Code.NOT_FOUND)
    if row.body is not None:
        codes.append(Code.TOO_LARGE)
    if row.access is not Access.NONE:
        codes.append(Code.UNAUTHORIZED)
    return tuple(codes)


def refusal(codes: tuple[Code, ...]) -> Schema:
    """Return the schema of a refusal by one of `codes`."""
    return record({"error": record({"code": one_of(codes), "message": text()}, {"details": {"type": "object"}})})
