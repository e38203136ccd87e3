"""Two servers behind nginx: calls whose sides come to different nodes, a node that stops, a node that is killed."""

from __future__ import annotations

import asyncio
import json
import signal
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.independent.client import Refused
from tests.independent.inbox import Message
from tests.kit.engine_faults import SHIFT, hears
from tests.kit.extent import LONG, extent
from tests.kit.headless_process import headless, wait_until
from tests.kit.packet_caller import PATIENCE, Caller, come_back, enter, until
from tests.kit.packet_calls import are_interpreted
from tests.kit.redis_server import RedisServer
from tests.kit.served_nodes import ServedNodes, connected, two_served
from tests.kit.server_process import Server
from tests.kit.tones import packets

pytestmark = [pytest.mark.real_time, *([] if LONG else [pytest.mark.side_by_side])]

CALLS, AT_ONCE = extent((0, 1), (40, 10))
"""Calls before those in which a node stops, which have all that these have."""
ENDING = extent(1, 10)
SPOKEN_S, SIGNAL_AFTER = 1.6, 0.6
BACK_WITHIN = 10.0  # s, of everybody whose node was killed
AWAY_S = 20.0


@asynccontextmanager
async def calls(served: ServedNodes, number: int, makers: str = "ab") -> AsyncIterator[list[tuple[Caller, Caller]]]:
    """Run calls that are made at one node, in turn, and joined by way of the other one."""
    async with AsyncExitStack() as stack:
        pairs = []
        for index in range(number):
            here = makers[index % len(makers)]
            urls = [served.nodes[name].url for name in (here, "b" if here == "a" else "a")]
            ana, ben = [await stack.enter_async_context(Caller(url)) for url in urls]
            pairs.append((ana, ben))
        async with asyncio.TaskGroup() as group:
            for pair in pairs:
                group.create_task(enter(*pair))
        yield pairs


async def come_back_elsewhere(person: Caller) -> Message:
    """Return to a session whose node was killed: what may be lost is said."""
    last = person.last_seq
    answer = await come_back(person, may_move=True)
    gap = await person.media.inbox.wait_for("error", code="gap", timeout=PATIENCE)
    assert gap["seq"] == last + 1, "what may be lost is said, and no number comes twice"
    return answer


async def sees_partner(person: Caller) -> None:
    """Wait until the partner's media is up; it was already, where `session_joined` says so."""
    if not person.joined["partner"]["connected"]:
        await person.signal.inbox.wait_for("partner_connected", timeout=PATIENCE)


async def test_calls_go_over_two_nodes_and_on_when_one_stops(redis: RedisServer, tmp_path: Path) -> None:
    with two_served(redis, tmp_path) as served:
        for begun in range(0, CALLS, AT_ONCE):
            async with calls(served, AT_ONCE) as pairs:
                homes = [{one.ws_url for one in pair} for pair in pairs]
                assert homes == [{served.websocket_of("ab"[index % 2])} for index in range(AT_ONCE)]
                await are_interpreted(pairs, 400.0)
                for ana, _ in pairs:
                    await ana.leave()
            print(f"{begun + AT_ONCE} calls whose sides came to different nodes are interpreted")
        async with calls(served, ENDING, "a") as pairs:
            node = served.nodes["a"]
            started = [ben.joined["startedAt"] for _, ben in pairs]
            async with asyncio.TaskGroup() as group:
                for index, (ana, _) in enumerate(pairs):
                    group.create_task(ana.speak(packets(400.0 + 40 * index, SPOKEN_S)))
                await asyncio.sleep(SIGNAL_AFTER)
                assert node.process is not None
                node.process.send_signal(signal.SIGTERM)
            for index, pair in enumerate(pairs):
                for person in pair:
                    moved = await person.signal.inbox.wait_for("moved", timeout=PATIENCE)
                    assert moved == {"type": "moved", "wsUrl": served.websocket_of("b"), "fatal": False}
                    assert await person.signal.close_code(timeout=PATIENCE) == 1001
                    assert not person.signal.inbox.of("session_ended")
                    (end,) = person.media.inbox.of("utterance_end")
                    assert end["outcome"] == "spoken"
                assert hears(pair[1], 0) == {400.0 + 40 * index + SHIFT}, "what was settled is spoken to its end"
            left, back = time.monotonic(), []
            # Ben knows `moved`; Ana does not, and goes to where she was, from where the proxy sends her on.
            for _, ben in pairs:
                ben.ws_url = served.websocket_of("b")
            async with asyncio.TaskGroup() as group:
                coming = [group.create_task(_timed(come_back(person), left, back)) for pair in pairs for person in pair]
            assert [one.result()["startedAt"] for one in coming] == [at for at in started for _ in range(2)]
            print(f"everybody's media was back {np.percentile(back, 95):.2f} s (p95) after the last `moved`")
            for ana, _ in pairs:
                await sees_partner(ana)
            await are_interpreted(pairs, 800.0)
            for person in (person for pair in pairs for person in pair):
                told = [one.message for media in person._peers for one in media.inbox.received]
                numbers = [one["seq"] for one in told if "seq" in one]
                assert numbers == sorted(set(numbers)), "numbers go on"
                assert not [one for one in told if one["type"] == "error"], "nothing was lost"
            await until(lambda: node.process is not None and node.process.poll() is not None)
            assert node.stop() == 0


