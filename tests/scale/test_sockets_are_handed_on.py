"""Processes at one address: a socket goes on at the process that has its session, whichever it came to."""

from __future__ import annotations

import asyncio
import json
import time

import aiohttp
import pytest

from signaling.config import SignalingLimits, SignalingOptions
from signaling.http import app
from signaling.http.client_arrival import FORWARDED
from signaling.tokens import Introduction, Tokens
from tests.kit.moved_clock import until
from tests.kit.nodes import KEY
from tests.kit.processes_here import HereProcess, pair_over, two_processes
from tests.kit.signaling_server import MANY, Client


async def test_a_socket_goes_on_at_the_process_that_has_its_session() -> None:
    async with two_processes() as (a, b):
        ana, bo = await pair_over(a, b)
        assert (len(a.front.sessions), len(b.front.sessions)) == (1, 0)
        assert (len(a.front.sessions.connections), len(b.front.sessions.connections)) == (2, 0)
        await bo.say({"type": "set_language", "language": "de"})
        assert (await ana.hear("partner_language"))["language"] == "de"
        assert bo.socket is not None
        await bo.quiet()
        await ana.say({"type": "leave_session"})
        assert (await bo.hear("session_ended"))["reason"] == "partner_left"
        assert await bo.next() == 1000


async def test_nothing_that_comes_right_behind_the_first_message_is_lost() -> None:
    async with two_processes() as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        ana.front = b.front
        await ana.open()
        await ana.say({"type": "heartbeat", "id": "at once"})
        await ana.hear("session_joined")
        assert await ana.next() == {"type": "heartbeat", "id": "at once"}


async def test_who_vanishes_at_one_process_is_missed_at_the_other() -> None:
    async with two_processes() as (a, b):
        ana, bo = await pair_over(a, b)
        await bo.vanish()
        await until(lambda: len(a.front.sessions.connections) == 1)
        await bo.open(bo.resume_token)
        assert (await bo.hear("session_joined"))["status"] == "active"
        await ana.quiet()


async def test_signs_of_life_and_what_is_too_long_are_judged_by_the_process_of_the_session() -> None:
    async with two_processes() as (a, b):
        _, bo = await pair_over(a, b)
        assert bo.socket is not None
        await bo.socket.ping(b"?")
        await bo.quiet()  # the answer to the ping has come before
        await bo.say("x" * 100_000)
        await bo.hear_error("too_large", fatal=True, close=1009)


async def test_a_socket_is_handed_on_once() -> None:
    async with two_processes() as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        ana.front = b.front
        header = {FORWARDED: Tokens(KEY).issue_forwarded(Introduction("192.0.2.1"), "GET /ws", time.time())}
        await ana.connect(**header)
        join = {"type": "join_session", "sessionId": ana.session, "token": ana.token, "language": "es", "protocol": 1}
        await ana.say(join)
        await ana.hear_error("at_capacity", fatal=True, close=1001)


async def test_a_socket_that_comes_late_from_another_process_displaces_no_newer_one() -> None:
    async with two_processes() as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        late = Client(b.front, ana.token, ana.user)
        await late.connect()
        await ana.open()
        await ana.hear("session_joined")
        join = {"type": "join_session", "sessionId": ana.session, "token": ana.token, "language": "es", "protocol": 1}
        await late.say(join)
        await late.hear_error("taken_over", fatal=True, close=4001)
        await ana.quiet()
        await late.connect()
        await late.say(join)
        await late.hear("session_joined")
        await ana.hear_error("taken_over", fatal=True, close=4001)


async def test_a_process_that_does_not_answer_is_told_and_one_that_is_gone_is_taken_over_from() -> None:
    async with two_processes() as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        await a.node.ledger.flush()
        a.node.presence.listens("http://127.0.0.1:1")
        await a.beat()
        ana.front = b.front
        await ana.open()
        await ana.hear_error("at_capacity", fatal=True, close=1001)
        a.rooms.gone("p1")
        await ana.open()
        assert (await ana.hear("session_joined"))["status"] == "waiting"
        assert len(b.front.sessions) == 1


