"""Operations of those who read a session's subtitles without taking part (docs/protocol.md, "Viewers")."""

from __future__ import annotations

from signaling.http.event_stream import MEDIA_TYPE
from signaling.http.operations.row import Access, Answer, Operation
from signaling.refusal import Code
from signaling.websocket.message_schemas import NAME, TIMESTAMP, TOKEN
from wire.json_schema import record

_REFUSALS = (Code.FORBIDDEN, Code.NOT_ADMITTED, Code.SESSION_NOT_FOUND, Code.SESSION_ENDED, Code.AT_CAPACITY)
_REVOKED = Answer("taken back", media_types=())

ADMIT = Operation(
    "POST",
    "/api/v1/sessions/{session}/viewers",
    "Make a viewer of a session of mine, whose token reads its subtitles and does nothing else",
    {
        201: Answer(
            "the viewer", record({"viewerId": NAME, "token": TOKEN, "expiresAt": TIMESTAMP}, title="CreatedViewer")
        )
    },
    _REFUSALS,
    Access.PARTICIPANT,
)
REVOKE = Operation(
    "DELETE",
    "/api/v1/sessions/{session}/viewers/{viewer}",
    "Take back a viewer that I made: its token is dead, and its streams end",
    {204: _REVOKED},
    _REFUSALS,
    Access.PARTICIPANT,
)
REVOKE_ALL = Operation(
    "DELETE",
    "/api/v1/sessions/{session}/viewers",
    "Take back all viewers that I made",
    {204: _REVOKED},
    _REFUSALS,
    Access.PARTICIPANT,
)
SUBTITLES = Operation(
    "GET",
    "/api/v1/sessions/{session}/subtitles",
    "Read the subtitles of a session, as server-sent events: messages of the subtitles channel, and `ended`",
    {200: Answer("the events, until the session ends", media_types=(MEDIA_TYPE,))},
    (Code.FORBIDDEN, Code.SESSION_NOT_FOUND, Code.SESSION_ENDED, Code.AT_CAPACITY),
    Access.VIEWER,
)

ROWS = (ADMIT, REVOKE, REVOKE_ALL, SUBTITLES)