async def _timed(coming: Coroutine[Any, Any, Message], since: float, back: list[float]) -> Message:
    joined = await coming
    back.append(time.monotonic() - since)
    return joined


@pytest.mark.skipif(not LONG, reason="a lease runs out in real time; the short form has it on a clock that is moved")
async def test_everybody_of_a_killed_node_is_back_within_ten_seconds(redis: RedisServer, tmp_path: Path) -> None:
    with two_served(redis, tmp_path) as served:
        async with calls(served, ENDING, "a") as pairs:
            await are_interpreted(pairs, 400.0)
            started = [ben.joined["startedAt"] for _, ben in pairs]
            served.nodes["a"].stop(kill=True)
            killed, back = time.monotonic(), []
            async with asyncio.TaskGroup() as group:
                coming = [
                    group.create_task(_timed(come_back_elsewhere(person), killed, back))
                    for pair in pairs
                    for person in pair
                ]
            assert [one.result()["startedAt"] for one in coming] == [at for at in started for _ in range(2)]
            print(f"media of {len(back)} people was back {max(back):.2f} s after the kill, p50 {np.median(back):.2f} s")
            assert max(back) <= BACK_WITHIN
            for ana, _ in pairs:
                await sees_partner(ana)
            await are_interpreted(pairs, 800.0)


@pytest.mark.skipif(not LONG, reason="Redis is away for twenty seconds; the short form has it on a clock that is moved")
async def test_a_call_goes_on_while_redis_is_cut_off_and_when_it_has_forgotten_all(
    redis: RedisServer, tmp_path: Path
) -> None:
    with two_served(redis, tmp_path) as served:
        async with calls(served, 1, "a") as pairs, Caller(served.nodes["b"].url) as cy:
            ana = pairs[0][0]
            await cy.sign_in("Cy")
            redis.pause()
            began, hz = time.monotonic(), 400.0
            while (passed := time.monotonic() - began) < AWAY_S or hz < 500:
                await are_interpreted(pairs, hz)
                hz += 40
                if passed > 10:
                    assert {ready(node) for node in served.nodes.values()} == {(503, ("directory",))}
                    assert await refusal(cy.call("POST", "/sessions/create", {"language": "en"})) == "at_capacity"
            redis.go_on()
            for goes_away in (lambda: None, redis.kill):
                goes_away()
                if goes_away == redis.kill:
                    redis.start()
                async with asyncio.timeout(PATIENCE):
                    while {ready(node) for node in served.nodes.values()} != {(200, ())}:  # noqa: ASYNC110
                        await asyncio.sleep(0.2)
                    while await refusal(cy.join(ana.session_code, "es")) != "session_full":  # noqa: ASYNC110
                        await asyncio.sleep(0.2)
                await are_interpreted(pairs, hz)
                hz += 40
            assert not ana.signal.inbox.of("moved")


async def refusal(asked: Awaitable[object]) -> str:
    """Return the code by which a request is refused; nothing if it is not."""
    try:
        await asked
    except Refused as refused:
        return str(refused.code)
    return ""


def ready(server: Server) -> tuple[int, tuple[str, ...]]:
    """Return the status of `GET /ready`, and what is away."""
    try:
        with urllib.request.urlopen(f"{server.url}/ready", timeout=60) as answer:
            return answer.status, tuple(json.load(answer)["degraded"])
    except urllib.error.HTTPError as refused:
        return refused.code, tuple(json.load(refused)["degraded"])


@pytest.mark.skipif(
    not LONG, reason="two more processes; the short form has one client that knows `moved` and one that doesn't"
)
def test_headless_clients_go_where_their_node_sends_them(redis: RedisServer, tmp_path: Path) -> None:
    with two_served(redis, tmp_path) as served, ExitStack() as running:
        a, b = served.nodes["a"], served.nodes["b"]
        first = running.enter_context(headless(tmp_path / "en", a.url, "en", "--create", "--code-file", "code"))
        wait_until(lambda: (tmp_path / "en" / "code").exists() and (tmp_path / "en" / "code").read_text() != "")
        code = (tmp_path / "en" / "code").read_text().strip()
        second = running.enter_context(headless(tmp_path / "es", b.url, "es", "--code", code))
        wait_until(lambda: connected(a) == 2)
        assert a.stop() == 0
        wait_until(lambda: connected(b) == 2)
        first.terminate()  # it hangs up
        assert [one.wait(60) for one in (first, second)] == [0, 0]
    for language in ("en", "es"):
        report = json.loads((tmp_path / language / "report").read_text())
        assert len([one for one in report["connections"] if "connected" in one]) == 2
