"""SIGTERM while somebody speaks: their sentence is heard to its end, in both languages, and only then all ends."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from tests.independent.client import Client, Refused
from tests.kit.engine_faults import hears
from tests.kit.packet_caller import Caller, calling, until
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES
from tests.kit.tones import TAIL, decoded, packets, voiced_seconds

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

HZ, SPOKEN_S, INTERPRETED_S = 500, 1.6, 1.5
SIGNAL_AFTER = 0.6  # s of the sentence
LONGEST = 10.0
SETTINGS = {"DRAGOMAN_TTS": f'scripted:{{"shift_hz": 2000, "seconds": {INTERPRETED_S}}}'}


async def test_sigterm_finishes_the_sentence(tmp_path: Path) -> None:
    with Server(tmp_path, **FOR_TONES, **SETTINGS) as server:
        async with Client(server.url) as carol, calling(server.url) as (ana, ben):
            await carol.sign_in("Carol")
            async with asyncio.TaskGroup() as both:
                both.create_task(ana.speak(packets(HZ, SPOKEN_S)))
                await asyncio.sleep(SIGNAL_AFTER)
                assert server.process is not None
                server.process.terminate()
                told = time.monotonic()
                await asyncio.sleep(0.2)
                await _is_refused(carol, ben)
            for person in (ana, ben):
                end = await person.signal.inbox.wait_for("session_ended", timeout=LONGEST)
                assert end["reason"] == "shutdown"
                assert (end["metrics"]["utterances"], end["metrics"]["spoken"]) == (1, 1)
                assert await person.signal.close_code() == 1001
            await until(lambda: server.process is not None and server.process.poll() is not None)
            took = time.monotonic() - told
            assert server.stop() == 0
            print(f"\nfrom SIGTERM in the middle of a sentence of {SPOKEN_S} s to the exit: {took:.2f} s")
            assert took <= LONGEST
            _was_heard(ana, ben)


async def _is_refused(carol: Client, ben: Caller) -> None:
    """No session is made or joined, and balancers are told; those that run are still served."""
    for attempt in (carol.create("en"), carol.join("123456", "en")):
        with pytest.raises(Refused) as refused:
            await attempt
        assert (refused.value.status, refused.value.code) == (503, "at_capacity")
        assert int(refused.value.headers["retry-after"]) > 0
    with pytest.raises(Refused) as refused:
        await carol.raw("GET", "/ready", None)
    assert refused.value.status == 503
    assert (await ben.get())["status"] == "active"


def _was_heard(ana: Caller, ben: Caller) -> None:
    """The whole sentence: as it was said, as it was interpreted, and in both people's subtitles."""
    assert (hears(ben, 0), hears(ben, 1)) == ({HZ + 2000}, {HZ})
    for line, seconds in zip(ben.media.lines, (INTERPRETED_S, SPOKEN_S), strict=True):
        assert abs(voiced_seconds(decoded([arrived.packet for arrived in line])) - seconds) < 0.08
    assert len(ben.media.lines[0]) == INTERPRETED_S * 50 + TAIL  # a stock receiver waits for what follows a word
    for person in (ana, ben):
        (said,) = person.media.inbox.of("transcription", final=True)
        assert abs(said["endMs"] - said["startMs"] - 1000 * SPOKEN_S) < 400  # with the pre-roll
        (end,) = person.media.inbox.of("utterance_end")
        assert end["outcome"] == "spoken"
