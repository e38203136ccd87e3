"""Operations of WHIP (RFC 9725): encoders publish a participant's microphone (docs/protocol.md, section 1)."""

from __future__ import annotations

from signaling.http.operations.row import Access, Answer, Operation
from signaling.refusal import Code
from wire.json_schema import text

SDP = "application/sdp"
_ENDPOINT = "/api/v1/sessions/{session}/whip"
_REFUSALS = (Code.FORBIDDEN, Code.NOT_ADMITTED, Code.SESSION_NOT_FOUND, Code.SESSION_ENDED, Code.AT_CAPACITY)

OPTIONS = Operation(
    "OPTIONS",
    _ENDPOINT,
    "Show the methods and the type that an encoder may use",
    {200: Answer("an offer may be posted", media_types=(), headers=("Accept-Post",))},
)
PUBLISH = Operation(
    "POST",
    _ENDPOINT,
    "Publish my microphone from an encoder, in place of that of my connection",
    {201: Answer("the SDP answer, and where to end it", media_types=(SDP,), headers=("Location",))},
    (*_REFUSALS, Code.BAD_SDP, Code.NO_AUDIO),
    Access.PARTICIPANT,
    text(shortest=1),
    body_type=SDP,
)
END = Operation(
    "DELETE",
    f"{_ENDPOINT}/{{publication}}",
    "End a publication of mine",
    {200: Answer("it has ended", media_types=())},
    _REFUSALS,
    Access.PARTICIPANT,
)

ROWS = (OPTIONS, PUBLISH, END)
