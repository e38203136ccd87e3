"""Operations on what was said in a call: its history and its transcript (docs/protocol.md, section 1)."""

from __future__ import annotations

from signaling.http.operations.row import JSON, Access, Answer, Operation, Parameter
from signaling.refusal import Code
from wire.json_schema import array, integer, one_of, record

FORMATS = ("vtt", "srt", "txt", "json")
_OF_A_SESSION = (Code.FORBIDDEN, Code.NOT_ADMITTED, Code.SESSION_NOT_FOUND)
_PAGE = (
    Parameter("limit", integer(least=1, most=1000), "entries of the answer at most"),
    Parameter("offset", integer(), "entries before the answer's first"),
)

HISTORY = Operation(
    "GET",
    "/api/v1/sessions/{session}/history",
    "What was said, where both agreed to keep it",
    {
        200: Answer(
            "a page of final translations", record({"translations": array({}), "total": integer()}, title="History")
        )
    },
    _OF_A_SESSION,
    Access.PERSON,
    query=_PAGE,
    group="histories",
)
TRANSCRIPT = Operation(
    "GET",
    "/api/v1/sessions/{session}/transcript",
    "What was said, as a file",
    {200: Answer("the file", None, ("text/vtt", "application/x-subrip", "text/plain", JSON))},
    _OF_A_SESSION,
    Access.PERSON,
    query=(Parameter("format", one_of(FORMATS), "the kind of file"),),
    group="histories",
)

ROWS = (HISTORY, TRANSCRIPT)
