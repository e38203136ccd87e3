"""The writer of calls, on a real database: in order, once, off the callers' way, and honest about what is lost."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.history.entry import Missing
from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import OpenedHistory
from accounts.history.rewrapping import Rewrapping
from accounts.history.upkeep import keep_up
from accounts.keeping.retention import DAY_MS, GUESTS_MS, kept_for_ms
from storage.accounts.ports import AccountStore
from storage.accounts.records import Call, Usage, User
from tests.kit.history_entries import ANA, BO, entry
from tests.kit.writing_calls import CALL, KEY, NOW, PEOPLE, QUICK, SLOW, USER, until, writing

NEW = bytes(range(32))


async def test_a_call_its_texts_and_its_usage_are_written(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        scene.writer.save(CALL)
        entries = [entry(utterance=f"u_{n:03d}", start_ms=n * 10) for n in range(100)]
        for one in entries:
            scene.writer.keep("s_1", PEOPLE, one)
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000, 10, 5), "u_bo": Usage(9)})
        ended = replace(CALL, ended_at=9000, reason="left", metrics={"spoken": 1})
        scene.writer.save(ended)
        await scene.writer.finish(60)
        assert await scene.history() == OpenedHistory(tuple(entries))
    assert await store.calls.get("s_1") == ended
    assert await store.usage.of_session("s_1") == {"u_ana": Usage(1000, 10, 5)}  # Bo is a guest
    assert scene.writer.lost == 0 and "0 calls" in repr(scene.writer)


async def test_nobody_waits_for_a_database_that_hangs(store: AccountStore) -> None:
    async with writing(store) as scene:
        scene.faults.hangs = True
        for number in range(2000):
            scene.writer.keep("s_1", PEOPLE, entry(utterance=f"u_{number}"))
        assert scene.writer.waiting == 2000
        scene.faults.hangs = False
        scene.faults.back.set()
        await scene.writer.finish(60)
        assert len((await scene.history()).entries) == 2000


async def test_an_outage_is_told_and_what_was_said_in_it_is_missing(store: AccountStore) -> None:
    async with writing(store) as scene:
        changes: list[bool] = []
        scene.writer.watch("s_1", lambda: changes.append(scene.writer.trouble))
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_1", start_ms=0))
        await scene.writer.finish(60)
        scene.faults.away = True
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_2", start_ms=5000))  # said while it was on
        await until(lambda: scene.writer.trouble)
        for number in (3, 4):
            scene.writer.keep(
                "s_1", PEOPLE, entry(utterance=f"u_{number}", start_ms=number * 5000, end_ms=number * 5000 + 900)
            )
        scene.faults.away = False
        await until(lambda: not scene.writer.trouble)
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_5", start_ms=30_000))
        await scene.writer.finish(60)
        kept = await scene.history()
        assert [one.utterance for one in kept.entries] == ["u_1", "u_2", "u_5"]
        assert kept.missing == (Missing(15_000, 20_900, 2),)
        assert changes == [True, False] and scene.writer.lost == 2


async def test_a_slow_database_is_in_trouble_before_it_fails(store: AccountStore) -> None:
    async with writing(store, options=SLOW) as scene:
        scene.faults.hangs = True
        scene.writer.keep("s_1", PEOPLE, entry())
        await until(lambda: scene.writer.trouble)
        scene.faults.hangs = False
        scene.faults.back.set()
        await until(lambda: not scene.writer.trouble)
        assert (await scene.history()).entries == (entry(),)


async def test_a_lost_answer_writes_nothing_twice(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        scene.faults.answer_lost = True
        scene.writer.save(CALL)
        scene.writer.keep("s_1", PEOPLE, entry())
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000)})
        for _ in range(4):  # each step comes through once, and its answer is lost
            await until(lambda: scene.writer.trouble)
            await asyncio.sleep(0.05)
            scene.faults.answer_lost = False
            await until(lambda: not scene.writer.trouble)
            scene.faults.answer_lost = True
            scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000)})
        scene.faults.answer_lost = False
        await scene.writer.finish(60)
        assert (await scene.history()).entries == (entry(),)
    assert (await store.usage.of_user("u_ana")).heard_ms == 1000


async def test_an_addition_whose_answer_is_lost_counts_once(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        usage: Any = scene.store.usage
        added: list[str] = []
        failing: Any = scene.writer._rows._store

        class Lossy:
            async def of_session(self, session: str) -> dict[str, Usage]:
                return dict(await usage.of_session(session))

            async def add(self, session: str, user: str, used: Usage) -> None:
                await usage.add(session, user, used)
                added.append(user)
                if len(added) == 1:
                    from storage.accounts.ports import Unavailable

                    raise Unavailable("the answer was lost")

        failing.__dict__["usage"] = Lossy()
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000)})
        await scene.writer.finish(60)
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1500)})
        await scene.writer.finish(60)
    assert len(added) == 2
    assert (await store.usage.of_user("u_ana")).heard_ms == 1500


async def test_who_withdraws_leaves_nothing_of_theirs_wherever_it_was(store: AccountStore) -> None:
    async with writing(store) as scene:
        theirs = entry(utterance="u_2", source=BO, target=ANA)
        scene.writer.keep("s_1", PEOPLE, entry())
        scene.writer.keep("s_1", PEOPLE, theirs)
        await scene.writer.finish(60)
        scene.faults.away = True
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_3"))
        await until(lambda: scene.writer.trouble)
        scene.writer.withdraw("s_1", ANA)  # of rows that are written, and of one that waits
        scene.faults.away = False
        await scene.writer.finish(60)
        assert (await scene.history()).entries == (theirs,)
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_4"))  # and consents again
        await scene.writer.finish(60)
        assert [one.utterance for one in (await scene.history()).entries] == ["u_2", "u_4"]


async def test_a_deleted_account_gets_no_new_rows(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        scene.writer.save(CALL)
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(60)
        await store.users.delete("u_ana")
        scene.writer.keep("s_1", PEOPLE, entry(utterance="u_2"))
        scene.writer.use("s_1", PEOPLE, {"u_ana": Usage(1000)})
        scene.writer.save(replace(CALL, ended_at=5000, reason="deleted"))
        await scene.writer.finish(60)
        assert ANA not in [one.source for one in (await scene.history()).entries]
    assert await store.usage.of_session("s_1") == {}
    call = await store.calls.get("s_1")
    assert call is not None and all(one.name != "Ana" and one.user != "u_ana" for one in call.participants)


async def test_the_line_is_bounded_and_the_rest_is_counted(store: AccountStore) -> None:
    async with writing(store, options=replace(QUICK, most_entries=10)) as scene:
        scene.faults.hangs = True
        for number in range(15):
            scene.writer.keep("s_1", PEOPLE, entry(utterance=f"u_{number}", start_ms=number))
        assert (scene.writer.waiting, scene.writer.lost) == (10, 5)
        scene.faults.hangs = False
        scene.faults.back.set()
        await scene.writer.finish(60)
        kept = await scene.history()
        assert len(kept.entries) == 10 and kept.missing == (Missing(10, 1100, 5),)


async def test_what_is_not_written_at_the_end_is_counted(store: AccountStore) -> None:
    async with writing(store) as scene:
        scene.faults.away = True
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(0.05)
        assert scene.writer.lost == 1


async def test_one_call_that_can_not_be_written_costs_no_other(store: AccountStore) -> None:
    async with writing(store) as scene:
        scene.writer.keep("s_bad", PEOPLE, entry(original=1j))
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(60)
        assert (await scene.history()).entries == (entry(),)
        assert scene.writer.lost == 1 and not scene.writer.trouble


async def test_texts_expire_by_the_clock_and_the_shortest_wish(store: AccountStore) -> None:
    await store.users.add(replace(USER, retention_days=2))
    async with writing(store) as scene:
        scene.writer.save(replace(CALL, ended_at=3000))
        scene.writer.keep("s_1", PEOPLE, entry())
        scene.writer.keep("s_guests", tuple(replace(one, user="u_guest") for one in PEOPLE), entry())
        await scene.writer.finish(60)
        moved = NOW

        async def look(session: str) -> int:
            looks = scene.faults.calls.count("calls.expire")
            task = asyncio.create_task(keep_up(scene.failing, scene.keys, 30 * DAY_MS, lambda: moved, 0.01))
            await until(lambda: scene.faults.calls.count("calls.expire") >= looks + 3)
            task.cancel()
            await asyncio.wait({task})
            return len((await scene.history(session)).entries)

        assert (await look("s_1"), await look("s_guests")) == (1, 1)
        moved = NOW + GUESTS_MS + 1
        assert (await look("s_1"), await look("s_guests")) == (1, 0)
        moved = NOW + 2 * DAY_MS + 1
        assert await look("s_1") == 0
        assert await store.histories.key("s_1") is None


async def test_upkeep_goes_on_after_whatever_the_database_says() -> None:
    class Broken:
        looks = 0

        async def shorten(self, longest_ms: int) -> int:
            return 0

        async def expire(self, now: int) -> int:
            self.looks += 1
            if self.looks < 3:
                raise ValueError("a row that nobody can read")
            return 0

    histories: Any = Broken()
    store: Any = SimpleNamespace(histories=histories, calls=histories)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(keep_up(store, OperatorKeys(), 30 * DAY_MS, lambda: NOW, 0.001))
        await until(lambda: histories.looks >= 4)
        running.cancel()


def test_the_shortest_wish_counts() -> None:
    def user(days: int | None) -> User:
        return replace(USER, retention_days=days)

    assert kept_for_ms(30, [user(None), None]) == 30 * DAY_MS
    assert kept_for_ms(30, [user(7), user(90)]) == 7 * DAY_MS
    assert kept_for_ms(5, [user(7)]) == 5 * DAY_MS
    assert kept_for_ms(30, [None, None]) == GUESTS_MS
    assert kept_for_ms(0, [None]) == 0


async def test_keys_are_wrapped_anew_and_old_ones_may_go(store: AccountStore) -> None:
    async with writing(store) as scene:
        for number in range(130):
            await store.histories.add_key(scene.keys.new_data_key(f"s_{number}")[0])
        foreign, _ = OperatorKeys([bytes(31) + b"x"]).new_data_key("s_0foreign")
        await store.histories.add_key(foreign)
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(60)
        for _ in range(2):
            await Rewrapping(store.histories, OperatorKeys([NEW, KEY])).look()
            assert await store.histories.keys_not_wrapped_by(OperatorKeys([NEW]).newest, 200) == [foreign]
        assert (await scene.history(keys=OperatorKeys([NEW]))).entries == (entry(),)
        assert await scene.history(keys=OperatorKeys([KEY])) == OpenedHistory((), (Missing(200, 200, 1),))
        assert await scene.history("s_2") == OpenedHistory()


async def test_the_end_waits_while_something_is_written(store: AccountStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        calls, may, written = store.calls, asyncio.Semaphore(0), 0

        class Slow:
            async def save(self, call: Call) -> None:
                await may.acquire()
                await calls.save(call)

        async def flush(timeout: float) -> bool:
            """Let one timeout pass, in which one call is written."""
            nonlocal written
            may.release()
            written += 1
            await until(lambda: f" {15 - written} calls" in repr(scene.writer))
            return written == 15

        scene.failing.__dict__["calls"] = Slow()
        for number in range(15):
            scene.writer.save(replace(CALL, session=f"s_{number}", ended_at=5000))
        monkeypatch.setattr(scene.writer, "flush", flush)
        await scene.writer.finish(60, 0)
        assert written == 1 and await store.calls.get("s_14") is None  # for no longer than it may
        await scene.writer.finish(60)
        assert written == 15 and await store.calls.get("s_14") is not None
