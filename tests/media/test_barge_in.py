"""A listener speaks while the interpreter does: it goes on, or, where the operator wants it so, falls silent."""

import asyncio

import pytest

from pipeline.engines.scripted import ScriptedSynthesizer
from pipeline.events import SpeechPlayed, UtteranceEnded
from tests.kit.aiortc_peer import Client, Scene, until

pytestmark = pytest.mark.real_time


@pytest.mark.parametrize("barge_in", [False, True])
async def test_a_listener_who_speaks(barge_in: bool) -> None:
    tts = ScriptedSynthesizer(seconds=4.0)
    async with Scene(tts=tts, barge_in=barge_in) as scene, Client() as ann, Client() as bob:
        await asyncio.gather(ann.join(scene.room, "ann"), bob.join(scene.room, "bob"))
        scene.begin()
        ann.send(type="say", text="tone 500", clientId="1")
        ann.send(type="say", text="tone 600", clientId="2")
        await until(lambda: [fact for fact in scene.of(SpeechPlayed) if fact.state == "start"])
        begun = asyncio.get_running_loop().time()
        bob.microphone.hz = 440
        await asyncio.sleep(0.6)
        bob.microphone.hz = None
        await until(lambda: len([end for end in scene.of(UtteranceEnded) if end.speaker == "ann"]) == 2, 12)
        took = asyncio.get_running_loop().time() - begun
        told = [(fact.segment, fact.state) for fact in scene.of(SpeechPlayed) if fact.speaker == "ann"]
        if barge_in:
            assert told == [(0, "start"), (0, "end"), (0, "skipped")] and took < 3
        else:
            assert told == [(0, "start"), (0, "end")] * 2 and took > 7
