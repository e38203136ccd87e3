"""Operations by which signaling goes on without a WebSocket (docs/protocol.md, section 2)."""

from __future__ import annotations

from signaling.http.event_stream import MEDIA_TYPE
from signaling.http.operations.row import Access, Answer, Operation, Parameter
from signaling.refusal import Code
from signaling.websocket.message_schemas import FROM_CLIENT
from wire.json_schema import text

_PATH = "/api/v1/sessions/{session}/messages"
_REFUSALS = (Code.FORBIDDEN, Code.NOT_ADMITTED, Code.SESSION_NOT_FOUND, Code.SESSION_ENDED, Code.AT_CAPACITY)

STREAM = Operation(
    "GET",
    _PATH,
    "Open an event stream of the messages that a WebSocket would bring",
    {
        200: Answer(
            "events: `opened` with `{stream}`, each message of the server, at last `close` with `{code}`",
            media_types=(MEDIA_TYPE,),
        )
    },
    _REFUSALS,
    Access.PARTICIPANT,
)
POST = Operation(
    "POST",
    _PATH,
    "Send a message as by a WebSocket; its answer comes by the stream",
    {202: Answer("taken", media_types=())},
    _REFUSALS,
    Access.PARTICIPANT,
    {"title": "PostedMessage", "anyOf": list(FROM_CLIENT.values())},
    query=(Parameter("stream", text(pattern="^m_[0-9a-f]{32}$"), "the `stream` of the event `opened`"),),
)

ROWS = (STREAM, POST)
