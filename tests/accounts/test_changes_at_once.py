"""Two processes that change one person at once, such as a server and `dragoman user`: neither undoes the other's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace

import pytest

from accounts.people.user_changes import UserChanges
from accounts.refusals import NoSuchUser, WrongPassword
from accounts.revoked import Revoked
from storage.accounts.opening import open_accounts
from storage.accounts.ports import AccountStore
from storage.accounts.records import User

ANNA = User("u_anna", "Anna", "anna@example.org", False, "$argon2id$1", "en", 1_700_000_000_000, retention_days=0)


@pytest.fixture
async def changes(store: AccountStore, database_url: str) -> AsyncIterator[list[UserChanges]]:
    """Changes as two processes make them on one database, in which Anna has an account."""
    await store.users.add(ANNA)
    async with AsyncExitStack() as stack:
        stores = [store, await stack.enter_async_context(open_accounts(database_url))]
        yield [UserChanges(one.users, Revoked(one.revocations, lambda: 1000)) for one in stores]


async def anna(store: AccountStore) -> User:
    found = await store.users.get(ANNA.id)
    assert found is not None
    return found


async def test_each_change_begins_with_what_the_other_process_wrote(
    store: AccountStore, changes: list[UserChanges]
) -> None:
    def one_more(now: User) -> User:
        return replace(now, retention_days=(now.retention_days or 0) + 1)

    ways = [way for one in changes for way in (one.change, one.change_and_sign_out)]
    await asyncio.gather(*(way(ANNA.id, one_more) for way in ways for _ in range(3)))
    assert (await anna(store)).retention_days == 12


async def test_changes_of_other_fields_stay(store: AccountStore, changes: list[UserChanges]) -> None:
    server, command = changes
    await asyncio.gather(
        server.change(ANNA.id, lambda now: replace(now, username="Anne")),
        command.change_and_sign_out(ANNA.id, lambda now: replace(now, locked=True)),
        server.change(ANNA.id, lambda now: replace(now, email_verified=True)),
    )
    assert await anna(store) == replace(ANNA, username="Anne", locked=True, email_verified=True)


async def test_what_was_confirmed_before_the_other_process_wrote_is_not_done(
    store: AccountStore, changes: list[UserChanges]
) -> None:
    def to(new: str) -> Callable[[User], User]:
        def alter(now: User) -> User:
            if now.password_hash != ANNA.password_hash:
                raise WrongPassword
            return replace(now, password_hash=new)

        return alter

    server, command = changes
    outcomes = await asyncio.gather(
        server.change_and_sign_out(ANNA.id, to("$argon2id$2")),
        command.change_and_sign_out(ANNA.id, to("$argon2id$3")),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["User", "WrongPassword"]
    assert [await anna(store)] == [one for one in outcomes if isinstance(one, User)]


async def test_who_is_gone_is_not_changed(store: AccountStore, changes: list[UserChanges]) -> None:
    await store.users.delete(ANNA.id)
    for way in (changes[0].change, changes[0].change_and_sign_out):
        with pytest.raises(NoSuchUser):
            await way(ANNA.id, lambda now: now)
    assert await store.revocations.since(0) == {}
