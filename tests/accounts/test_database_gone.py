"""A database that goes away and comes back, and callers that do: each learns it soon, and nothing is stuck after it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from storage.accounts.database import STATEMENT_S
from storage.accounts.opening import connected, open_accounts
from storage.accounts.ports import AccountStore, Unavailable
from storage.accounts.records import AuditEntry, Call, DataKey, Usage, User
from tests.kit.migrated_accounts import migrated_postgres
from tests.kit.postgres import Postgres

ANNA = User("u_anna", "Anna", "anna@example.org", False, None, "en", 1)

SOON_S = 60.0
"""Time in which whoever asks a database that does not answer is told so, however slow the machine is."""

CALLS: list[Callable[[AccountStore], Awaitable[object]]] = [
    lambda store: store.ping(),
    lambda store: store.users.add(replace(ANNA, id="u_2", username="b", email=None)),
    lambda store: store.users.get("u_anna"),
    lambda store: store.users.page(9, 0),
    lambda store: store.users.delete("u_9"),
    lambda store: store.sign_ins.fail(b"a", 1, 5, 10),
    lambda store: store.families.rotate(b"a", b"b", 1, 2),
    lambda store: store.one_time.use("link", 1, 2),
    lambda store: store.revocations.since(0),
    lambda store: store.calls.save(Call("s_1", 1, 2)),
    lambda store: store.calls.of_user("u_anna", 9, 0),
    lambda store: store.histories.add_key(DataKey("s_1", "k1", b"key")),
    lambda store: store.histories.entries("s_1"),
    lambda store: store.histories.shorten(5),
    lambda store: store.histories.expire(5),
    lambda store: store.usage.add("s_1", "u_anna", Usage(1)),
    lambda store: store.audit.add(AuditEntry(1, "start", "ok")),
]


async def test_every_call_says_that_postgres_is_gone_and_works_once_it_is_back(durable: Postgres) -> None:
    url = migrated_postgres(durable, "gone")
    async with open_accounts(url) as store:
        await store.users.add(ANNA)
        await asyncio.gather(*(call(store) for call in CALLS))
        durable.kill()
        for call in CALLS:
            async with asyncio.timeout(SOON_S):
                with pytest.raises(Unavailable) as refused:
                    await call(store)
            assert "anna" not in str(refused.value).lower()
        with pytest.raises(Unavailable):
            async with open_accounts(url):
                pass
        durable.start()
        await store.ping()
        assert await store.users.get(ANNA.id) == ANNA
        for call in CALLS[2:]:
            await call(store)


@pytest.mark.limits
async def test_a_statement_that_waits_for_a_lock_gives_up(postgres: Postgres, newest: str) -> None:
    url = postgres.url(newest)
    postgres.run("DELETE FROM users", newest)
    async with open_accounts(url) as store, connected(url) as other:
        await store.users.add(ANNA)
        locked, done = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            async with other._backend.engine.begin() as connection:
                await connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
                await connection.exec_driver_sql("LOCK TABLE users")
                locked.set()
                await done.wait()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(hold())
            await locked.wait()
            began = time.monotonic()
            async with asyncio.timeout(SOON_S):
                with pytest.raises(Unavailable):
                    await store.users.get(ANNA.id)
            assert time.monotonic() - began > STATEMENT_S - 1
            done.set()
        assert await store.users.get(ANNA.id) == ANNA


async def test_callers_that_go_away_leave_nothing_behind(store: AccountStore) -> None:
    await store.users.add(ANNA)
    await store.usage.add("s_1", ANNA.id, Usage(1, 1, 1))
    for n in range(40):  # each at another moment of its transaction
        work = asyncio.ensure_future(store.usage.add("s_1", ANNA.id, Usage(1, 1, 1)))
        await asyncio.sleep(n / 10_000)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    before = await store.usage.of_user(ANNA.id)
    assert before.heard_ms == before.spoken_ms == before.characters
    async with asyncio.timeout(SOON_S):
        await asyncio.gather(*(store.usage.add("s_1", ANNA.id, Usage(1, 1, 1)) for _ in range(20)))
        assert (await store.usage.of_user(ANNA.id)).heard_ms == before.heard_ms + 20