async def test_a_process_that_ends_alone_closes_its_sockets_for_their_clients_to_come_back() -> None:
    async with two_processes() as (a, b):
        ana, bo = await pair_over(a, b)
        await b.beat()
        await a.front.sessions.shutdown(60)
        for one in (ana, bo):
            assert await one.next() == 1012
            one.front = b.front
            await one.open(one.resume_token)
            assert (await one.hear("session_joined"))["status"] == "active"
        assert len(b.front.sessions) == 1


async def test_where_all_end_no_session_is_left_to_anybody() -> None:
    async with two_processes() as (a, b):
        ana, bo = await pair_over(a, b)
        for one in (a, b):
            await one.beat()
            one.node.presence.roster.part()
            await one.beat()
            assert not one.node.directory.has_others and one.node.directory.lighter() is None
            await one.front.sessions.shutdown(60)
        for person in (ana, bo):
            assert (await person.hear("session_ended"))["reason"] == "shutdown"
            assert await person.next() == 1001


async def test_who_came_by_a_process_that_ends_sooner_is_told_of_the_end_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(app, "ALL_END_S", 0.0)
    async with two_processes() as (a, b):
        ana, bo = await pair_over(a, b)
        room = a.front.room
        room.sentence.clear()
        for one in (a, b):
            one.node.presence.roster.part()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(a.front.sessions.shutdown(60))
            await b.front.sessions.shutdown(60)
            tasks.create_task(b.front.app.shutdown())
            await until(lambda: room.did("finish"))
            await bo.quiet()
            room.sentence.set()
            for person in (ana, bo):
                assert (await person.hear("session_ended"))["reason"] == "shutdown"
                assert await person.next() == 1001


async def test_new_sessions_go_to_the_process_that_has_the_fewest_until_it_tells_its_own() -> None:
    few = SignalingOptions(limits=SignalingLimits(sessions=10, sessions_of_user=MANY, address_share=1.0))
    async with two_processes(config=few) as (a, b):
        one = a.person("ana")
        for _ in range(6):
            await one.create()
        assert (len(a.front.sessions), len(b.front.sessions)) == (3, 3)
        assert all(process.node.directory.others_take for process in (a, b))


async def test_ready_is_what_any_process_takes() -> None:
    engines = {"there": False}
    async with two_processes(ready=lambda: engines["there"]) as (a, b):

        async def ready(process: HereProcess) -> int:
            async with process.front.http.get(f"{process.front.url}/ready") as answer:
                return answer.status

        for one in (a, b):
            await one.beat()
        assert [await ready(one) for one in (a, b)] == [503, 503]
        engines["there"] = True
        await b.beat()
        engines["there"] = False
        await a.beat()
        assert [await ready(one) for one in (a, b)] == [200, 503]


async def test_no_process_is_ready_while_the_parent_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    async with two_processes() as (a, b):
        for one in (a, b):
            await one.beat()
        monkeypatch.setattr(a.node.presence, "_held_until", 0.0)
        assert not a.node.presence.admits and a.node.directory.others_take, "the parent has named the other one"
        a.node.presence._note_away("TimeoutError")
        async with a.front.http.get(f"{a.front.url}/ready") as answer:
            assert (answer.status, (await answer.json())["degraded"]) == (503, ["directory"])


@pytest.mark.parametrize("proof", ["forged", ""])
async def test_only_a_signed_header_says_by_which_host_a_client_came(proof: str) -> None:
    async with two_processes() as (a, _):
        ana = a.person("ana")
        headers = {"Authorization": f"Bearer {ana.token}", "X-Forwarded-Host": "evil.example", FORWARDED: proof}
        async with aiohttp.ClientSession() as http:
            url = f"{a.front.url}/api/v1/sessions/create"
            async with http.post(url, data=json.dumps({"language": "es"}), headers=headers) as answer:
                assert "evil" not in (await answer.json())["wsUrl"]
