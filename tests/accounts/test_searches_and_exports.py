"""Searches and exports beside running calls: off the event loop, and right while calls begin."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from accounts import past_calls
from accounts.exporting import export_of
from accounts.history import slices
from accounts.history.entry import Entry
from accounts.history.long_looks import LineFull, LongLookOptions, LongLooks
from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import HistoryReader
from accounts.history.sealing import seal
from accounts.history.transcripts.call import TranscribedCall
from accounts.history.transcripts.formats import FORMATS
from storage.accounts.ports import AccountStore
from storage.accounts.records import Call, CallParticipant, User
from tests.kit.calls_with_accounts import KEY, open_kept
from tests.kit.history_entries import ANA, BO, entry
from tests.kit.moved_clock import until

NOW = 1_700_000_000_000
KEYS = OperatorKeys([bytes(32)])
USER = User("u_ana", "ana", "ana@example.org", True, None, "es", 1)
PEOPLE = (CallParticipant(ANA, "u_ana", "Ana", "es"), CallParticipant(BO, "u_bo", "Bo", "en"))


async def keep_call(store: AccountStore, number: int, entries: int) -> None:
    """Write a call of Ana's with a history; a greater number is a newer call."""
    session = f"s_{number}"
    await store.calls.save(Call(session, NOW + number, NOW + number, NOW + number + 9, "left", PEOPLE))
    wrapped, plain = KEYS.new_data_key(session)
    await store.histories.add_key(wrapped)
    said = (entry(utterance=f"u_{n}", start_ms=n) for n in range(entries))
    await store.histories.keep([seal(plain, session, one, NOW, NOW + 10_000) for one in said])


@asynccontextmanager
async def open_reader(store: AccountStore) -> AsyncIterator[HistoryReader]:
    async with HistoryReader(store.histories, KEYS, lambda: NOW) as reader:
        yield reader


