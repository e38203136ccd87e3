"""Operations of accounts: signing up and in, one's own data, and other providers (docs/protocol.md, section 1).

Each route below /api/v1/auth and /api/v1/users has its row here. `tests/signaling/test_operations.py` fails for a route
without a row and for a row without a route, and the tests' clients refuse every answer that its row lacks.
"""

from __future__ import annotations

from functools import partial

from pipeline.text.language import TAG_PATTERN
from signaling.http.accounts.bodies import (
    LONGEST_EMAIL,
    LONGEST_NAME,
    LONGEST_PASSWORD,
    LONGEST_TOKEN,
    MOST_DAYS,
)
from signaling.http.operations.row import Access, Answer, Operation
from signaling.refusal import Code
from signaling.websocket.client_messages import LONGEST_LANGUAGE
from signaling.websocket.message_schemas import NAME, TIMESTAMP
from wire.json_schema import array, boolean, integer, lenient, nullable, number, record, text

_AUTH, _ME = "/api/v1/auth", "/api/v1/users/me"
_USERNAME = text(longest=LONGEST_NAME, shortest=1)
_EMAIL = text(longest=LONGEST_EMAIL, shortest=1)
_PASSWORD = text(longest=LONGEST_PASSWORD, shortest=1)
_TOKEN = text(longest=LONGEST_TOKEN, shortest=1)
_LANGUAGE = text(longest=LONGEST_LANGUAGE, shortest=1, pattern=TAG_PATTERN)
_TOKENS = {"userId": NAME, "token": NAME, "refreshToken": NAME, "expiresIn": integer()}
_PROFILE = {
    "userId": NAME,
    "username": NAME,
    "email": nullable(text()),
    "emailVerified": boolean(),
    "preferredLanguage": NAME,
    "createdAt": TIMESTAMP,
    "usage": record({"heardSeconds": number(), "spokenSeconds": number(), "characters": integer()}),
}
_KEPT = {"retentionDays": integer(least=1)}
SIGNED_IN = Answer("tokens", record(_TOKENS, title="SignedIn"))
_MAIL = Answer("true if this server sends letters at all", record({"mail": boolean()}, title="Mail"))
_DONE = Answer("done", None, ())
_operation = partial(Operation, group="accounts")

REGISTER = _operation(
    "POST",
    f"{_AUTH}/register",
    "Make an account",
    {201: SIGNED_IN},
    (Code.ALREADY_TAKEN, Code.AT_CAPACITY),
    body=record(
        {"username": _USERNAME, "email": _EMAIL, "password": _PASSWORD, "preferredLanguage": _LANGUAGE},
        title="RegisterRequest",
    ),
)
LOGIN = _operation(
    "POST",
    f"{_AUTH}/login",
    "Sign in",
    {200: SIGNED_IN},
    (Code.UNAUTHORIZED, Code.LOCKED, Code.AT_CAPACITY),
    body=record({"email": _EMAIL, "password": _PASSWORD}, title="LoginRequest"),
)
_REFRESH_TOKEN = record({"refreshToken": _TOKEN}, title="RefreshRequest")
REFRESH = _operation(
    "POST",
    f"{_AUTH}/refresh",
    "Exchange a refresh token, once",
    {200: SIGNED_IN},
    (Code.UNAUTHORIZED, Code.AT_CAPACITY),
    body=_REFRESH_TOKEN,
)
LOGOUT = _operation(
    "POST",
    f"{_AUTH}/logout",
    "Sign out: the refresh token's family ends",
    {204: _DONE},
    (Code.UNAUTHORIZED, Code.AT_CAPACITY),
    body=_REFRESH_TOKEN,
)
VERIFY = _operation(
    "POST",
    f"{_AUTH}/verify",
    "Verify an address by the token of a letter, signed in to the account or by its password; without a token, as "
    "somebody signed in, ask for another letter",
    {
        200: Answer("verified", record({"userId": NAME, "emailVerified": boolean()}, title="Verified")),
        202: _MAIL,
    },
    (Code.UNAUTHORIZED, Code.FORBIDDEN, Code.LOCKED, Code.AT_CAPACITY),
    body=record({}, lenient({"token": _TOKEN, "password": _PASSWORD}), title="VerifyRequest"),
    body_may_be_empty=True,
)
FORGOT = _operation(
    "POST",
    f"{_AUTH}/forgot",
    "Ask for a letter by which a new password is set; the answer is the same for every address",
    {202: _MAIL},
    (Code.AT_CAPACITY,),
    body=record({"email": _EMAIL}, title="ForgotRequest"),
)
RESET = _operation(
    "POST",
    f"{_AUTH}/reset",
    "Set a new password by the token of a letter",
    {204: _DONE},
    (Code.AT_CAPACITY,),
    body=record({"token": _TOKEN, "password": _PASSWORD}, title="ResetRequest"),
)
PROVIDERS = _operation(
    "GET",
    f"{_AUTH}/providers",
    "Show the ways to sign in on this server, and if it keeps histories and sends letters",
    {
        200: Answer(
            "providers",
            record(
                {
                    "accounts": boolean(),
                    "providers": array(record({"name": NAME, "label": NAME}, title="Provider")),
                    "mail": boolean(),
                    "history": boolean(),
                },
                title="Providers",
            ),
        )
    },
)
SHOW = _operation(
    "GET",
    _ME,
    "Show my account",
    {200: Answer("the account", record(_PROFILE, _KEPT, title="Profile"))},
    (Code.FORBIDDEN, Code.AT_CAPACITY),
    Access.PERSON,
)
CHANGE = _operation(
    "PATCH",
    _ME,
    "Change my account; with a new password all older tokens are dead, and the answer has new ones",
    {
        200: Answer(
            "the account",
            record(
                _PROFILE, {**_KEPT, "token": NAME, "refreshToken": NAME, "expiresIn": integer()}, title="ChangedProfile"
            ),
        )
    },
    (Code.FORBIDDEN, Code.ALREADY_TAKEN, Code.LOCKED, Code.AT_CAPACITY),
    Access.PERSON,
    record(
        {},
        lenient(
            {
                "username": _USERNAME,
                "preferredLanguage": _LANGUAGE,
                "password": record({"old": _PASSWORD, "new": _PASSWORD}),
                "retentionDays": integer(least=1, most=MOST_DAYS),
            }
        ),
        title="ProfileRequest",
    ),
)
DELETE = _operation(
    "DELETE",
    _ME,
    "Delete my account, and end my calls",
    {204: _DONE},
    (Code.FORBIDDEN, Code.LOCKED, Code.AT_CAPACITY),
    Access.PERSON,
    record({}, lenient({"password": _PASSWORD}), title="DeleteAccountRequest"),
    body_may_be_empty=True,
)

ROWS: tuple[Operation, ...] = (
    REGISTER,
    LOGIN,
    REFRESH,
    LOGOUT,
    VERIFY,
    FORGOT,
    RESET,
    PROVIDERS,
    SHOW,
    CHANGE,
    DELETE,
)
