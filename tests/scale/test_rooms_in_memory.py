"""The parent of several processes takes each step as Redis does, and keeps what must outlive it."""

from __future__ import annotations

import asyncio
import random
import socket
from pathlib import Path
from typing import Any

import pytest

from nodes import parent_channel, rooms_in_memory
from nodes.counts import SharedCounts
from nodes.parent_channel import ParentChannel, answer_child
from nodes.redis_steps import RedisSteps
from nodes.rooms_in_memory import RoomsInMemory
from nodes.steps import Away, Located, Result, Steps
from remote.connection import connect
from signaling.rate_limits import Rate
from storage.records import EndedRecord, ParticipantRecord, SessionRecord, encode
from storage.sqlite import SqliteSessions
from tests.kit.moved_clock import until
from tests.kit.processes_here import children_of
from tests.kit.redis_server import RedisServer

LEASE_MS, LIFE_MS, REMEMBERED_MS = 600_000, 3_600_000, 86_400_000
STEPS = 1500


class Clock:
    ms = 1_000_000

    def __call__(self) -> int:
        return self.ms


def session(id: str, code: str) -> SessionRecord:
    return SessionRecord(id, code, False, 1, 2, participants=(ParticipantRecord("p", "u", "Ana", "en"),))


def ended(id: str, code: str, *withdrawn: str) -> EndedRecord:
    return EndedRecord(id, code, 1, None, 5_000, "left", withdrawn=withdrawn)


def shown(answer: Any) -> Any:
    """Return what two places must agree in: no clocks."""
    if isinstance(answer, Located):
        facts = None if answer.facts is None else answer.facts.partition(" ")[2]
        return (answer.session, answer.code, answer.node, answer.token, facts, answer.record)
    if isinstance(answer, tuple) and len(answer) == 3 and isinstance(answer[2], dict):
        return (answer[0], {name: text.partition(" ")[2] for name, text in answer[2].items()})
    return sorted(answer) if isinstance(answer, list) else answer


async def test_every_step_has_the_outcome_that_it_has_in_redis(redis: RedisServer, tmp_path: Path) -> None:
    dice, client = random.Random(23), connect(redis.url)
    codes = {"s0": "", "s1": "000001", "s2": "000001", "s3": "000002", "s4": "000002", "s5": "000003"}
    seen: set[Any] = set()
    async with SqliteSessions(tmp_path / "sessions.sqlite") as store:
        rooms = RoomsInMemory(store, LIFE_MS, Clock())
        async with children_of(rooms, "a", "b", "a") as (a, b, again):
            again.token = "token of a, started anew"
            theirs = [RedisSteps(client, one.name, one.token, LIFE_MS) for one in (a, b, again)]
            places: list[tuple[Steps, Steps]] = list(zip((a, b, again), theirs, strict=True))
            for number in range(STEPS):
                ours, other = dice.choice(places)
                id, code = dice.choice(list(codes.items()))
                record, over = encode(session(id, code)), dice.choice([None, ended(id, code), ended(id, code, "u")])
                end = (id, code, "" if over is None else encode(over), REMEMBERED_MS)
                withdrawn = {"withdrawn": over is not None and bool(over.withdrawn)}
                step, arguments = dice.choice(
                    [
                        ("beat", ('{"url": "http://x"}', LEASE_MS)),
                        ("beat", ('{"url": "http://y"}', LEASE_MS)),
                        ("leave", ()),
                        ("claim", (id, code)),
                        ("claim", (id, code)),
                        ("locate", (id,)),
                        ("locate", (code or "000009",)),
                        ("take_over", (id,)),
                        ("leave_unread", (id, f"text {number}")),
                        ("save", (id, record)),
                        ("save", (id, record)),
                        ("hold", (id, code, record)),
                        ("end", end),
                        ("withdrawn", ()),
                        ("left_by", (dice.choice("ab"),)),
                    ]
                )
                if step == "claim" and isinstance(await ours.locate(id), Located):
                    continue  # ids are random: nobody claims one that lives
                named = withdrawn if step == "end" else {}
                answers = [shown(await getattr(one, step)(*arguments, **named)) for one in (ours, other)]
                assert answers[0] == answers[1], f"step {number}: {ours.name} {step}{arguments}"
                first = answers[0][0] if isinstance(answers[0], tuple) else answers[0]
                seen.add((step, first if isinstance(first, Result) else type(first).__name__))
        await client.aclose()
    outcomes = {(step, result) for step, result in seen if isinstance(result, Result)}
    assert outcomes >= {
        *(("beat", one) for one in (Result.NEW, Result.RENEWED, Result.TAKEN)),
        *(("claim", one) for one in (Result.CLAIMED, Result.USED, Result.LAPSED)),
        *(("take_over", one) for one in (Result.TAKEN, Result.HELD, Result.GONE, Result.LAPSED)),
        *(("leave_unread", one) for one in (Result.SAVED, Result.LOST, Result.GONE)),
        *(("save", one) for one in (Result.SAVED, Result.LOST, Result.GONE)),
        *(("hold", one) for one in (Result.HELD, Result.LOST)),
        *(("end", one) for one in (Result.ENDED, Result.LOST)),
        ("locate", Result.LAPSED),
    }


