"""Operations of guests, sessions and what a call needs to know (docs/protocol.md, section 1)."""

from __future__ import annotations

from pipeline.text.language import TAG_PATTERN
from signaling.http.bodies import LONGEST_CODE, LONGEST_NAME
from signaling.http.operations.row import Access, Answer, Operation, Parameter
from signaling.refusal import Code
from signaling.session_states import SessionState
from signaling.websocket.client_messages import LONGEST_ID, LONGEST_LANGUAGE
from signaling.websocket.message_schemas import (
    ICE_SERVER,
    METRICS,
    NAME,
    PERSON,
    TIMESTAMP,
    TOKEN,
    VOICE,
    WEBSOCKET_URL,
)
from wire.json_schema import array, boolean, integer, lenient, nullable, one_of, record, text

LANGUAGE = text(longest=LONGEST_LANGUAGE, shortest=1)
"""A language in a body; one that is no tag, or not served here, is `unsupported_language`."""
_ENTERED = {"sessionId": NAME, "participantId": NAME, "wsUrl": WEBSOCKET_URL}
_SOLO = record({"language": LANGUAGE}, lenient({"voice": text(longest=LONGEST_ID)}), title="Solo")
_PAIRS = array(array(NAME, fewest=2, most=2))
_OF_A_SESSION = (Code.FORBIDDEN, Code.NOT_ADMITTED, Code.SESSION_NOT_FOUND, Code.AT_CAPACITY)

GUEST = Operation(
    "POST",
    "/api/v1/auth/guest",
    "Become a guest: enough to make or join a call",
    {201: Answer("the guest", record({"userId": NAME, "token": TOKEN, "expiresIn": integer()}, title="Guest"))},
    body=record(
        {},
        lenient({"displayName": text(longest=LONGEST_NAME, format="display-name")}),
        title="GuestRequest",
    ),
    body_may_be_empty=True,
    group="accounts",
)
CREATE = Operation(
    "POST",
    "/api/v1/sessions/create",
    "Make a session, and its code for the other person, or a session for one who hears themselves",
    {
        201: Answer(
            "the session",
            record({**_ENTERED, "sessionCode": nullable(NAME), "expiresAt": TIMESTAMP}, title="CreatedSession"),
        )
    },
    (Code.UNSUPPORTED_LANGUAGE, Code.UNSUPPORTED_PAIR, Code.NOT_FOUND, Code.AT_CAPACITY),
    Access.PERSON,
    record(
        {"language": LANGUAGE},
        lenient({"options": record({}, lenient({"admit": boolean(), "solo": _SOLO}))}),
        title="CreateSessionRequest",
    ),
)
JOIN = Operation(
    "POST",
    "/api/v1/sessions/join",
    "Join the session of a code",
    {200: Answer("the session", record({**_ENTERED, "partnerId": NAME}, title="JoinedSession"))},
    (
        Code.SESSION_NOT_FOUND,
        Code.SESSION_FULL,
        Code.SESSION_ENDED,
        Code.OWN_SESSION,
        Code.NOT_ADMITTED,
        Code.UNSUPPORTED_LANGUAGE,
        Code.UNSUPPORTED_PAIR,
        Code.AT_CAPACITY,
    ),
    Access.PERSON,
    record(
        {"sessionCode": text(longest=LONGEST_CODE, shortest=1), "language": LANGUAGE},
        title="JoinSessionRequest",
    ),
)
SHOW = Operation(
    "GET",
    "/api/v1/sessions/{session}",
    "Show a session of mine",
    {
        200: Answer(
            "the session",
            record(
                {
                    "session": record(
                        {"sessionId": NAME, "status": one_of(SessionState), "createdAt": TIMESTAMP},
                        {"startedAt": TIMESTAMP, "endedAt": TIMESTAMP},
                    ),
                    "participants": array(PERSON),
                    "status": one_of(SessionState),
                },
                title="Session",
            ),
        )
    },
    _OF_A_SESSION,
    Access.PERSON,
)
DELETE = Operation(
    "DELETE",
    "/api/v1/sessions/{session}",
    "End a session of mine",
    {200: Answer("its figures", record({"success": {"const": True}, "metrics": METRICS}, title="DeletedSession"))},
    (*_OF_A_SESSION, Code.SESSION_ENDED),
    Access.PARTICIPANT,
)
LANGUAGES = Operation(
    "GET",
    "/api/v1/languages",
    "List the languages and pairs that this server can interpret now",
    {
        200: Answer(
            "languages and pairs",
            record(
                {
                    "languages": array(record({"tag": NAME, "name": NAME, "hear": boolean(), "speak": boolean()})),
                    "pairs": _PAIRS,
                },
                {"pivoted": _PAIRS, "gist": _PAIRS},
                title="Languages",
            ),
        )
    },
)
VOICES = Operation(
    "GET",
    "/api/v1/voices",
    "List the voices of a language, or of all; the first of each language is its usual one",
    {
        200: Answer(
            "voices",
            record({"voices": array(VOICE)}, title="Voices"),
        )
    },
    query=(Parameter("language", text(longest=35, pattern=TAG_PATTERN), "a BCP-47 tag"),),
)
ICE_SERVERS = Operation(
    "GET",
    "/api/v1/ice-servers",
    "List STUN and TURN servers; those with a credential for participants of a live session only",
    {200: Answer("servers", record({"iceServers": array(ICE_SERVER), "expiresIn": integer()}, title="IceServers"))},
    (Code.FORBIDDEN, Code.SESSION_NOT_FOUND, Code.SESSION_ENDED, Code.AT_CAPACITY),
    Access.PARTICIPANT,
)

ROWS = (GUEST, CREATE, JOIN, SHOW, DELETE, LANGUAGES, VOICES, ICE_SERVERS)