async def test_an_export_is_encoded_off_the_event_loop(store: AccountStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.users.add(USER)
    await keep_call(store, 1, 3)
    threads: set[int] = set()
    encode, as_json = json.JSONEncoder.iterencode, Entry.as_json

    def encodes(self: json.JSONEncoder, value: Any, _one_shot: bool = False) -> Iterator[str]:
        threads.add(threading.get_ident())
        return encode(self, value, _one_shot)

    def shows(self: Entry, session: str) -> dict[str, object]:
        threads.add(threading.get_ident())
        return as_json(self, session)

    async with open_reader(store) as reader:
        expected = await reader.work(threading.get_ident)
        monkeypatch.setattr(json.JSONEncoder, "iterencode", encodes)
        monkeypatch.setattr(Entry, "as_json", shows)
        await export_of(USER, store, reader)
    assert threads == {expected}


async def test_pages_are_encoded_off_the_event_loop_in_slices(
    store: AccountStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thousand entries or calls in one go would keep frames waiting."""
    async with open_kept(store) as kept:
        ana = await kept.user("Ana")
        for number in range(5):
            await store.calls.save(Call(f"s_{number}", NOW + number, NOW, NOW + 9, "left", PEOPLE))
        wrapped, plain = OperatorKeys([KEY]).new_data_key("s_1")
        await store.histories.add_key(wrapped)
        now = int(kept.clock.wall * 1000)
        rows = [seal(plain, "s_1", entry(utterance=f"u_{n}", start_ms=n), now, now + 10**9) for n in range(20)]
        await store.histories.keep(rows)
        rests: list[int] = []
        monkeypatch.setattr(slices, "SLICE_S", 0.0)
        monkeypatch.setattr(slices, "rest", lambda: rests.append(threading.get_ident()))
        for path, name, total, limit, shown, more in (
            ("sessions/s_1/history", "translations", 20, 20, 20, 20),  # more: opening them rests, too
            ("sessions/s_1/history", "translations", 20, 3, 3, 20),
            ("users/me/sessions", "sessions", 5, 20, 5, 0),
            ("users/me/sessions", "sessions", 5, 2, 2, 0),
        ):
            rests.clear()
            status, answer = await ana.call("GET", f"/{path}?limit={limit}")
            assert (status, answer["total"], len(answer[name])) == (200, total, shown)
            assert len(rests) == shown + more and threading.get_ident() not in rests


async def test_a_long_list_is_read_a_few_calls_at_a_time(store: AccountStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(past_calls, "AT_ONCE", 3)
    await store.users.add(USER)
    for number in range(8):
        await store.calls.save(Call(f"s_{number}", NOW + number, NOW, NOW + 9, "left", PEOPLE))
    asked: list[int] = []

    class Counted:
        async def of_user(self, user: str, limit: int, offset: int) -> tuple[list[Call], int]:
            asked.append(limit)
            return await store.calls.of_user(user, limit, offset)

    counted: Any = SimpleNamespace(calls=Counted())
    async with open_reader(store) as reader:
        past = past_calls.PastCalls(counted, reader)
        for limit, offset, expected, looks in (
            (100, 0, range(7, -1, -1), [3, 3, 3]),
            (7, 0, range(7, 0, -1), [3, 3, 1]),
            (2, 1, range(6, 4, -1), [2]),
            (5, 6, range(1, -1, -1), [3]),
            (5, 8, range(0), [3]),
        ):
            asked.clear()
            found = await past.page("u_ana", limit, offset)
            assert ([one.session for one in found.calls], found.total) == ([f"s_{n}" for n in expected], 8)
            assert asked == looks


class Shifting:
    """Calls of a store to which another call is added after the first look."""

    def __init__(self, store: AccountStore) -> None:
        self._store = store
        self.looks, self.newest = 0, 99

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store.calls, name)

    async def of_user(self, user: str, limit: int, offset: int) -> tuple[list[Call], int]:
        found = await self._store.calls.of_user(user, limit, offset)
        self.looks += 1
        if self.looks == 1:
            await keep_call(self._store, self.newest, 1)
        return found


async def test_a_call_that_begins_meanwhile_doubles_nothing(
    store: AccountStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past_calls, "AT_ONCE", 2)
    await store.users.add(USER)
    for number in range(3):
        await keep_call(store, number, 1)
    calls = Shifting(store)
    shifting: Any = SimpleNamespace(calls=calls, users=store.users, usage=store.usage, histories=store.histories)
    async with open_reader(store) as reader:
        archive = zipfile.ZipFile(io.BytesIO(await export_of(USER, shifting, reader)))
        calls.looks, calls.newest = 0, 100
        found = await past_calls.PastCalls(shifting, reader).page("u_ana", 100, 0, "good morning")
    assert calls.looks > 1
    expected = ["s_2", "s_1", "s_0"]
    assert [one["session"] for one in json.loads(archive.read("calls.json"))] == expected
    histories = [name for name in archive.namelist() if name.startswith("history/")]
    assert histories == [f"history/{session}.json" for session in expected]
    assert [one.session for one in found.calls] == ["s_99", *expected]


async def test_long_work_rests_for_the_event_loop(store: AccountStore, monkeypatch: pytest.MonkeyPatch) -> None:
    await store.users.add(USER)
    await keep_call(store, 1, 20)
    rests: list[int] = []
    monkeypatch.setattr(slices, "SLICE_S", 0.0)
    monkeypatch.setattr(slices, "rest", lambda: rests.append(threading.get_ident()))
    async with open_reader(store) as reader:
        thread = await reader.work(threading.get_ident)
        history = await reader.read("s_1")
        opening = len(rests)
        assert not await reader.mentions("s_1", "heron")
        searching = len(rests) - opening
        await export_of(USER, store, reader)
        exporting = len(rests) - searching - opening
        written = TranscribedCall("s_1", NOW, history.entries)
        for one in FORMATS.values():
            before = len(rests)
            await reader.work(one.write, written)
            assert len(rests) - before >= 20
    assert opening == 20 and searching == 40 and exporting > 200 and set(rests) == {thread}


def test_a_slice_is_over_after_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    rests: list[float] = []
    monkeypatch.setattr(time, "perf_counter", lambda: now)
    monkeypatch.setattr(slices, "rest", lambda: rests.append(now))
    for _ in slices.in_slices(range(10)):
        now += slices.SLICE_S * 0.35
    assert len(rests) == 3


async def test_few_long_looks_run_at_once_and_the_line_is_bounded() -> None:
    looks, free = LongLooks(LongLookOptions(at_once=2, waiting=1, of_one=2)), asyncio.Event()
    running: list[str] = []

    async def look(user: str) -> None:
        async with looks.turn(user):
            running.append(user)
            await free.wait()
            running.remove(user)

    async with asyncio.TaskGroup() as tasks:
        first = tasks.create_task(look("u_a"))
        tasks.create_task(look("u_a"))
        await asyncio.sleep(0)
        with pytest.raises(LineFull):  # one person
            await look("u_a")
        tasks.create_task(look("u_b"))
        await asyncio.sleep(0)
        assert running == ["u_a", "u_a"] and repr(looks) == "<LongLooks 3 in the line>"
        with pytest.raises(LineFull):  # all of them
            await look("u_c")
        first.cancel()
        await until(lambda: len(running) == 3)
        assert sorted(running) == ["u_a", "u_a", "u_b"]
        free.set()
    async with looks.turn("u_c"):
        assert repr(looks) == "<LongLooks 1 in the line>"


async def test_a_search_or_an_export_beyond_the_line_is_refused(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.user("Bo")
        async with AsyncExitStack() as held:
            for _ in range(2):
                await held.enter_async_context(kept.calls.long_looks.turn("u_ana"))
            for path in ("/users/me/sessions?query=x", "/users/me/export"):
                headers = {"Authorization": f"Bearer {ana.token}"}
                async with kept.front.http.get(f"{kept.front.url}/api/v1{path}", headers=headers) as answer:
                    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
                    assert (await answer.json())["error"]["code"] == "at_capacity"
            assert (await ana.call("GET", "/users/me/sessions"))[0] == 200
        for one in (ana, bo):
            assert (await one.call("GET", "/users/me/sessions?query=x"))[0] == 200
