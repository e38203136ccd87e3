"""Twenty calls at once, forty speakers with a tone each: who is heard in which ear, and when."""

from __future__ import annotations

import asyncio
import random
from contextlib import AsyncExitStack
from dataclasses import dataclass

import numpy as np
import pytest

from tests.kit.packet_caller import PATIENCE, Arrived, Caller, enter
from tests.kit.server_process import Server
from tests.kit.tones import decoded, packets, strength, tones, voiced_seconds

pytestmark = pytest.mark.real_time

CALLS = 20
SHIFT = 2000.0  # what the scripted interpreter adds
SPOKEN_S, INTERPRETED_S = 1.2, 1.0
STARTS_WITHIN = 2.0  # s in which all forty begin, many of them at the same time
LATEST = 2.0  # s from the last sound of a speaker to the first of its interpretation: 0.56 are the endpoint
LATEST_ORIGINAL = 0.25


@dataclass
class Speaker:
    caller: Caller
    partner: Caller
    hz: float
    start: float
    voiced: list[float]
    """Loop times of the first and the last packet with sound."""

    async def speak(self, payloads: list[bytes]) -> None:
        await asyncio.sleep(self.start)
        await self.caller.speak(payloads)
        sounding = self.caller.media.mouth.sent[: len(payloads) - 8]
        self.voiced = [sounding[0].at, sounding[-1].at]


async def test_every_ear_hears_its_partner_and_nobody_else(scripted: Server) -> None:
    chance = random.Random(20)
    voices = [400.0 + 40 * index for index in range(2 * CALLS)]
    payloads = {hz: packets(hz, SPOKEN_S) for hz in voices}
    speakers: list[Speaker] = []
    async with AsyncExitStack() as stack:
        callers = [await stack.enter_async_context(Caller(scripted.url)) for _ in voices]
        pairs = list(zip(callers[::2], callers[1::2], strict=True))
        async with asyncio.TaskGroup() as group:
            for pair in pairs:
                group.create_task(enter(*pair))
        for (ana, ben), low, high in zip(pairs, voices[::2], voices[1::2], strict=True):
            speakers.append(Speaker(ana, ben, low, chance.uniform(0, STARTS_WITHIN), []))
            speakers.append(Speaker(ben, ana, high, chance.uniform(0, STARTS_WITHIN), []))
        async with asyncio.TaskGroup() as group:
            for speaker in speakers:
                group.create_task(speaker.speak(payloads[speaker.hz]))
        for speaker in speakers:
            for one in (speaker.caller, speaker.partner):
                me = speaker.caller.participant_id
                await one.media.inbox.wait_for("utterance_end", sourceUserId=me, timeout=PATIENCE)
        for caller in callers:
            await caller.leave()
    judge(speakers, voices)


def judge(speakers: list[Speaker], voices: list[float]) -> None:
    every = [*voices, *(hz + SHIFT for hz in voices)]
    late, late_original = [], []
    for speaker in speakers:
        interpreter, original = speaker.partner.media.lines
        late.append(_first(interpreter) - speaker.voiced[1])
        late_original.append(_first(original) - speaker.voiced[0])
        for line, hz, seconds in ((interpreter, speaker.hz + SHIFT, INTERPRETED_S), (original, speaker.hz, SPOKEN_S)):
            sound = decoded([arrived.packet for arrived in line])
            heard = tones(sound)
            assert heard and all(abs(tone - hz) < 12 for tone in heard), (hz, heard)
            assert strength(sound, hz, [other for other in every if other != hz]) > 25
            assert abs(voiced_seconds(sound) - seconds) < 0.1
    print(f"\ninterpretation begins after the speaker's end, s: {_spread(late)}")
    print(f"original voice behind its speaker, ms: {_spread([1000 * value for value in late_original])}")
    assert min(late) > 0.4 and max(late) < LATEST
    assert max(late_original) < LATEST_ORIGINAL


def _first(line: list[Arrived]) -> float:
    return min(arrived.at for arrived in line)


def _spread(values: list[float]) -> str:
    median, high = np.percentile(values, [50, 95])
    return f"p50 {median:.3f} p95 {high:.3f} max {max(values):.3f}"
