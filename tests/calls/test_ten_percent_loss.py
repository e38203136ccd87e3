"""One packet in ten of the speaker's is lost: what they say is interpreted, and media time stays true."""

from __future__ import annotations

import random

import pytest

from tests.kit.engine_faults import SHIFT, hears
from tests.kit.packet_caller import calling
from tests.kit.server_process import Server
from tests.kit.tones import packets

pytestmark = pytest.mark.real_time

LOSS = 0.1
TONES = 500, 700
SPOKEN_S = 1.5
TRUE_MS = 100  # the last packets of an utterance may be among the lost


async def test_ten_percent_loss(scripted: Server) -> None:
    chance = random.Random(10)
    async with calling(scripted.url) as (ana, ben):
        lost = set[int]()
        ana.media.lost = lambda number: chance.random() < LOSS and not lost.add(number)
        ended_at = []
        for hz in TONES:
            tone = packets(hz, SPOKEN_S)
            await ana.speak(tone)
            ended_at.append(ana.media.mouth.sent[-1].at)
            await ben.media.inbox.wait_for("transcription", final=True, text=f"tone {hz}")
        assert await ben.media.inbox.count("utterance_end", len(TONES))
        await ana.leave()
    sent, came = len(ana.media.mouth.sent), len(ben.media.lines[1])
    print(f"\n{len(lost)} of {sent} packets were lost")
    assert 0.05 * sent < len(lost) == sent - came
    assert [end["outcome"] for end in ben.media.inbox.of("utterance_end")] == ["spoken"] * len(TONES)
    assert hears(ben, 0) == {hz + SHIFT for hz in TONES}
    said = ben.media.inbox.of("transcription", final=True)
    for one in said:
        assert abs(one["endMs"] - one["startMs"] - 1000 * SPOKEN_S) < TRUE_MS + 400  # with the pre-roll
    apart_ms = 1000 * (ended_at[1] - ended_at[0])
    assert abs(said[1]["endMs"] - said[0]["endMs"] - apart_ms) < TRUE_MS
