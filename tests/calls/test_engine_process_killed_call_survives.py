"""kill -9 of every engine's process, with a job in hand: the call goes on, and the engines come back."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest

from tests.kit.engine_faults import SHIFT, SHORT, hears, utterance
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


def engines(server: Server) -> set[int]:
    assert server.process is not None
    return {pid for pid in children(server.process.pid) if "pipeline.lanes.worker" in command(pid)}
