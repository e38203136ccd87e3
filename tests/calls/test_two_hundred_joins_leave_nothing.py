"""Two hundred people come and go, half of them without a word: the server keeps nothing of them."""

from __future__ import annotations

import asyncio
import re
import time
from pathlib import Path

import aiohttp
import pytest

from tests.kit.packet_caller import PATIENCE, Caller, enter
from tests.kit.process_facts import figures, open_files, sockets
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES
from tests.kit.tones import packets

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

CALLS = 100  # of two
WARM_UP = 50
AT_ONCE = 5
COUNTED = "tasks", "threads", "sockets", "files"
MOST_KB = 20.0  # for each call after the warm-up
SETTINGS = {
    "DRAGOMAN_TTS": 'scripted:{"seconds": 0.1}',
    "DRAGOMAN_GRACE": "0.5",
    "DRAGOMAN_CODE_SECONDS": "60",
}


async def test_tasks_threads_sockets_and_memory_return(tmp_path: Path) -> None:
    tone = packets(440, 0.2)
    with Server(tmp_path, **FOR_TONES, **SETTINGS) as server:
        await _calls(server, range(5), tone)
        started = await _held(server)
        await _calls(server, range(5, WARM_UP), tone)
        warm = await _held(server)
        await _calls(server, range(WARM_UP, CALLS), tone)
        after = await _held(server, like=started)
    grown = (after["kb"] - warm["kb"]) / (CALLS - WARM_UP)
    print(f"\nafter 5 calls {started}, after {WARM_UP} {warm}, after {CALLS} {after}: {grown:.1f} kB a call")
    for what in COUNTED:
        assert after[what] <= started[what], what
    assert grown < MOST_KB
    assert "Traceback" not in server.log and '"level": "error"' not in server.log


async def _calls(server: Server, numbers: range, tone: list[bytes]) -> None:
    free = asyncio.Semaphore(AT_ONCE)

    async def one(number: int) -> None:
        async with free, Caller(server.url) as ana, Caller(server.url) as ben:
            await _call(number, ana, ben, tone)

    async with asyncio.TaskGroup() as group:
        for number in numbers:
            group.create_task(one(number))


async def _call(number: int, ana: Caller, ben: Caller, tone: list[bytes]) -> None:
    """Something is said and heard both ways; every second call ends abruptly."""
    await enter(ana, ben)
    await ana.speak(tone)
    ana.end_utterance()
    ben.say("tone 500")
    for speaker in (ana, ben):
        await ana.media.inbox.wait_for("utterance_end", sourceUserId=speaker.participant_id, timeout=PATIENCE)
    match number % 4:
        case 0:
            await ben.leave()
            await ana.signal.inbox.wait_for("session_ended", timeout=PATIENCE)
        case 1:
            await ana.vanish()
            await ben.vanish()
        case 2:
            await ana.delete()
            await ben.signal.inbox.wait_for("session_ended", timeout=PATIENCE)
        case 3:
            await ben.vanish()
            await ana.signal.inbox.wait_for("session_ended", reason="partner_lost", timeout=PATIENCE)


async def _held(server: Server, like: dict[str, int] | None = None) -> dict[str, int]:
    """Return the server's holdings once all its rooms are closed; wait a while for no more than `like`."""
    assert server.process is not None
    pid, deadline = server.process.pid, time.monotonic() + PATIENCE
    while True:
        async with aiohttp.ClientSession() as http, http.get(server.url + "/metrics") as answer:
            metrics = await answer.text()
        await asyncio.sleep(0.5)
        counts = {
            "sockets": len(sockets(pid)),
            "files": len(open_files(pid)),
            "tasks": _gauge(metrics, "dragoman_tasks"),
        }
        held = figures(pid) | counts
        settled = like is None or all(held[what] <= like[what] for what in COUNTED)
        if (settled and _gauge(metrics, "dragoman_rooms") == 0) or time.monotonic() > deadline:
            return held


def _gauge(metrics: str, name: str) -> int:
    found = re.search(rf"^{name} (\S+)$", metrics, re.M)
    assert found is not None, name
    return round(float(found[1]))
