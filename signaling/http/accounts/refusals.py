"""Maps refusals of accounts to the protocol's codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from accounts.refresh_tokens import NotSignedIn
from accounts.refusals import AccountRefused, BadLink, Busy, Locked, NoSuchUser, NotPossible, NotProven, WrongPassword
from signaling.rate_limits import retry_after
from signaling.refusal import Code, Refusal
from storage.accounts.ports import Taken, Unavailable

AWAY = "accounts can't be reached now"


@contextmanager
def account_refusals(now_ms: Callable[[], int], password_field: str | None = None) -> Iterator[None]:
    """Raise Refusal in place of what accounts and their database raise.

    `password_field` names the member that holds a signed-in person's password; a wrong one is `forbidden` then. At a
    sign-in it is `unauthorized`.
    """
    try:
        yield
    except Unavailable:
        raise Refusal(Code.AT_CAPACITY, AWAY, retry_after=5) from None
    except Taken as problem:
        message = f"somebody else has this {problem.field}"
        raise Refusal(Code.ALREADY_TAKEN, message, {"field": problem.field}) from None
    except NotSignedIn:
        raise Refusal(Code.UNAUTHORIZED, "the sign-in is not valid any more; sign in again") from None
    except AccountRefused as problem:
        raise _refusal(problem, now_ms(), password_field) from None


def _refusal(problem: AccountRefused, now_ms: int, password_field: str | None) -> Refusal:
    match problem:
        case NotPossible(field=field):
            return Refusal(Code.BAD_REQUEST, str(problem), {"field": field})
        case WrongPassword() if password_field is not None:
            return Refusal(Code.FORBIDDEN, "that is not your password", {"field": password_field})
        case WrongPassword():
            return Refusal(Code.UNAUTHORIZED, "the address or the password is not right")
        case Locked(until=None):
            return Refusal(Code.LOCKED, "this account is locked; ask the operator of this server")
        case Locked(until=int() as until):
            wait = retry_after((until - now_ms) / 1000)
            return Refusal(Code.LOCKED, "too many wrong passwords; wait, or set a new one", retry_after=wait)
        case BadLink():
            return Refusal(Code.BAD_REQUEST, "the link is not valid any more; ask for a new one", {"field": "token"})
        case NotProven():
            return Refusal(
                Code.FORBIDDEN, "sign in to the account of this link, or send its password", {"field": "password"}
            )
        case NoSuchUser():
            return Refusal(Code.UNAUTHORIZED, "this account does not exist any more")
        case Busy():
            return Refusal(Code.AT_CAPACITY, "too many people sign in at this moment", retry_after=2)
    raise problem
