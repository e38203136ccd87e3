"""`dragoman serve --processes 2`: calls whose sides come to different processes, one that is killed, and the end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
import urllib.error
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.independent.client import Refused
from tests.kit.extent import LONG
from tests.kit.migrated_accounts import migrated_postgres
from tests.kit.packet_caller import PATIENCE, Caller, come_back, enter
from tests.kit.packet_calls import are_interpreted
from tests.kit.postgres import binaries, running_postgres
from tests.kit.served_processes import (
    NAMES,
    ends,
    home,
    inside,
    is_ready,
    know_each_other,
    of_two,
    pids,
    samples,
)
from tests.kit.server_process import Server

pytestmark = [pytest.mark.real_time, *([] if LONG else [pytest.mark.side_by_side])]

JOINS = 100
PORTS = "42000-42063"
"""For the calls of both processes together; each connection takes one of each address."""
MOST_UNEVEN = 10
WRONG_CODES = 6
BACK_WITHIN = 10.0  # s, of everybody whose process was killed


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Two processes; each test leaves them as it found them."""
    folder = tmp_path_factory.mktemp("processes")
    settings = {"DRAGOMAN_WRONG_CODES_PER_MINUTE": str(WRONG_CODES), "DRAGOMAN_TRUSTED_PROXIES": "127.0.0.1"}
    with of_two(folder, DRAGOMAN_MEDIA_PORTS=PORTS, **settings) as running:
        know_each_other(running)
        yield running


def public(server: Server) -> str:
    """Return the WebSocket of the one port."""
    return f"ws{server.url.removeprefix('http')}/ws"


async def test_calls_go_to_both_processes_and_of_a_hundred_joins_one_wins(server: Server) -> None:
    async with Caller(server.url) as ana, aiohttp.ClientSession() as http:
        await ana.sign_in("Ana")
        made: dict[str, str] = {}
        for _ in range(MOST_UNEVEN):  # each process may know for half a second not yet that the other one is ready
            await ana.create("en")
            made[ana.session_id] = home(server, ana.session_id)
            if set(made.values()) == set(NAMES):
                break
            await asyncio.sleep(0.2)
        assert set(made.values()) == set(NAMES), "a new session goes where there is less to do"
        doors = list(inside(server).values())

        async def join(number: int) -> str:
            """Join by a process that the number names; return the code of the refusal."""
            root = f"{(server.url, *doors)[number % 3]}/api/v1"
            async with http.post(f"{root}/auth/guest", json={}) as answer:
                token = (await answer.json())["token"]
            body = {"sessionCode": ana.session_code, "language": "es"}
            bearer = {"Authorization": f"Bearer {token}"}
            async with http.post(f"{root}/sessions/join", json=body, headers=bearer) as answer:
                return "" if answer.status == 200 else str((await answer.json())["error"]["code"])

        async with asyncio.TaskGroup() as group:
            joins = [group.create_task(join(number)) for number in range(JOINS)]
        assert Counter(one.result() for one in joins) == {"": 1, "session_full": JOINS - 1}
        for session in made:
            await ana.call("DELETE", f"/sessions/{session}")


async def test_a_call_is_one_whichever_process_its_sides_come_to(server: Server) -> None:
    doors = inside(server)
    async with Caller(doors["p1"]) as ana, Caller(doors["p2"]) as ben, Caller(server.url) as cy:
        await enter(ana, ben)
        assert [one.ws_url for one in (ana, ben)] == [f"ws{doors[name].removeprefix('http')}/ws" for name in NAMES]
        assert home(server, ana.session_id) == "p1", "ben's socket came to the other one"
        await are_interpreted([(ana, ben)], 400.0)
        await cy.sign_in("Cy")
        with pytest.raises(Refused, match="session_full"):
            await cy.join(ana.session_code, "es")
        await ben.signal.socket.ping(b"still there?")  # frames go both ways, and so does the end
        await ana.leave()
        await ben.signal.inbox.wait_for("session_ended", reason="partner_left")
        assert await ben.signal.close_code(timeout=PATIENCE) == 1000


async def test_figures_are_those_of_both_and_readiness_is_that_of_one(server: Server) -> None:
    for url in (server.url, *inside(server).values()):
        assert samples(url, "dragoman_ready") == dict.fromkeys(NAMES, 1.0)
        assert samples(url, "dragoman_process_up") == dict.fromkeys(NAMES, 1.0)
    starts = samples(server.url, "dragoman_process_starts_total")
    assert starts.keys() == set(NAMES)
    assert [is_ready(url) for url in (server.url, *inside(server).values())] == [True] * 3
    processes = {json.loads(line).get("process") for line in server.log.splitlines() if line.startswith("{")}
    assert processes >= set(NAMES)


