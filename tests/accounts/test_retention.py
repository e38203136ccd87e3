"""Time for which histories are kept: a shorter one holds for what is there already, and nothing too old is shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from accounts.history.operator_keys import OperatorKeys
from accounts.history.reading import HistoryReader, OpenedHistory
from accounts.history.sealing import seal
from accounts.history.upkeep import keep_up
from accounts.keeping.retention import DAY_MS
from storage.accounts import shortening
from storage.accounts.ports import AccountStore, Unavailable
from storage.accounts.records import Call, CallParticipant, DataKey, SealedEntry, Usage, User
from tests.kit.calls_with_accounts import open_kept
from tests.kit.history_entries import entry
from tests.kit.writing_calls import CALL, PEOPLE, USER, writing

NOW = 1_700_000_000_000
KEYS = OperatorKeys([bytes(32)])
ENTRY = SealedEntry("s_1", "utt_1", 0, "p_b", "p_a", 100, NOW, NOW + 30 * DAY_MS, b"sealed")


async def keep(store: AccountStore, *entries: SealedEntry, user: str = "u_ana") -> None:
    for session in {one.session for one in entries}:
        people = (CallParticipant("p_a", user, "Ana", "es"), CallParticipant("p_b", "u_guest", "Bo", "en"))
        await store.calls.save(Call(session, NOW, NOW, NOW + 1, participants=people))
        await store.histories.add_key(DataKey(session, KEYS.newest, b"wrapped"))
    await store.histories.keep(entries)


async def expiry(store: AccountStore, session: str = "s_1") -> list[int]:
    """Return the days after which each entry of a session expires."""
    return [(one.expires_at - one.kept_at) // DAY_MS for one in (await store.histories.entries(session))[0]]


async def looked_after(store: Any, days: int, now: int, until: Callable[[], Any]) -> None:
    """Run the upkeep until `until` answers with something true."""
    task = asyncio.create_task(keep_up(store, KEYS, days * DAY_MS, lambda: now, 0.01))
    try:
        async with asyncio.timeout(60):
            while not await until():
                await asyncio.sleep(0.01)
    finally:
        task.cancel()
        await asyncio.wait({task})  # its connection is given back before the store closes


async def test_fewer_days_hold_for_what_was_kept_before(store: AccountStore) -> None:
    old, shorter = replace(ENTRY, kept_at=NOW - 2 * DAY_MS), replace(ENTRY, segment=2, expires_at=NOW + 3600)
    await keep(store, old, shorter, replace(ENTRY, segment=1))

    async def expired() -> bool:
        return (await store.histories.entries("s_1"))[1] == 2

    await looked_after(store, 1, NOW, expired)
    assert [one.expires_at for one in (await store.histories.entries("s_1"))[0]] == [NOW + DAY_MS, NOW + 3600]


async def test_more_days_change_nothing_that_was_kept_before(store: AccountStore) -> None:
    await keep(store, ENTRY)
    assert await store.histories.shorten(90 * DAY_MS) == 0
    assert await expiry(store) == [30]


async def test_every_call_is_reached_and_those_of_others_are_left(
    store: AccountStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortening, "CALLS_AT_ONCE", 2)
    for number in range(5):
        await keep(store, replace(ENTRY, session=f"s_{number}"), user="u_ana" if number % 2 == 0 else "u_eve")
    assert await store.histories.shorten(7 * DAY_MS, "u_ana") == 3
    assert [await expiry(store, f"s_{number}") for number in range(5)] == [[7], [30], [7], [30], [7]]
    assert await store.histories.shorten(DAY_MS) == 5
    assert await store.histories.shorten(DAY_MS) == 0


async def test_keys_that_can_not_be_wrapped_keep_nothing_from_expiring(store: AccountStore) -> None:
    await keep(store, replace(ENTRY, expires_at=NOW))
    asked: list[str] = []

    class Failing:
        async def keys_not_wrapped_by(self, key_id: str, limit: int) -> list[DataKey]:
            asked.append(key_id)
            raise Unavailable("away")

        async def shorten(self, longest_ms: int) -> int:
            asked.append("shorten")
            raise Unavailable("away")

        def __getattr__(self, name: str) -> Any:
            return getattr(store.histories, name)

    async def expired() -> bool:
        return (await store.histories.entries("s_1"))[1] == 0 and len(asked) > 3

    await looked_after(SimpleNamespace(histories=Failing(), calls=store.calls), 30, NOW, expired)
    assert set(asked) == {KEYS.newest, "shorten"}  # each again


async def test_calls_go_after_the_servers_days_and_usage_stays(store: AccountStore) -> None:
    people = (CallParticipant("p_a", "u_ana", "Ana", "es"), CallParticipant("p_b", "u_guest", "Bo", "en"))
    days = {"s_new": (29, 29), "s_old": (31, 31), "s_ran_on": (31, 29), "s_killed": (39, None), "s_runs": (9, None)}
    for session, (begun, ended) in days.items():
        moments = [None if ago is None else NOW - ago * DAY_MS for ago in (begun, ended)]
        began = moments[0] or 0
        await store.calls.save(Call(session, began, began, moments[1], "left", people, {"utterances": 1}))
        await store.usage.add(session, "u_ana", Usage(1000, 500, 20))
    await keep(store, replace(ENTRY, session="s_with_history", kept_at=NOW + DAY_MS, expires_at=NOW + 31 * DAY_MS))

    async def left() -> set[str]:
        return {call.session for call in (await store.calls.of_user("u_ana", 99, 0))[0]}

    async def expired() -> bool:
        return "s_old" not in await left()

    await looked_after(store, 30, NOW, expired)
    assert await left() == {"s_new", "s_ran_on", "s_runs", "s_with_history"}
    assert (await store.usage.of_user("u_ana")) == Usage(5000, 2500, 100)
    assert await store.calls.get("s_old") is None

    async def all_but_history() -> bool:
        return len(await left()) == 1

    await looked_after(store, 30, NOW + 30 * DAY_MS + 2, all_but_history)
    assert await left() == {"s_with_history"}, "its participants may still see it"

    async def nothing() -> bool:
        return not await left()

    await looked_after(store, 30, NOW + 31 * DAY_MS, nothing)
    assert (await store.usage.of_user("u_ana")) == Usage(5000, 2500, 100)


async def test_calls_go_after_the_days_that_a_participant_wants(store: AccountStore) -> None:
    wishes = {"u_ana": 7, "u_bo": None, "u_eve": 36_500, "u_left": 1}
    for user, days in wishes.items():
        await store.users.add(User(user, user, None, False, None, "en", 1, retention_days=days))
    calls = {
        "s_ana": (8, "u_ana", "u_bo"),
        "s_ana_young": (6, "u_ana", "u_bo"),
        "s_ana_and_guest": (8, "u_guest", "u_ana"),
        "s_ana_with_history": (8, "u_ana", "u_bo"),
        "s_others": (29, "u_bo", "u_eve"),
        "s_of_one_who_left": (8, "u_bo", "u_left"),
        "s_guests": (8, "u_guest", "u_guest_2"),
    }
    for session, (ago, *two) in calls.items():
        people = tuple(CallParticipant(f"p_{user}", user, user, "en") for user in two)
        ended = NOW - ago * DAY_MS
        await store.calls.save(Call(session, ended - 9, ended - 8, ended, "left", people, {"utterances": 1}))
        await store.usage.add(session, two[1], Usage(1000, 500, 20))
    begun = NOW - 8 * DAY_MS
    await store.calls.save(Call("s_ana_runs", begun, begun, participants=(CallParticipant("p", "u_ana", "", "en"),)))
    await store.histories.add_key(DataKey("s_ana_with_history", KEYS.newest, b"wrapped"))
    await store.users.delete("u_left")
    assert await store.calls.expire(NOW, 30 * DAY_MS) == 2
    left = [session for session in (*calls, "s_ana_runs") if await store.calls.get(session) is not None]
    assert left == [session for session in (*calls, "s_ana_runs") if session not in ("s_ana", "s_ana_and_guest")]
    assert await store.usage.of_user("u_ana") == Usage(1000, 500, 20)
    await store.users.change("u_bo", lambda now: replace(now, retention_days=8))
    assert await store.calls.expire(NOW, 30 * DAY_MS) == 1
    assert await store.calls.get("s_others") is None


async def test_a_guests_name_is_not_shown_after_the_servers_days(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo = await kept.user("Ana"), await kept.front.guest("Bo")
        await kept.pair(ana, bo)
        await ana.say({"type": "leave_session"})
        await bo.hear("session_ended")
        await kept.written()
        assert (await ana.call("GET", "/users/me/sessions?query=bo"))[1]["total"] == 1
        kept.clock.wall += 30 * DAY_MS / 1000 + 1

        async def gone() -> bool:
            return await store.calls.get(ana.session) is None

        await looked_after(store, 30, int(kept.clock.wall * 1000), gone)
        ana = kept.client("u_ana", "Ana", "user")
        assert (await ana.call("GET", "/users/me/sessions"))[1] == {"sessions": [], "total": 0}


async def test_an_entry_whose_time_is_over_is_not_read(store: AccountStore) -> None:
    wrapped, plain = KEYS.new_data_key("s_1")
    await store.histories.add_key(wrapped)
    rows = [seal(plain, "s_1", entry(utterance=f"u_{n}", start_ms=n), NOW, NOW + n) for n in range(3)]
    await store.histories.keep(rows)
    assert await store.histories.entries("s_1", 1, 1, now=NOW) == ([rows[2]], 2)
    now = NOW
    async with HistoryReader(store.histories, KEYS, lambda: now) as reader:
        assert [one.utterance for one in (await reader.read("s_1")).entries] == ["u_1", "u_2"]
        now = NOW + 2
        assert await reader.read("s_1") == OpenedHistory()
        assert not await reader.mentions("s_1", "good morning")


async def test_a_person_wants_fewer_days(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana, bo, eve = await kept.user("Ana"), await kept.user("Bo"), await kept.user("Eve")
        await kept.pair(ana, bo)
        kept.says(ana, bo, "Hola.", "Hello.", "a_1", 1000)
        await kept.written()
        assert (await ana.call("GET", "/users/me"))[1]["retentionDays"] == 30
        assert (await eve.call("PATCH", "/users/me", {"retentionDays": 1}))[0] == 200
        assert await expiry(store, ana.session) == [30]
        status, me = await bo.call("PATCH", "/users/me", {"retentionDays": 7})
        assert (status, me["retentionDays"], me["username"]) == (200, 7, "Bo")
        assert await expiry(store, ana.session) == [7]
        kept.says(ana, bo, "Bueno.", "Well.", "a_2", 3000)
        await kept.written()
        assert await expiry(store, ana.session) == [7, 7]
        kept.clock.wall += 7 * DAY_MS / 1000
        assert (await kept.calls.reader.read(ana.session)).entries == ()


async def test_no_wish_is_longer_than_the_servers_days(store: AccountStore) -> None:
    async with open_kept(store) as kept:
        ana = await kept.user("Ana")
        for days, shown in ((7, 7), (None, 7), (36_500, 30)):
            assert (await ana.call("PATCH", "/users/me", {"retentionDays": days}))[1]["retentionDays"] == shown
            assert (await ana.call("GET", "/users/me"))[1]["retentionDays"] == shown
        for bad in (0, -1, 36_501, "7", 1.5, True):
            status, answer = await ana.call("PATCH", "/users/me", {"retentionDays": bad})
            assert (status, answer["error"]["details"]["field"]) == (400, "retentionDays")
        assert (await ana.call("GET", "/users/me"))[1]["retentionDays"] == 30


async def test_a_wish_that_comes_while_an_entry_is_kept_holds_for_it(store: AccountStore) -> None:
    await store.users.add(USER)
    async with writing(store) as scene:
        histories: Any = store.histories

        class Overtaken:
            """The person wants fewer days after the writer has looked, and before the entry is there."""

            async def keep(self, entries: Any, fresh: Any) -> frozenset[str]:
                await store.users.change(USER.id, lambda now: replace(now, retention_days=7))
                await histories.shorten(7 * DAY_MS, USER.id)
                return frozenset(await histories.keep(entries, fresh))

            def __getattr__(self, name: str) -> Any:
                return getattr(histories, name)

        scene.failing.__dict__["histories"] = Overtaken()
        scene.writer.save(CALL)
        scene.writer.keep("s_1", PEOPLE, entry())
        await scene.writer.finish(60)
        assert await expiry(store) == [7]
