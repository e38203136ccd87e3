"""PostgreSQL stands still during a call: the call goes on, both are told, and the history says what is missing."""

from __future__ import annotations

import asyncio
import time

import pytest

from accounts.history.entry import Missing
from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import HistoryReader
from accounts.history.sealing import seal
from accounts.keeping.writer import WriterOptions
from storage.accounts.opening import open_accounts
from storage.accounts.records import Call, CallParticipant, User
from tests.kit import calls_with_accounts
from tests.kit.calls_with_accounts import KEY, open_kept
from tests.kit.extent import extent
from tests.kit.history_entries import ANA, BO, entry
from tests.kit.migrated_accounts import migrated_postgres
from tests.kit.moved_clock import MovedClock
from tests.kit.postgres import Postgres, binaries

AWAY_S = extent(3.0, 30.0)
SLOT_S = 0.02
MOST_WORK_S = 0.25
"""Most processor time between two slots. A loop that waited for the database would never let it go on."""
SLOW_S = 6.0

pytestmark = pytest.mark.skipif(binaries() is None, reason="PostgreSQL is not installed: scripts/setup test")


@pytest.fixture
def kind() -> str:
    """On PostgreSQL: an SQLite file can't go away."""
    return "postgresql"


async def work(slots: list[float]) -> None:
    """Measure what the event loop does between two slots."""
    while True:
        before = time.thread_time()
        await asyncio.sleep(SLOT_S)
        slots.append(time.thread_time() - before)


async def test_the_call_goes_on(postgres: Postgres, database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls_with_accounts, "QUICK", WriterOptions(slow_s=SLOW_S, again_s=0.1))
    clock, slots = MovedClock(), list[float]()
    async with open_accounts(database_url) as store, open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        kept.says(ana, bo, "Uno.", "One.", "a_1", 1000)
        await kept.written()
        measuring = asyncio.create_task(work(slots))
        postgres.pause()
        try:
            kept.says(ana, bo, "Dos.", "Two.", "a_2", 2000)  # said while it was on: kept later
            await ana.quiet()  # the write has begun
            clock.pass_time(SLOW_S)
            for one in (ana, bo):
                told = await one.hear("history")
                assert (told["on"], told["reason"]) == (False, "unavailable")
            for number in range(3):
                kept.says(bo, ana, "Lost.", "Perdido.", f"b_{number}", 10_000 + number * 1000)
            for _ in range(int(AWAY_S)):
                await asyncio.sleep(1)
                for one in (ana, bo):  # who does not read does not answer the server's pings either
                    await one.quiet()
        finally:
            postgres.go_on()
        for one in (ana, bo):
            told = await one.hear("history")
            assert told["on"] is True and "reason" not in told
        kept.says(ana, bo, "Tres.", "Three.", "a_3", 40_000)
        await kept.written()
        measuring.cancel()
        history = await kept.calls.reader.read(ana.session)
        assert [one.utterance for one in history.entries] == ["a_1", "a_2", "a_3"]
        assert history.missing == (Missing(10_000, 13_000, 3),)
        assert kept.calls.writer.lost == 3
    assert len(slots) > AWAY_S and max(slots) < MOST_WORK_S, max(slots)


async def test_a_deleted_account_leaves_nothing_in_the_files_after_vacuum(durable: Postgres) -> None:
    async with open_accounts(migrated_postgres(durable, "privacy")) as store:
        await store.users.add(User("u_ana", "Anacleta", "anacleta@example.org", True, None, "es", 1))
        people = (CallParticipant(ANA, "u_ana", "Anacleta Canary", "es"), CallParticipant(BO, "u_g", "Bo", "en"))
        await store.calls.save(Call("s_1", 1, 2, participants=people))
        wrapped, plain = OperatorKeys([KEY]).new_data_key("s_1")
        await store.histories.add_key(wrapped)
        rows = [seal(plain, "s_1", entry(utterance=f"u_{n}", original="the heron"), 1, 2**40) for n in range(50)]
        await store.histories.keep(rows)
        async with HistoryReader(store.histories, OperatorKeys([KEY]), lambda: 1) as reader:
            assert len((await reader.read("s_1")).entries) == 50
        durable.run("CHECKPOINT", "privacy")
        secrets = [row.sealed[12:44] for row in rows] + [wrapped.wrapped[12:44], b"Anacleta", b"anacleta@example.org"]
        kept = _tables(durable)
        assert all(secret in kept for secret in secrets)  # the scan finds what is there
        assert b"the heron" not in kept
        await store.users.delete("u_ana")
        counted = "SELECT (SELECT count(*) FROM translations) + (SELECT count(*) FROM data_keys)"
        assert durable.run(counted, "privacy") == "0"
        assert durable.run("SELECT count(*) FROM participants WHERE name LIKE '%Anacleta%'", "privacy") == "0"
    durable.run("VACUUM FULL", "privacy")  # a plain one leaves bytes in pages of indexes
    durable.run("CHECKPOINT", "privacy")
    left = _tables(durable)
    assert not [secret for secret in secrets if secret in left]


def _tables(server: Postgres) -> bytes:
    """Return the content of all tables' files; the write-ahead log is another folder (docs/privacy.md)."""
    files = [file for file in (server.data / "base").rglob("*") if file.is_file()]
    return b"".join(file.read_bytes() for file in files)
