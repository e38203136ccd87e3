"""Operations on calls that took place: what was said, as a list and as a file, and all calls of a user."""

from __future__ import annotations

from accounts.history.transcripts.formats import FORMATS
from pipeline.text.translation_checks.verdict import Doubt, HeldReason
from signaling.http.operations.row import Access, Answer, Operation, Parameter
from signaling.http.page_query import LONGEST_PAGE, LONGEST_QUERY
from signaling.refusal import Code
from signaling.session_states import SessionState
from signaling.websocket.message_schemas import NAME, TIMESTAMP
from wire.json_schema import array, integer, one_of, record, text

_OF_A_SESSION = (Code.FORBIDDEN, Code.NOT_ADMITTED, Code.SESSION_NOT_FOUND, Code.AT_CAPACITY)
_PAGE = (
    Parameter("limit", integer(least=1, most=LONGEST_PAGE), "entries of the answer at most"),
    Parameter("offset", integer(), "entries before the answer's first"),
)
_MEDIA_MS = integer(least=None)
ENTRY = record(
    {
        "sessionId": NAME,
        "utteranceId": NAME,
        "segment": integer(),
        "revision": integer(),
        "final": {"const": True},
        "sourceUserId": NAME,
        "targetUserId": NAME,
        "originalText": NAME,
        "sourceStart": integer(),
        "sourceEnd": integer(),
        "translatedText": NAME,
        "sourceLanguage": NAME,
        "targetLanguage": NAME,
        "timestamp": TIMESTAMP,
        "latency": integer(),
        "startMs": _MEDIA_MS,
        "endMs": _MEDIA_MS,
    },
    {"continues": NAME, "held": one_of(HeldReason), "unsure": array(one_of(Doubt), fewest=1)},
    title="HistoryEntry",
)
MISSING = record({"startMs": _MEDIA_MS, "endMs": _MEDIA_MS, "entries": integer()}, title="MissingEntries")
PAST_CALL = record(
    {
        "sessionId": NAME,
        "status": one_of(SessionState),
        "participantId": NAME,
        "createdAt": TIMESTAMP,
        "startedAt": TIMESTAMP,
        "participants": array(record({"participantId": NAME, "displayName": NAME, "language": NAME})),
    },
    {"endedAt": TIMESTAMP, "reason": NAME},
    title="PastCall",
)

HISTORY = Operation(
    "GET",
    "/api/v1/sessions/{session}/history",
    "List the translations of a call that both agreed to keep",
    {
        200: Answer(
            "a page of final translations",
            record({"translations": array(ENTRY), "total": integer()}, {"missing": array(MISSING)}, title="History"),
        )
    },
    _OF_A_SESSION,
    Access.PERSON,
    query=_PAGE,
    group="histories",
)
WITHDRAW = Operation(
    "DELETE",
    "/api/v1/sessions/{session}/history",
    "Delete my words from the history of a call",
    {204: Answer("it is deleted", media_types=())},
    _OF_A_SESSION,
    Access.PERSON,
    group="histories",
)
TRANSCRIPT = Operation(
    "GET",
    "/api/v1/sessions/{session}/transcript",
    "What was said, as a file",
    {200: Answer("the file", None, tuple(one.media_type for one in FORMATS.values()))},
    _OF_A_SESSION,
    Access.PERSON,
    query=(Parameter("format", one_of(FORMATS), "the kind of file"),),
    group="histories",
)
PAST_CALLS = Operation(
    "GET",
    "/api/v1/users/me/sessions",
    "My calls, the newest first",
    {200: Answer("a page of calls", record({"sessions": array(PAST_CALL), "total": integer()}, title="PastCalls"))},
    (Code.FORBIDDEN, Code.AT_CAPACITY),
    Access.PERSON,
    query=(*_PAGE, Parameter("query", text(longest=LONGEST_QUERY), "words of a name or of a text")),
    group="histories",
)
EXPORT = Operation(
    "GET",
    "/api/v1/users/me/export",
    "All that is kept of me",
    {200: Answer("a ZIP of JSON files", None, ("application/zip",))},
    (Code.FORBIDDEN, Code.AT_CAPACITY),
    Access.PERSON,
    group="histories",
)

ROWS = (HISTORY, WITHDRAW, TRANSCRIPT, PAST_CALLS, EXPORT)
