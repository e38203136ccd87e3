"""The closed set of codes, each with its HTTP status and its WebSocket close code, in one table."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from wire.strict_json import Malformed


class Code(StrEnum):
    BAD_REQUEST = "bad_request"
    UNKNOWN_TYPE = "unknown_type"
    TOO_LARGE = "too_large"
    UNAUTHORIZED = "unauthorized"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    SESSION_NOT_FOUND = "session_not_found"
    SESSION_FULL = "session_full"
    SESSION_ENDED = "session_ended"
    OWN_SESSION = "own_session"
    ALREADY_TAKEN = "already_taken"
    NOT_ADMITTED = "not_admitted"
    UNSUPPORTED_LANGUAGE = "unsupported_language"
    UNSUPPORTED_PAIR = "unsupported_pair"
    BAD_SDP = "bad_sdp"
    NO_AUDIO = "no_audio"
    TAKEN_OVER = "taken_over"
    RATE_LIMITED = "rate_limited"
    LOCKED = "locked"
    AT_CAPACITY = "at_capacity"
    GAP = "gap"
    ENGINE_FAILED = "engine_failed"
    INTERNAL = "internal"


ENDED = 1000
SHUTDOWN = 1001
TOO_LARGE = 1009
RESTART = 1012
TAKEN_OVER = 4001
BAD_FIRST_MESSAGE = 4400
NOT_AUTHORIZED = 4401
NO_FIRST_MESSAGE = 4408
FLOOD = 4429

# code → (HTTP status, close code where the code is fatal to a socket)
ANSWERS: dict[Code, tuple[int, int]] = {
    Code.BAD_REQUEST: (400, BAD_FIRST_MESSAGE),
    Code.UNKNOWN_TYPE: (400, BAD_FIRST_MESSAGE),
    Code.TOO_LARGE: (413, TOO_LARGE),
    Code.UNAUTHORIZED: (401, NOT_AUTHORIZED),
    Code.FORBIDDEN: (403, NOT_AUTHORIZED),
    Code.NOT_FOUND: (404, BAD_FIRST_MESSAGE),
    Code.SESSION_NOT_FOUND: (404, BAD_FIRST_MESSAGE),
    Code.SESSION_FULL: (409, BAD_FIRST_MESSAGE),
    Code.SESSION_ENDED: (410, ENDED),
    Code.OWN_SESSION: (409, BAD_FIRST_MESSAGE),
    Code.ALREADY_TAKEN: (409, BAD_FIRST_MESSAGE),
    Code.NOT_ADMITTED: (403, NOT_AUTHORIZED),
    Code.UNSUPPORTED_LANGUAGE: (422, BAD_FIRST_MESSAGE),
    Code.UNSUPPORTED_PAIR: (422, BAD_FIRST_MESSAGE),
    Code.BAD_SDP: (400, BAD_FIRST_MESSAGE),
    Code.NO_AUDIO: (400, BAD_FIRST_MESSAGE),
    Code.TAKEN_OVER: (409, TAKEN_OVER),
    Code.RATE_LIMITED: (429, FLOOD),
    Code.LOCKED: (423, NOT_AUTHORIZED),
    Code.AT_CAPACITY: (503, SHUTDOWN),
    Code.GAP: (410, ENDED),
    Code.ENGINE_FAILED: (503, SHUTDOWN),
    Code.INTERNAL: (500, SHUTDOWN),
}


class Refusal(Exception):
    """A request that is not granted: the reason in one word, in one sentence, and in data.

    `retry_after`: seconds after which the same request may be granted; None where waiting does not help.
    """

    def __init__(
        self,
        code: Code,
        message: str,
        details: dict[str, object] | None = None,
        *,
        retry_after: int | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.details = details
        self.retry_after = retry_after

    @property
    def status(self) -> int:
        return ANSWERS[self.code][0]

    @property
    def close_code(self) -> int:
        return ANSWERS[self.code][1]

    def as_json(self) -> dict[str, object]:
        """Return the body of an HTTP error."""
        error: dict[str, object] = {"code": self.code.value, "message": self.message}
        if self.details is not None:
            error["details"] = self.details
        return {"error": error}


@contextmanager
def refuse_malformed() -> Iterator[None]:
    """Raise Refusal `bad_request`, naming the field, in place of Malformed."""
    try:
        yield
    except Malformed as problem:
        details: dict[str, object] | None = None if problem.field is None else {"field": problem.field}
        raise Refusal(Code.BAD_REQUEST, problem.message, details) from None