async def test_what_lives_and_what_has_ended_outlives_the_children_of(tmp_path: Path) -> None:
    async with SqliteSessions(tmp_path / "sessions.sqlite") as store:
        rooms = RoomsInMemory(store, LIFE_MS, Clock())
        async with children_of(rooms, "p1") as (p1,):
            await p1.beat("{}", LEASE_MS)
            for id, code in (("s1", "000001"), ("s2", "000002")):
                assert await p1.claim(id, code) is Result.CLAIMED
                assert await p1.save(id, encode(session(id, code))) is Result.SAVED
            assert await p1.end("s2", "000002", encode(ended("s2", "000002", "u")), REMEMBERED_MS) is Result.ENDED
    async with SqliteSessions(tmp_path / "sessions.sqlite") as store:
        again = RoomsInMemory(store, LIFE_MS, Clock())
        again.restore(*await store.load(0), ["p1", "p2"], 0)
        async with children_of(again, "p2", "p1") as (p2, p1):
            for one in (p1, p2):
                await one.beat("{}", LEASE_MS)
            assert await p1.left_by("p1") == ["s1"]
            assert await p1.locate("000002") == encode(ended("s2", "000002", "u")).encode()
            assert await p2.withdrawn() == [encode(ended("s2", "000002", "u"))]
            assert await p1.take_over("s1") == (Result.TAKEN, "000001", encode(session("s1", "000001")).encode(), "")
            assert (await p2.take_over("s1"))[0] is Result.HELD
            assert repr(again) == "<RoomsInMemory, 1 sessions of p1, p2>"
            assert repr(p1) == "<ParentChannel of p1, 0 asked>"


async def test_a_lease_ends_with_its_time_and_with_its_process(tmp_path: Path) -> None:
    clock = Clock()
    async with SqliteSessions(":memory:") as store:
        rooms = RoomsInMemory(store, LIFE_MS, clock)
        async with children_of(rooms, "p1", "p2") as (p1, p2):
            for one in (p1, p2):
                await one.beat("{}", 4000)
            await p1.claim("s1", "000001")
            await p1.save("s1", encode(session("s1", "000001")))
            clock.ms += 3999
            await p2.beat("{}", 4000)
            assert (await p2.take_over("s1"))[0] is Result.HELD
            clock.ms += 1
            assert (await p2.take_over("s1"))[0] is Result.TAKEN
            assert await p1.save("s1", encode(session("s1", "000001"))) is Result.LOST
            rooms.gone("p2")
            await p1.beat("{}", 4000)
            assert (await p1.take_over("s1"))[0] is Result.TAKEN
            clock.ms += LIFE_MS
            await p1.beat("{}", 4000)
            assert await p1.locate("s1") is None and await p1.claim("s2", "000001") is Result.CLAIMED


