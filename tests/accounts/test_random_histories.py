"""Random histories of operations, run on SQLite and on PostgreSQL: both give the same answers, and hold the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.opening import SqlAccounts, open_accounts
from storage.accounts.ports import AccountStore, Reused, Taken
from storage.accounts.records import (
    AuditEntry,
    Call,
    CallParticipant,
    DataKey,
    Identity,
    SealedEntry,
    Usage,
    User,
)
from storage.accounts.tables import metadata
from tests.kit.extent import extent
from tests.kit.migrated_accounts import migrated_sqlite
from tests.kit.postgres import Postgres

HISTORIES, STEPS = extent((20, 20), (500, 50))
DAY = 86_400_000

few = st.integers(0, 3)
ids = few.map("u_{}".format)
sessions = few.map("s_{}".format)
names = st.sampled_from(["Anna", "ANNA", "Ａnna", "Straße", "STRASSE", "İda", "名", "a\0b", "Zoë", "Zoe\u0308"])
words = st.sampled_from(["", "a", "B", "é", "Z", "ß", "👋", "\ud800"])
emails = st.none() | few.map("{}@example.org".format)
tokens = st.integers(0, 7).map(lambda number: b"%d" % number)
steps = st.sampled_from([0, 1, 500, 1000, 70_000, DAY, 31 * DAY])
lifetimes = st.sampled_from([1, 1000, DAY])
users = st.builds(
    User, ids, names, emails, st.booleans(), st.none() | words, words, st.integers(0, 2**40), st.booleans(),
    st.none() | st.integers(0, 400),
)  # fmt: skip
people = st.builds(CallParticipant, few.map("p_{}".format), ids, names, words)
calls = st.builds(
    Call, sessions, st.integers(0, 5), st.integers(0, 5), st.none() | st.integers(0, 9), words,
    st.lists(people, max_size=3, unique_by=lambda one: one.participant).map(tuple),
    st.dictionaries(words, st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | words),
)  # fmt: skip
entries = st.builds(
    SealedEntry, sessions, few.map("utt_{}".format), st.integers(0, 1), few.map("p_{}".format),
    few.map("p_{}".format), st.integers(0, 3), st.just(1), st.integers(0, 2 * DAY), st.binary(max_size=3),
)  # fmt: skip
keys = st.builds(DataKey, sessions, st.sampled_from(["k1", "k2"]), st.binary(max_size=2))
audits = st.builds(
    AuditEntry, st.integers(0, 5), words, words, st.none() | ids, st.none() | sessions, words,
    st.dictionaries(words, words, max_size=2),
)  # fmt: skip

Operation = Callable[[AccountStore], Coroutine[Any, Any, object]]


class Pair:
    """The same store twice, emptied before each history."""

    def __init__(self, loop: asyncio.Runner, stores: tuple[SqlAccounts, SqlAccounts]) -> None:
        self._loop = loop
        self._stores = stores

    def both(self, operation: Operation) -> object:
        """Run an operation on both stores; return the answer, which is the same."""

        async def answers() -> tuple[object, object]:
            one, other = await asyncio.gather(*(_answer(operation, store) for store in self._stores))
            return one, other

        one, other = self._loop.run(answers())
        assert one == other
        return one

    def empty(self) -> None:
        async def deleted(connection: AsyncConnection) -> None:
            for table in reversed(metadata.sorted_tables):
                await connection.execute(delete(table))

        async def work() -> None:
            for store in self._stores:
                await store.database.write(deleted)

        self._loop.run(work())


async def _answer(operation: Operation, store: AccountStore) -> object:
    """Return what an operation returns, or which of its exceptions it raises. Any other exception is a defect."""
    try:
        return await operation(store)
    except Taken as taken:
        return ("taken", taken.field)
    except Reused as reused:
        return ("reused", reused.user, reused.family)


class Histories(RuleBasedStateMachine):
    """Operations in any order, at moments that never go back."""

    pair: Pair

    def __init__(self) -> None:
        super().__init__()
        self.pair.empty()
        self.now = 1000
        self.known: set[str] = set()
        self.families = 0

    @rule(step=steps)
    def wait(self, step: int) -> None:
        self.now += step

    @rule(user=users)
    @precondition(lambda self: len(self.known) < 4)
    def add(self, user: User) -> None:
        if user.id not in self.known and self.pair.both(lambda store: store.users.add(user)) is None:
            self.known.add(user.id)

    @rule(user=users)
    def change(self, user: User) -> None:
        self.pair.both(lambda store: store.users.change(user.id, lambda now: user))

    @rule(user=ids)
    def delete(self, user: str) -> None:
        self.pair.both(lambda store: store.users.delete(user))
        self.known.discard(user)

    @rule(subject=few, user=ids)
    def identity(self, subject: int, user: str) -> None:
        self.pair.both(lambda store: store.users.add_identity(Identity("google", str(subject), user)))
        self.pair.both(lambda store: store.users.by_identity("google", str(subject)))

    @rule(address=tokens, most=st.integers(1, 3), lock=lifetimes)
    def fail(self, address: bytes, most: int, lock: int) -> None:
        self.pair.both(lambda store: store.sign_ins.fail(address, self.now, most, lock))
        self.pair.both(lambda store: store.sign_ins.locked_until(address, self.now))

    @rule(address=tokens)
    def succeed(self, address: bytes) -> None:
        self.pair.both(lambda store: store.sign_ins.succeed(address))

    @rule(user=users, current=st.booleans(), lifetime=lifetimes)
    def begin(self, user: User, current: bool, lifetime: int) -> None:
        found = self.pair.both(lambda store: store.users.get(user.id)) if current else None
        seen = found if isinstance(found, User) else user
        self.families += 1
        name = f"f{self.families}"
        first = f"{name} 0".encode()
        self.pair.both(lambda store: store.families.begin(name, seen, first, self.now, self.now + lifetime))

    @rule(back=few, old=st.integers(0, 2), lifetime=lifetimes)
    def rotate(self, back: int, old: int, lifetime: int) -> None:
        name = f"f{self.families - back}"
        pair = f"{name} {old}".encode(), f"{name} {old + 1}".encode()
        self.pair.both(lambda store: store.families.rotate(*pair, self.now, self.now + lifetime))

    @rule(back=few, old=st.integers(0, 2))
    def end(self, back: int, old: int) -> None:
        token = f"f{self.families - back} {old}".encode()
        self.pair.both(lambda store: store.families.end(token))

    @rule(user=users)
    def sign_out(self, user: User) -> None:
        self.pair.both(lambda store: store.users.change_and_sign_out(user.id, lambda now: user, lambda: self.now))

    @rule(name=words, lifetime=lifetimes)
    def use(self, name: str, lifetime: int) -> None:
        self.pair.both(lambda store: store.one_time.use(name, self.now, self.now + lifetime))

    @rule(user=ids, back=st.sampled_from([0, 1, 2 * DAY]))
    def revoke(self, user: str, back: int) -> None:
        self.pair.both(lambda store: store.revocations.revoke(user, self.now - back))
        self.pair.both(lambda store: store.revocations.since(self.now - 1000))

    @rule(call=calls)
    def save(self, call: Call) -> None:
        self.pair.both(lambda store: store.calls.save(replace(call, created_at=self.now - call.created_at)))

    @rule(key=keys)
    def add_key(self, key: DataKey) -> None:
        self.pair.both(lambda store: store.histories.add_key(key))

    @rule(kept=st.lists(entries, max_size=4))
    def keep(self, kept: list[SealedEntry]) -> None:
        here = [replace(one, expires_at=self.now + one.expires_at) for one in kept]
        self.pair.both(lambda store: store.histories.keep(here))

    @rule(session=sessions, participant=few)
    def withdraw(self, session: str, participant: int) -> None:
        self.pair.both(lambda store: store.histories.withdraw(session, f"p_{participant}"))

    @rule(session=sessions)
    def forget(self, session: str) -> None:
        self.pair.both(lambda store: store.histories.delete(session))

    @rule(old=keys, new=keys)
    def rewrap(self, old: DataKey, new: DataKey) -> None:
        here = self.pair.both(lambda store: store.histories.key(old.session)) or old
        assert isinstance(here, DataKey)
        self.pair.both(lambda store: store.histories.rewrap(here, replace(new, session=here.session)))
        self.pair.both(lambda store: store.histories.keys_not_wrapped_by(new.wrapped_by, 2))

    @rule(longest=steps, user=st.none() | ids)
    def shorten(self, longest: int, user: str | None) -> None:
        self.pair.both(lambda store: store.histories.shorten(longest, user))

    @rule()
    def expire(self) -> None:
        self.pair.both(lambda store: store.histories.expire(self.now))
        self.pair.both(lambda store: store.calls.expire(self.now, DAY))

    @rule(session=sessions, user=ids, used=st.builds(Usage, few, few, st.integers(0, 2**40)))
    def use_up(self, session: str, user: str, used: Usage) -> None:
        self.pair.both(lambda store: store.usage.add(session, user, used))

    @rule(entry=audits, before=st.none() | few, event=st.none() | words, user=st.none() | ids)
    def audit(self, entry: AuditEntry, before: int | None, event: str | None, user: str | None) -> None:
        self.pair.both(lambda store: store.audit.add(entry))
        self.pair.both(lambda store: store.audit.page(3, user=user, event=event, before=before))

    @rule(before=few)
    def expire_audit(self, before: int) -> None:
        self.pair.both(lambda store: store.audit.expire(before))

    @rule(limit=few, offset=few)
    def look(self, limit: int, offset: int) -> None:
        self.pair.both(lambda store: store.users.page(limit, offset))
        self.pair.both(lambda store: store.calls.of_user("u_1", limit, offset))
        self.pair.both(lambda store: store.histories.entries("s_1", limit, offset))
        self.pair.both(lambda store: store.histories.entries("s_1", now=self.now))

    def teardown(self) -> None:
        async def everything(store: AccountStore) -> object:
            found: list[object] = [await store.users.page(9, 0), await store.audit.page(99)]
            for number in range(4):
                session, user = f"s_{number}", f"u_{number}"
                found += [
                    await store.users.by_email(f"{number}@example.org"),
                    await store.users.identities(user),
                    await store.calls.get(session),
                    await store.calls.of_user(user, 9, 0),
                    await store.histories.key(session),
                    await store.histories.entries(session),
                    await store.usage.of_session(session),
                    await store.usage.of_user(user),
                ]
            return found

        self.pair.both(everything)


@pytest.fixture(scope="module")
def pair(postgres: Postgres, newest: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    file = migrated_sqlite(tmp_path_factory.mktemp("histories") / "accounts.sqlite")
    with asyncio.Runner() as loop:
        opened = [open_accounts(url) for url in (file, postgres.url(newest))]
        one, other = (loop.run(each.__aenter__()) for each in opened)
        assert isinstance(one, SqlAccounts) and isinstance(other, SqlAccounts)
        yield Pair(loop, (one, other))
        for each in opened:
            loop.run(each.__aexit__(None, None, None))


def test_both_databases_give_the_same_answers(pair: Pair) -> None:
    Histories.pair = pair
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES, stateful_step_count=STEPS, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_a_difference_is_found(pair: Pair) -> None:
    async def odd(store: AccountStore) -> object:
        return store

    with pytest.raises(AssertionError):
        pair.both(odd)
