"""kill -9 of engines' processes: a call goes on and the engines come back, and /ready is red while one does not."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import aiohttp
import pytest

from tests.independent.calls import guest
from tests.independent.client import Refused
from tests.kit.contract import check_answer
from tests.kit.engine_faults import SHIFT, SHORT, hears, utterance
from tests.kit.exposition import families
from tests.kit.packet_caller import calling
from tests.kit.process_facts import children, command
from tests.kit.server_process import Server

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

BUSY_HZ = 320  # recognition hangs on it, and so has it in hand when it is killed


async def test_all_engines_are_killed(scripted: Server) -> None:
    async with calling(scripted.url) as (ana, ben):
        async with asyncio.TaskGroup() as both:
            lost = both.create_task(utterance(ana, ben, BUSY_HZ))
            await asyncio.sleep(SHORT + 0.4)  # recognition begins in the pause, before the end is certain
            killed = engines(scripted)
            assert len(killed) == 3
            for pid in killed:
                os.kill(pid, signal.SIGKILL)
        assert lost.result()["outcome"] == "failed"
        assert hears(ben, 1) == {BUSY_HZ}
        before = set(ben.media.lines[0])
        assert (await utterance(ana, ben, 500))["outcome"] == "spoken"
        assert hears(ben, 0, before) == {500 + SHIFT}
        assert len(ben.media.inbox.of("error", code="engine_failed")) == 1
        assert not engines(scripted) & killed
        await ana.leave()
    async with aiohttp.ClientSession() as http:
        assert (await figures(http, scripted))["dragoman_microphone_packets_total", "arrived"] > 0, (
            "of a call that is over"
        )


async def test_ready_is_red_while_an_engine_does_not_come_back_and_green_again_after(scripted: Server) -> None:
    async with aiohttp.ClientSession() as http, guest(scripted.url) as carol:
        await until_status(http, scripted, 200)
        doomed, *others = sorted(engines(scripted))
        killing = asyncio.create_task(keep_down(scripted, set(others)))
        killed_at = time.monotonic()
        try:
            os.kill(doomed, signal.SIGKILL)
            body = await until_status(http, scripted, 503)
            noticed_s = time.monotonic() - killed_at
            assert noticed_s < 5
            (stage,) = [name for name, works in body["stages"].items() if not works]
            await asyncio.sleep(1.1)  # the exposition is read once a second
            assert (await readiness(http, scripted)) == (503, body), "it stays so"
            read = await figures(http, scripted)
            assert (read["dragoman_ready", ""], read["dragoman_stage_ready", stage]) == (0, 0)
            assert sum(value for (name, _), value in read.items() if name == "dragoman_stage_ready") == 2
            assert sum(name == "dragoman_engine_memory_bytes" and value > 1e7 for (name, _), value in read.items()) >= 2
            with pytest.raises(Refused) as refused:
                await carol.create("en")
            assert (refused.value.status, refused.value.code) == (503, "at_capacity")
        finally:
            killing.cancel()
        released_at = time.monotonic()
        await until_status(http, scripted, 200)
        back_s = time.monotonic() - released_at
        print(f"\n/ready is red {noticed_s:.2f} s after the kill, and green {back_s:.2f} s after the last one")
        await asyncio.sleep(1.1)
        read = await figures(http, scripted)
        assert (read["dragoman_ready", ""], read["dragoman_stage_ready", stage]) == (1, 1)


async def keep_down(server: Server, others: set[int]) -> None:
    """Kill every engine that is started in the place of one that was killed."""
    while True:
        for pid in engines(server) - others:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        await asyncio.sleep(0.05)


async def readiness(http: aiohttp.ClientSession, server: Server) -> tuple[int, Any]:
    async with http.get(f"{server.url}/ready") as answer:
        body = await answer.json()
        check_answer("GET", "/ready", answer.status, body)
        return answer.status, body


async def until_status(http: aiohttp.ClientSession, server: Server, wanted: int) -> Any:
    """Return the body of `/ready` once it has this status."""
    async with asyncio.timeout(30):
        while True:
            status, body = await readiness(http, server)
            if status == wanted:
                return body
            await asyncio.sleep(0.05)


async def figures(http: aiohttp.ClientSession, server: Server) -> Mapping[tuple[str, str], float]:
    """Return each sample by its name and its stage, or the value of its only label."""
    async with http.get(f"{server.url}/metrics") as answer:
        found = families(await answer.text())
    samples = [sample for family in found.values() for sample in family.samples]
    return {(one.name, one.labels.get("stage") or "".join(one.labels.values())): one.value for one in samples}


def engines(server: Server) -> set[int]:
    assert server.process is not None
    return {pid for pid in children(server.process.pid) if "pipeline.lanes.worker" in command(pid)}