async def test_as_many_ended_sessions_are_remembered_as_a_server_alone_remembers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rooms_in_memory, "MAX_ENDED", 2)
    clock = Clock()
    async with SqliteSessions(":memory:") as store:
        rooms = RoomsInMemory(store, LIFE_MS, clock)
        rooms.beat("p1", "token", "{}", LEASE_MS)
        for id, code, *withdrawn in (("s1", "1", "u"), ("s2", "2"), ("s1", "1", "u"), ("s3", "3")):
            rooms.end("p1", "token", id, code, encode(ended(id, code, *withdrawn)), 1000)
        found = [rooms.locate("p1", "token", name) for name in ("s1", "1", "s2", "2", "s3", "3")]
        assert [one is not None for one in found] == [True, True, False, False, True, True]
        assert rooms.withdrawn("p1", "token") == [encode(ended("s1", "1", "u"))]
        clock.ms += 1000
        rooms.beat("p1", "token", "{}", LEASE_MS)
        assert rooms.locate("p1", "token", "1") is None and rooms.withdrawn("p1", "token") == []


async def test_what_one_process_counts_counts_in_all() -> None:
    now = 100.0
    rooms = RoomsInMemory(SqliteSessions(":memory:"), LIFE_MS, Clock())
    async with children_of(rooms, "p1", "p2") as channels:
        for one in channels:
            await one.beat("{}", LEASE_MS)
        first, second = (SharedCounts(one, lambda: now) for one in channels)
        here, there = (one.limiter("wrong_codes", Rate(4, 60)) for one in (first, second))
        for _ in range(3):
            here.count("192.0.2.1", now)
        for one in (first, second, first, second):
            await one.exchange()
        assert there.wait("192.0.2.1", now) == 0, "what is read twice is counted once"
        here.count("192.0.2.1", now)
        for one in (first, second):
            await one.exchange()
        assert there.wait("192.0.2.1", now) == 60 and there.wait("192.0.2.2", now) == 0


async def test_who_asks_a_parent_that_is_gone_is_told_at_once(caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = socket.socketpair()
    lost: list[bool] = []
    channel = ParentChannel("p1", "token", lambda: lost.append(True))
    await channel.open(theirs)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(channel.run())
        asked = tasks.create_task(_refused(channel))
        await until(lambda: channel._asked)
        ours.close()
        assert await asked == "it is gone"
    assert lost == [True] and await _refused(channel) == "it is gone"


async def _refused(channel: ParentChannel) -> str:
    with pytest.raises(Away) as told:
        await channel.locate("s1")
    return str(told.value)


async def test_a_step_that_fails_costs_the_parent_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async with SqliteSessions(":memory:") as store, children_of(RoomsInMemory(store, LIFE_MS, Clock()), "p1") as (p1,):
        await p1.beat("{}", LEASE_MS)
        await p1.claim("s1", "")
        async with asyncio.TaskGroup() as tasks:
            failing = tasks.create_task(p1.save("s1", "no record"))
            assert await p1.claim("s2", "") is Result.CLAIMED
            await until(lambda: "a step of a process failed" in caplog.text)
            failing.cancel()


@pytest.mark.parametrize(("said", "told"), [(b'[0, "bea', ""), (b"7\n", "can't be read"), (b"[1]\n", "can't be read")])
async def test_what_is_half_a_line_or_no_message_ends_one_process_alone(
    said: bytes, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    ours, theirs = socket.socketpair()
    theirs.sendall(said)
    theirs.shutdown(socket.SHUT_WR)
    theirs.setblocking(False)
    with theirs:
        async with asyncio.timeout(10):
            await answer_child(ours, {})
            assert await asyncio.get_running_loop().sock_recv(theirs, 1) == b"", "it takes its parent to be gone"
    assert told in caplog.text


@pytest.mark.parametrize("said", [b'[0, "new', b"7\n", b"[1]\n"])
async def test_a_parent_that_ends_in_mid_answer_is_gone(said: bytes) -> None:
    ours, theirs = socket.socketpair()
    lost: list[bool] = []
    channel = ParentChannel("p1", "token", lambda: lost.append(True))
    await channel.open(theirs)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(channel.run())
        asked = tasks.create_task(_refused(channel))
        await until(lambda: channel._asked)
        ours.sendall(said)
        ours.close()
        assert await asked == "it is gone"
    assert lost == [True]


async def test_a_line_that_is_too_long_ends_one_process_alone(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(parent_channel, "LONGEST_LINE", 100)
    ours, theirs = socket.socketpair()
    with theirs:
        theirs.sendall(b"[" + b" " * 500 + b"0]\n")
        async with asyncio.timeout(10):
            await answer_child(ours, {})
    assert "can't be read" in caplog.text
