"""Opens the accounts for a command: the server's own database and keys, while the server runs or not."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from accounts.accounts import Accounts
from accounts.refusals import AccountRefused, NoSuchUser
from accounts.running import run_accounts
from server.accounts import account_options
from server.accounts_database import FILE, database_url
from server.settings import BadSetting, Settings
from server.signing_keys import keys_at_hand
from storage.accounts.opening import open_accounts
from storage.accounts.ports import AccountStore, NotOpened, Taken, Unavailable
from storage.sqlite import StoreError

FAILED = 1


def with_accounts(settings: Settings, job: Callable[[Accounts], Awaitable[int]]) -> int:
    """Run a job that changes something; return its exit status. A mistake that an operator can mend is one line."""

    async def work() -> int:
        keys, options = await keys_at_hand(settings), account_options(settings)
        async with (
            open_accounts(database_url(settings)) as store,
            run_accounts(store, keys, options) as accounts,
        ):
            try:
                return await job(accounts)
            except Taken as problem:
                return failure(f"somebody else has this {problem.field}")
            except NoSuchUser:
                return failure("there is no such user; dragoman user list shows them")
            except (AccountRefused, Unavailable) as problem:
                return failure(str(problem))

    return _judged(settings, work())


def with_store(settings: Settings, job: Callable[[AccountStore], Awaitable[int]]) -> int:
    """Run a job that only reads; return its exit status."""

    async def work() -> int:
        async with open_accounts(database_url(settings)) as store:
            return await job(store)

    return _judged(settings, work())


def failure(problem: str) -> int:
    """Tell a problem; return the exit status for it."""
    print(f"dragoman: {problem}", file=sys.stderr)
    return FAILED


def _judged(settings: Settings, work: Coroutine[Any, Any, int]) -> int:
    try:
        if not settings.accounts:
            raise BadSetting("DRAGOMAN_ACCOUNTS is false: this server has no accounts")
        _require_owner(settings)
        return asyncio.run(work)
    except (NotOpened, StoreError, Unavailable) as error:
        return failure(str(error))
    except PermissionError as error:
        return failure(f"{error.filename}: {error.strerror}: run this command as the server's user")
    finally:
        work.close()


def _require_owner(settings: Settings) -> None:
    """Refuse to make the database's file as somebody else than the server: it could not write there."""
    if settings.database_url or (settings.data / FILE).exists():
        return
    try:
        owner = settings.data.stat().st_uid
    except FileNotFoundError:
        raise StoreError(
            f"there is no folder {settings.data}: DRAGOMAN_DATA is another, or no server has run"
        ) from None
    if owner != os.geteuid():
        raise StoreError(f"{settings.data} belongs to another user: run this command as the server's user")
