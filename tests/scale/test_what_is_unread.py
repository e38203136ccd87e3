"""Subtitles that a node leaves unread: kept for who takes over, until that one writes, and a minute at the longest."""

from __future__ import annotations

import asyncio
import time

import pytest

from nodes import directory
from nodes.redis_steps import RedisSteps
from nodes.rooms_in_memory import RoomsInMemory
from nodes.steps import UNREAD_MS, Away, Result, Steps
from remote.connection import connect
from signaling.sessions.room_driver import RoomDriver
from storage.records import ParticipantRecord, SessionRecord, encode
from storage.sqlite import SqliteSessions
from tests.kit.nodes import HereNode, pair_over, two_nodes
from tests.kit.processes_here import children_of
from tests.kit.redis_server import RedisServer
from tests.kit.signaling_server import ScriptedRoom

LEASE_MS, LIFE_MS = 600_000, 3_600_000
RECORD = encode(SessionRecord("s1", "000001", False, 1, 2, participants=(ParticipantRecord("p", "u", "Ana", "en"),)))


async def what_is_left(a: Steps, b: Steps, c: Steps) -> None:
    """Let a session go from `a` to `b` to `c`, whose answers may be lost."""
    for one in (a, b, c):
        await one.beat("{}", LEASE_MS)
    assert await a.claim("s1", "000001") is Result.CLAIMED
    assert await a.save("s1", RECORD) is Result.SAVED
    assert await a.leave_unread("s1", "words") is Result.SAVED
    assert await a.save("s1", RECORD) is Result.SAVED, "who leaves may still write"
    await a.leave()
    for _ in range(2):  # as after an answer that was lost
        assert await b.take_over("s1") == (Result.TAKEN, "000001", RECORD.encode(), "words")
    assert await b.save("s1", RECORD) is Result.SAVED
    assert (await b.take_over("s1"))[3] == "", "it is out of date once somebody has gone on from it"
    assert await b.leave_unread("s1", "other words") is Result.SAVED
    assert await b.save("s1", RECORD) is Result.SAVED
    await b.leave()
    assert (await c.take_over("s1"))[3] == "other words"
    assert await c.end("s1", "000001", "", 1) is Result.ENDED


async def test_it_is_kept_in_redis_until_who_took_over_writes(redis: RedisServer) -> None:
    client = connect(redis.url)
    a, b, c = (RedisSteps(client, name, f"token of {name}", LIFE_MS) for name in "abc")
    await what_is_left(a, b, c)
    assert not [key async for key in client.scan_iter() if b"unread" in key]
    await client.aclose()


async def test_it_is_kept_in_a_parent_until_who_took_over_writes() -> None:
    async with (
        SqliteSessions(":memory:") as store,
        children_of(RoomsInMemory(store, LIFE_MS, lambda: 1000), "a", "b", "c") as (a, b, c),
    ):
        await what_is_left(a, b, c)


async def test_a_parent_forgets_it_after_a_minute() -> None:
    now = 1000
    async with SqliteSessions(":memory:") as store:
        rooms = RoomsInMemory(store, LIFE_MS, lambda: now)
        rooms.beat("a", "token", "{}", LEASE_MS)
        rooms.claim("a", "token", "s1", "000001")
        rooms.save("a", "token", "s1", RECORD)
        rooms.leave_unread("a", "token", "s1", "words")
        for passed, kept in ((UNREAD_MS - 1, "words"), (1, "")):
            now += passed
            rooms.beat("a", "token", "{}", LEASE_MS)
            assert rooms._sessions["s1"].unread == kept


class _Slow:
    """The steps of a node, of which `leave_unread` takes as long as the session's name says, or fails."""

    def __init__(self, here: HereNode) -> None:
        self.done: list[str] = []
        here.node.directory._steps.leave_unread = self.leave_unread  # type: ignore[method-assign]

    async def leave_unread(self, session: str, text: str) -> Result:
        await asyncio.sleep({"never": 60.0, "away": 0.0}.get(session, 0.1))
        if session == "away":
            raise Away("a test says so")
        self.done.append(session)
        return Result.SAVED


async def test_all_is_written_at_once_and_nobody_waits_for_what_is_late(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "LEAVE_S", 0.5)
    async with two_nodes(redis) as (a, _):
        slow, names = _Slow(a), [str(number) for number in range(40)]
        began = time.monotonic()
        await a.node.directory.leave(dict.fromkeys(["never", "away", *names], "words"))
        assert time.monotonic() - began < 2.0
        assert sorted(slow.done) == sorted(names) and not a.node.presence.holds


async def test_a_takeover_whose_answer_was_lost_brings_what_is_unread(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        a.front.rooms[0].unread_by = unread = {ana.me: [3, [[3, 0.1, "?"]]], bo.me: [1, []]}
        await a.front.sessions.shutdown(60)
        assert (await b.node.directory._steps.take_over(ana.session))[0] is Result.TAKEN  # and no answer came
        for one in (ana, bo):
            one.front = b.front
            await one.open(one.resume_token)
            assert (await one.hear("session_joined"))["status"] == "active"
        (room,) = b.front.rooms
        assert {one: found for _, one, found in room.did("go_on")} == unread
        await b.node.ledger.flush()
        assert (await b.node.directory._steps.take_over(ana.session))[3] == "", "it has been written since"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"p_1":' * 100_000, "[]", "7", "{", "9" * 5000])
def test_a_room_opens_also_where_nothing_can_be_read(text: str) -> None:
    assert RoomDriver("s_1", ScriptedRoom, text).unread() == ""  # type: ignore[arg-type]
