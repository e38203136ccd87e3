"""A restart on purpose: the sentence is heard to its end, nobody's call ends, and it goes on in the next process."""

from __future__ import annotations

import asyncio
import signal
import time
from pathlib import Path

import pytest

from tests.kit.engine_faults import hears
from tests.kit.packet_caller import PATIENCE, Caller, calling, until
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES
from tests.kit.tones import packets

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

HZ, SPOKEN_S, INTERPRETED_S = 500, 1.6, 1.5
SIGNAL_AFTER = 0.6  # s of the sentence
SETTINGS = {"DRAGOMAN_TTS": f'scripted:{{"shift_hz": 2000, "seconds": {INTERPRETED_S}}}'}


async def test_a_restart_keeps_the_calls(tmp_path: Path) -> None:
    with Server(tmp_path, **FOR_TONES, **SETTINGS) as server:
        async with calling(server.url) as (ana, ben):
            started = ben.joined["startedAt"]
            async with asyncio.TaskGroup() as both:
                both.create_task(ana.speak(packets(HZ, SPOKEN_S)))
                await asyncio.sleep(SIGNAL_AFTER)
                assert server.process is not None
                server.process.send_signal(signal.SIGHUP)
            await until(lambda: server.process is not None and server.process.poll() is not None)
            assert server.stop() == 0
            for person in (ana, ben):
                assert await person.signal.close_code() == 1012
                assert not person.signal.inbox.of("session_ended")
                (end,) = person.media.inbox.of("utterance_end")
                assert end["outcome"] == "spoken"
            assert (hears(ben, 0), hears(ben, 1)) == ({HZ + 2000}, {HZ})

            server.start()
            began = time.monotonic()
            for person in (ana, ben):
                again = await person.resume()
                assert (again["status"], again["startedAt"]) == ("active", started)
                await person.offer()
            await ana.signal.inbox.wait_for("partner_connected", timeout=PATIENCE)
            print(f"\nboth were back {time.monotonic() - began:.2f} s after the next process was ready")
            await _is_interpreted(ana, ben)


async def _is_interpreted(ana: Caller, ben: Caller) -> None:
    ended = len(ben.media.inbox.of("utterance_end"))
    await ana.speak(packets(HZ + 200, SPOKEN_S))
    await until(lambda: len(ben.media.inbox.of("utterance_end")) > ended)
    assert ben.media.inbox.of("utterance_end")[-1]["outcome"] == "spoken"
    assert HZ + 2200 in hears(ben, 0)
