"""Deletions on PostgreSQL while another server writes: nothing that was to go stays, and none takes for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import Connection, and_, event, func
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Backend, Database
from storage.accounts.expiry import delete_all
from storage.accounts.histories import SqlHistories, unused
from storage.accounts.opening import SqlAccounts, connected, open_accounts
from storage.accounts.ports import AccountStore
from storage.accounts.records import Call, CallParticipant, DataKey, SealedEntry, User
from storage.accounts.tables import data_keys
from storage.accounts.users import SqlUsers
from tests.kit.postgres import Postgres

PAUSE_S = 0.3
NOW = 10**12
"""Unix epoch milliseconds long after the call: it does not run any more."""
PEOPLE = (CallParticipant("p_a", "u_anna", "Anna", "en"), CallParticipant("p_b", "u_berta", "Berta", "es"))
SAID = SealedEntry("s_1", "utt_1", 0, "p_b", "p_a", 100, 5000, 2**40, b"sealed")
ANSWER = replace(SAID, utterance="utt_2", source="p_b", target="p_a")


@pytest.fixture
def kind() -> str:
    """On PostgreSQL: SQLite has one writer at a time."""
    return "postgresql"


class Held(Database):
    """The database as another server has it, whose transactions wait for `go` when all but the commit is done."""

    def __init__(self, backend: Backend) -> None:
        super().__init__(backend)
        self.done, self.go = asyncio.Event(), asyncio.Event()

    async def write(self, work: Any, *, erases: Any = False) -> Any:
        async def held(connection: AsyncConnection) -> Any:
            result = await work(connection)
            self.done.set()
            await self.go.wait()
            return result

        return await super().write(held, erases=erases)


@dataclass
class Scene:
    store: AccountStore
    other: Held

    async def at_once(self, first: Awaitable[object], second: Awaitable[object]) -> None:
        """Run both; `first`, on the other server, has not committed when `second` begins."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_run(first))
            await self.other.done.wait()
            begun = tasks.create_task(_run(second))
            await asyncio.wait([begun], timeout=PAUSE_S)
            self.other.go.set()


async def _run(work: Awaitable[object]) -> None:
    await work


@asynccontextmanager
async def scene(url: str) -> AsyncIterator[Scene]:
    """Open the store of two servers on one database, with a call of two users and its key."""
    async with open_accounts(url) as store, connected(url) as other:
        for one in PEOPLE:
            await store.users.add(User(one.user, one.name, None, False, None, one.language, 1))
        await store.calls.save(Call("s_1", 1000, 2000, participants=PEOPLE))
        await store.histories.add_key(DataKey("s_1", "k1", b"wrapped"))
        yield Scene(store, Held(other._backend))


DELETIONS: dict[str, Callable[[AccountStore], Awaitable[None]]] = {
    "the account is deleted": lambda store: store.users.delete("u_anna"),
    "the words are withdrawn": lambda store: store.histories.withdraw("s_1", "p_a"),
}


@pytest.mark.parametrize("deletion", DELETIONS)
async def test_what_is_being_kept_is_deleted(database_url: str, deletion: str) -> None:
    async with scene(database_url) as here:
        keeping = SqlHistories(here.other).keep([SAID, ANSWER])
        await here.at_once(keeping, DELETIONS[deletion](here.store))
        assert await here.store.histories.entries("s_1") == ([ANSWER], 1)


async def test_what_comes_while_the_account_is_deleted_is_not_kept(database_url: str) -> None:
    async with scene(database_url) as here:
        deleting = SqlUsers(here.other).delete("u_anna")
        await here.at_once(deleting, here.store.histories.keep([SAID, ANSWER]))
        assert await here.store.histories.entries("s_1") == ([ANSWER], 1)


async def test_a_key_whose_first_entries_come_while_it_is_chosen_stays_with_them(database_url: str) -> None:
    async with scene(database_url) as here:
        assert isinstance(here.store, SqlAccounts)
        # The choice has its picture of the database for a while before it locks a row.
        slow = and_(unused(NOW), func.pg_advisory_xact_lock(1).is_not(None))
        async with asyncio.TaskGroup() as tasks, here.other._backend.engine.begin() as holding:
            await holding.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            await holding.exec_driver_sql("SELECT pg_advisory_xact_lock(1)")
            expiring = tasks.create_task(delete_all(here.store.database, data_keys, slow))
            waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            while not (await holding.exec_driver_sql(waiting)).scalar_one():
                await asyncio.sleep(0.01)
            await here.store.histories.keep([SAID, ANSWER])
        assert expiring.result() == 0
        assert await here.store.histories.entries("s_1") == ([SAID, ANSWER], 2)


async def test_keys_without_entries_are_found_by_a_join(postgres: Postgres, newest: str) -> None:
    """A subquery of NOT IN that outgrows the memory of a sort is run anew for each key: hours, not seconds."""
    deletions: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT data_keys.session_id"):
            deletions.append((statement, parameters))

    async with open_accounts(postgres.url(newest)) as store:
        assert isinstance(store, SqlAccounts)
        engine = store.database._backend.engine
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await store.histories.expire(9000)
        ((statement, parameters),) = deletions
        async with engine.connect() as connection:
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            plan = "\n".join(str(row[0]) for row in rows)
    assert "Anti Join" in plan and "SubPlan" not in plan, plan