@pytest.mark.skipif(not LONG, reason="a new process takes seconds; the short form has its lease that ends")
async def test_a_process_that_is_killed_comes_back_and_its_calls_go_on(server: Server) -> None:
    first, second = (inside(server)[name] for name in NAMES)
    async with Caller(first) as ana, Caller(first) as ben, Caller(second) as cy, Caller(second) as di:
        await enter(ana, ben)
        await enter(cy, di)
        assert [home(server, one.session_id) for one in (ana, cy)] == list(NAMES)
        started, pid = ben.joined["startedAt"], pids(server)["p1"]
        for one in (ana, ben):
            one.ws_url = public(server)
        killed = time.monotonic()
        os.kill(pid, signal.SIGKILL)
        async with asyncio.TaskGroup() as group:
            back = [group.create_task(come_back(one)) for one in (ana, ben)]
            group.create_task(are_interpreted([(cy, di)], 600.0))
        assert [one.result()["startedAt"] for one in back] == [started, started]
        print(f"media of a killed process's call was back after {time.monotonic() - killed:.2f} s")
        assert time.monotonic() - killed < BACK_WITHIN
        await are_interpreted([(ana, ben)], 400.0)
        await asyncio.to_thread(know_each_other, server)
        assert samples(server.url, "dragoman_process_starts_total") == {"p1": 2.0, "p2": 1.0}
        assert pids(server)["p1"] != pid
        for one in (ana, cy):
            await one.leave()


async def test_wrong_codes_of_an_address_count_in_both_processes(server: Server) -> None:
    first, second = inside(server).values()
    async with aiohttp.ClientSession(headers={"X-Forwarded-For": "192.0.2.1"}) as http:

        async def guess(door: str) -> str:
            async with http.post(f"{door}/api/v1/auth/guest", json={}) as answer:
                bearer = {"Authorization": f"Bearer {(await answer.json())['token']}"}
            body = {"sessionCode": "000000", "language": "es"}
            async with http.post(f"{door}/api/v1/sessions/join", json=body, headers=bearer) as answer:
                return str((await answer.json())["error"]["code"])

        assert {await guess(first) for _ in range(WRONG_CODES)} == {"session_not_found"}
        assert await guess(first) == "rate_limited"
        found = []
        for _ in range(WRONG_CODES - 1):  # fewer than would be too many by themselves
            found.append(await guess(second))
            if found[-1] == "rate_limited":
                return
            await asyncio.sleep(0.5)
        raise AssertionError(f"the other process does not know: {found}")


async def test_sigterm_ends_all_processes_as_it_ends_one(server: Server) -> None:
    first, second = inside(server).values()
    async with Caller(first) as ana, Caller(second) as bea:
        for one in (ana, bea):
            await one.sign_in("Ana")
            await one.create("en")
            await one.connect()
        assert [home(server, one.session_id) for one in (ana, bea)] == list(NAMES)
        running = pids(server)
        assert server.process is not None
        server.process.send_signal(signal.SIGTERM)
        for one in (ana, bea):
            assert (await one.signal.inbox.wait_for("session_ended", timeout=PATIENCE))["reason"] == "shutdown"
            assert not one.signal.inbox.of("moved")
        assert await asyncio.to_thread(server.stop) == 0
        for pid in running.values():
            ends(pid, within_s=0.1)
    with pytest.raises(urllib.error.URLError):
        is_ready(server.url)


@pytest.mark.skipif(not LONG, reason="starts one more server; the short form has a process that is killed")
async def test_a_process_that_is_ended_alone_sends_its_calls_to_the_other(tmp_path: Path) -> None:
    with of_two(tmp_path) as server:
        know_each_other(server)
        door = inside(server)["p1"]  # what is made here stays here
        async with Caller(door) as ana, Caller(door) as ben:
            await enter(ana, ben)
            assert home(server, ana.session_id) == "p1"
            os.kill(pids(server)["p1"], signal.SIGTERM)
            for one in (ana, ben):
                assert await one.signal.close_code(timeout=PATIENCE) == 1012, "come back by the one address"
                assert not one.signal.inbox.of("session_ended")
                one.ws_url = public(server)
            async with asyncio.TaskGroup() as group:
                back = [group.create_task(come_back(one)) for one in (ana, ben)]
            assert [one.result()["status"] for one in back] == ["active", "active"]
            assert home(server, ana.session_id) == "p2"
            await are_interpreted([(ana, ben)], 400.0)
            await asyncio.to_thread(know_each_other, server)


