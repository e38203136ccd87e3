"""Operations of the sign-in elsewhere (docs/protocol.md, "Sign-in elsewhere")."""

from __future__ import annotations

from signaling.http.accounts.oidc import BASE, LONGEST_CODE
from signaling.http.operations.accounts import SIGNED_IN
from signaling.http.operations.row import Answer, Operation
from signaling.refusal import Code
from wire.json_schema import record, text

BEGIN = Operation(
    "GET",
    f"{BASE}/{{provider}}",
    "Sign in with an account elsewhere: an address for the whole page, not for a fetch",
    {302: Answer("to the provider, or to the page with `#refused=`", None, (), ("Location", "Set-Cookie"))},
    group="accounts",
)
CALLBACK = Operation(
    "GET",
    f"{BASE}/{{provider}}/callback",
    "Take the provider's answer to the browser",
    {302: Answer("to the page with `#signin=` or `#refused=`", None, (), ("Location",))},
    group="accounts",
)

EXCHANGE = Operation(
    "POST",
    f"{BASE}/exchange",
    "Exchange the page's one-time code for tokens, in the browser that began",
    {200: SIGNED_IN},
    (Code.UNAUTHORIZED, Code.LOCKED, Code.AT_CAPACITY),
    body=record({"code": text(longest=LONGEST_CODE, shortest=1)}, title="ExchangeRequest"),
    group="accounts",
)

ROWS = (BEGIN, CALLBACK, EXCHANGE)
