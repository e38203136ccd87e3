"""docs/protocol.md, 2: takeover, resumption, vanished partners, the grace, WebSocket pings, a socket that says nothing.

Most of these wait for the server's patience to end, so they are held at the same time.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal as signals
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from tests.kit.server_process import UNLIMITED, Server

from .calls import answers, call, check_keys, check_metrics, connected, guest, pair, refused_on
from .client import Client
from .inbox import Message

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

Scenario = Callable[[str], Awaitable[None]]


@asynccontextmanager
async def _ben_elsewhere(ana: Client) -> AsyncIterator[tuple[asyncio.subprocess.Process, Message]]:
    """Ben as another process, connected with media; the process and what it told about itself."""
    package = __package__ or ""
    root = Path(__file__).parents[package.count(".") + 1]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", f"{package}.vanishing_peer", ana.base_url, ana.session_code, "es"),
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(root)},
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(30):
            known: Message = json.loads(await process.stdout.readline())
        yield process, known
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_second_socket_takes_over_and_the_first_closes_4001(server_url: str) -> None:
    async with connected(server_url) as (ana, _):
        old = ana.signal
        joined = await ana.connect()
        await refused_on(old, "taken_over", fatal=True)
        assert await old.close_code() == 4001
        assert joined["participantId"] == ana.participant_id
        await answers(ana.signal)


async def test_takeover_does_not_end_or_repeat_the_pairing(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        joined = await ana.connect()
        assert joined["status"] == "active"
        assert joined["partner"]["participantId"] == ben.participant_id
        assert joined["startedAt"] == ben.joined["startedAt"]
        await answers(ben.signal)
        assert not ben.signal.inbox.of("session_paired") and not ben.signal.inbox.of("session_ended")


async def test_resume_token_joins_the_same_participant_again(server_url: str) -> None:
    async with connected(server_url) as (ana, ben):
        await ana.signal.close()
        joined = await ana.resume()
        assert joined["participantId"] == ana.participant_id
        assert joined["sessionId"] == ana.session_id
        assert joined["status"] == "active"
        assert joined["startedAt"] == ben.joined["startedAt"]


async def test_resume_token_is_not_for_the_partner_or_another_session(server_url: str) -> None:
    async with connected(server_url) as (ana, _), pair(server_url) as (other, _):
        await ana.signal.close()
        other.token = ana.resume_token
        socket = await other.open()
        await socket.send("join_session", sessionId=other.session_id, token=ana.resume_token, language="en", protocol=1)
        assert await socket.close_code() == 4401


async def dropped_socket_does_not_end_the_call(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await ana.signal.close()
        await asyncio.sleep(3)
        assert (await ben.get())["status"] == "active"
        assert not ben.signal.inbox.of("session_ended")
        await ana.resume()
        await ana.offer()
        await answers(ana.signal)


async def media_lost_and_offered_anew_is_told_to_the_partner(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await ben.peer.close()
        gone = await ana.signal.inbox.wait_for("partner_disconnected", timeout=12)
        check_keys(gone, "type participantId", "reason")
        assert gone["participantId"] == ben.participant_id
        before = len(ana.signal.inbox.received)
        await ben.offer()
        back = await ana.signal.inbox.wait_for("partner_connected", after=before)
        assert back["participantId"] == ben.participant_id


async def _is_told_within_ten_seconds(server_url: str, how: signals.Signals) -> None:
    async with guest(server_url, "Ana") as ana:
        await ana.create("en")
        await ana.connect()
        await ana.offer()
        async with _ben_elsewhere(ana) as (process, known):
            await ana.signal.inbox.wait_for("partner_connected", timeout=15)
            await asyncio.sleep(1)
            process.send_signal(how)
            gone = await ana.signal.inbox.wait_for("partner_disconnected", timeout=10)
            assert gone["participantId"] == known["participantId"]
            await asyncio.sleep(1)
            assert not ana.signal.inbox.of("session_ended")


async def partner_who_was_killed_is_told_within_ten_seconds(server_url: str) -> None:
    await _is_told_within_ten_seconds(server_url, signals.SIGKILL)


async def partner_who_froze_is_told_within_ten_seconds(server_url: str) -> None:
    await _is_told_within_ten_seconds(server_url, signals.SIGSTOP)


async def vanished_partner_may_come_back_within_the_grace(server_url: str) -> None:
    async with guest(server_url, "Ana") as ana, Client(server_url) as ben:
        await ana.create("en")
        await ana.connect()
        await ana.offer()
        async with _ben_elsewhere(ana) as (process, known):
            await ana.signal.inbox.wait_for("partner_connected", timeout=15)
            process.kill()
            await ana.signal.inbox.wait_for("partner_disconnected", timeout=12)
        before = len(ana.signal.inbox.received)
        ben.session_id, ben.ws_url, ben.language = known["sessionId"], known["wsUrl"], "es"
        ben.resume_token = known["resumeToken"]
        assert (await ben.resume())["participantId"] == known["participantId"]
        await ben.offer()
        await ana.signal.inbox.wait_for("partner_connected", after=before)
        assert not ana.signal.inbox.of("session_ended")


async def partner_who_does_not_come_back_is_lost_after_the_grace(server_url: str) -> None:
    async with call(server_url) as (ana, ben):
        await ben.peer.close()
        await ben.signal.close()
        dropped = time.monotonic()
        ended = await ana.signal.inbox.wait_for("session_ended", timeout=60)
        assert ended["reason"] == "partner_lost"
        assert time.monotonic() - dropped > 5, "no grace to speak of"
        check_metrics(ended["metrics"])
        assert await ana.signal.close_code() == 1000


async def socket_is_pinged_and_dropped_after_two_unanswered(server_url: str) -> None:
    async with pair(server_url) as (ana, ben):
        await ben.connect()
        socket = await ana.http.ws_connect(ana.ws_url, autoping=False)
        join = {"sessionId": ana.session_id, "token": ana.token, "language": "en", "protocol": 1}
        await socket.send_json({"type": "join_session", **join})
        pings: list[float] = []
        async with asyncio.timeout(60):
            while True:
                frame = await socket.receive()
                if frame.type is aiohttp.WSMsgType.PING:
                    pings.append(time.monotonic())
                elif frame.type is not aiohttp.WSMsgType.TEXT:
                    break
        await socket.close()
        assert len(pings) >= 2
        assert 8 < pings[1] - pings[0] < 12
        await answers(ben.signal)  # who answers pings stays


async def silent_socket_is_closed_4408_after_five_seconds(server_url: str) -> None:
    async with pair(server_url) as (ana, _):
        signal = await ana.open()
        opened = time.monotonic()
        assert await signal.close_code(timeout=15) == 4408
        assert 4.5 < time.monotonic() - opened < 8


SCENARIOS: list[Scenario] = [
    dropped_socket_does_not_end_the_call,
    media_lost_and_offered_anew_is_told_to_the_partner,
    partner_who_was_killed_is_told_within_ten_seconds,
    partner_who_froze_is_told_within_ten_seconds,
    vanished_partner_may_come_back_within_the_grace,
    partner_who_does_not_come_back_is_lost_after_the_grace,
    socket_is_pinged_and_dropped_after_two_unanswered,
    silent_socket_is_closed_4408_after_five_seconds,
]


@pytest.fixture(scope="module")
def outcomes(server_url: str) -> dict[Scenario, BaseException | None]:
    """Return the outcome of each scenario, all held at the same time."""

    async def hold() -> list[BaseException | None]:
        return await asyncio.gather(*(scenario(server_url) for scenario in SCENARIOS), return_exceptions=True)

    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return dict(zip(SCENARIOS, runner.run(hold()), strict=True))


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.__name__)
def test_presence(outcomes: dict[Scenario, BaseException | None], scenario: Scenario) -> None:
    if (error := outcomes[scenario]) is not None:
        raise error


async def test_server_that_stops_tells_who_is_there_and_waits_for_nobody_else(tmp_path: Path) -> None:
    """docs/protocol.md, 2: `session_ended` `shutdown`, close 1001; what Ben can no longer hear holds nothing up."""
    with Server(tmp_path, **UNLIMITED) as server:
        async with call(server.url) as (ana, ben):
            await ben.peer.close()
            await ana.signal.inbox.wait_for("partner_disconnected", timeout=12)
            ana.say("Where is the hotel?")
            await ana.peer.inbox.wait_for("translation")
            began = time.monotonic()
            assert server.process is not None
            server.process.terminate()
            for one in (ana, ben):
                ended = await one.signal.inbox.wait_for("session_ended", timeout=9)
                assert ended["reason"] == "shutdown"
                assert await one.signal.close_code() == 1001
            assert time.monotonic() - began < 7
            end = await ana.peer.inbox.wait_for("utterance_end")
            assert end["outcome"] == "subtitles_only"