@pytest.mark.skipif(not LONG, reason="starts two more servers")
@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
async def test_calls_go_on_in_the_next_processes(tmp_path: Path, number: signal.Signals) -> None:
    with of_two(tmp_path) as server:
        know_each_other(server)
        async with Caller(server.url) as ana, Caller(server.url) as ben:
            await enter(ana, ben)
            started, running = ben.joined["startedAt"], pids(server)
            assert server.process is not None
            server.process.send_signal(number)  # of two that wait, the later one is heard first
            ended = await asyncio.to_thread(server.process.wait, 60)
            assert ended == server.stop() == (0 if number == signal.SIGHUP else -number)
            for pid in running.values():
                ends(pid)
            for one in (ana, ben):
                assert await one.signal.close_code(timeout=PATIENCE) == 1012
                assert not one.signal.inbox.of("session_ended")
            await asyncio.to_thread(server.start)
            async with asyncio.TaskGroup() as group:
                back = [group.create_task(come_back(one)) for one in (ana, ben)]
            assert [one.result()["startedAt"] for one in back] == [started, started]
            await are_interpreted([(ana, ben)], 400.0)


@pytest.mark.skipif(not LONG, reason="starts one more server")
def test_a_server_whose_processes_cannot_start_ends_and_says_why(tmp_path: Path) -> None:
    broken = of_two(tmp_path, DRAGOMAN_STT="scripted:{nonsense")
    with pytest.raises(AssertionError, match="did not get ready"):
        broken.start()
    assert "DRAGOMAN_STT" in broken.log and "Traceback" not in broken.log


@pytest.mark.skipif(not LONG, reason="half a minute of real time")
async def test_a_process_that_hangs_loses_its_calls_and_is_started_anew(tmp_path: Path) -> None:
    with of_two(tmp_path) as server:
        know_each_other(server)
        door = inside(server)["p1"]
        async with Caller(door) as ana, Caller(door) as ben:
            await enter(ana, ben)
            hanging = pids(server)["p1"]
            os.kill(hanging, signal.SIGSTOP)
            for one in (ana, ben):
                await one.signal.socket.close()
                one.ws_url = public(server)
            async with asyncio.TaskGroup() as group:
                for one in (ana, ben):
                    group.create_task(come_back(one))
            assert home(server, ana.session_id) == "p2"
            await are_interpreted([(ana, ben)], 400.0)
            await asyncio.to_thread(ends, hanging)
            await are_interpreted([(ana, ben)], 480.0)
        await asyncio.to_thread(know_each_other, server)


@pytest.fixture(params=["SQLite", "PostgreSQL"])
def database(request: pytest.FixtureRequest) -> Iterator[dict[str, str]]:
    """Settings of a server with that database of accounts."""
    if request.param == "SQLite":
        yield {}
        return
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed (scripts/setup test): several processes are NOT tested on it")
    with running_postgres() as postgres:
        yield {"DRAGOMAN_DATABASE_URL": migrated_postgres(postgres, "processes")}


@pytest.mark.skipif(not LONG, reason="starts two more servers, with accounts")
async def test_accounts_are_those_of_all_processes(tmp_path: Path, database: dict[str, str]) -> None:
    with of_two(tmp_path, accounts=True, **database) as server:
        know_each_other(server)
        first, second = inside(server).values()
        async with aiohttp.ClientSession() as http:

            async def post(door: str, path: str, body: dict[str, str], token: str = "") -> tuple[int, dict[str, str]]:
                bearer = {"Authorization": f"Bearer {token}"} if token else {}
                async with http.post(f"{door}/api/v1/auth/{path}", json=body, headers=bearer) as answer:
                    return answer.status, await answer.json() if answer.content_length else {}

            people = [
                {"email": f"ana{number}@example.com", "password": "correct horse battery staple"} for number in range(8)
            ]
            about = [
                {"username": f"Ana{number}", "preferredLanguage": "es", **one} for number, one in enumerate(people)
            ]
            async with asyncio.TaskGroup() as group:
                made = [
                    group.create_task(post((first, second)[number % 2], "register", one))
                    for number, one in enumerate(about)
                ]
            assert [one.result()[0] for one in made] == [201] * len(people)
            for number, one in enumerate(people):
                status, answer = await post((second, first)[number % 2], "login", one)
                assert status == 200 and answer["token"], answer
    assert "exception" not in server.log
