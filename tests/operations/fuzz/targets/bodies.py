"""Bodies of HTTP requests, and tokens in their headers."""

from __future__ import annotations

from collections.abc import Callable

from signaling.http import bodies
from signaling.http.accounts import bodies as of_accounts
from signaling.http.operator import bodies as of_operator
from signaling.refusal import Refusal
from signaling.tokens import AccessClaims, Tokens, ViewerClaims
from tests.operations.fuzz.target import Target, plain
from tests.operations.fuzz.words import NUMBERS

TOKENS = Tokens(b"k" * 32)
NOW = 1_700_000_000.0


def token(body: bytes) -> object:
    """Read a bearer token: aiohttp reads the bytes of headers as UTF-8, with lone surrogates for others."""
    return TOKENS.read(body.decode("utf-8", "surrogateescape"), NOW)


def viewers_token(body: bytes) -> object:
    """Read the bearer token of a viewer."""
    return TOKENS.read_viewer(body.decode("utf-8", "surrogateescape"), NOW)


PARSERS: tuple[Callable[[bytes], object], ...] = (
    bodies.guest,
    bodies.create_session,
    bodies.join_by_code,
    of_accounts.new_person,
    of_accounts.credentials,
    of_accounts.refresh_token,
    of_accounts.followed_link,
    of_accounts.email,
    of_accounts.reset,
    of_accounts.wishes,
    of_accounts.own_password,
    of_operator.translate,
    of_operator.synthesize,
    of_operator.transcribe,
    token,
    viewers_token,
)


def run(data: bytes) -> None:
    """Read a body: the first byte says of which call."""
    PARSERS[data[0] % len(PARSERS) if data else 0](data[1:])


SEEDS = (
    b'{"displayName":"Ana \xc3\xad"}',
    b'{"language":"es","options":{"admit":true,"solo":{"language":"en","voice":"v"}}}',
    b'{"sessionCode":"123-456","language":"en"}',
    b'{"username":"ana","email":"ana@example.org","password":"a long one","preferredLanguage":"es-MX"}',
    b'{"email":"ana@example.org","password":"a long one"}',
    b'{"refreshToken":"r.r"}',
    b'{"token":"v","password":"a long one"}',
    b'{"email":"ana@example.org"}',
    b'{"token":"v","password":"another long one"}',
    b'{"username":"b","preferredLanguage":"en","password":{"old":"a","new":"b"},"retentionDays":30}',
    b'{"password":"a long one"}',
    b'{"text":["one","two"],"source":"en","target":"es"}',
    b'{"text":"one","language":"en","voice":"v"}',
    b'{"audio":["UklGRg=="],"language":"en"}',
    TOKENS.issue_access(AccessClaims("u", "n"), NOW).encode(),
    TOKENS.issue_viewer(ViewerClaims("s", "v", 7), NOW, 60).encode(),
)

TARGET = Target(
    "bodies",
    plain(run),
    (Refusal,),
    [bytes((number,)) + body for number, body in enumerate(SEEDS)],
    [
        *(b'"language"', b'"options"', b'"solo"', b'"password"', b'"text"', b'"audio"', b'"retentionDays"'),
        *(b"null", b"[]", b"{}"),
        *(b"[" * 64, b'{"a":' * 64, *NUMBERS, b"\\ud800", b"\\u202e", b"\xed\xa0\x80", b".", b"eyJ"),
    ],
    quick=1500,
)
