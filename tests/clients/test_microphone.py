"""Pacing on a clock that only moves when somebody sleeps."""

from __future__ import annotations

import numpy as np
import pytest

from clients.sound.microphone import Capture, Clip, Frame, Microphone, Script
from clients.sound.opus import Decoder, level

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


class FakeClock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.stall = 0.0

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += seconds + self.stall
        self.stall = 0.0


def microphone(seconds: float, **options: bool) -> tuple[FakeClock, Microphone]:
    clock = FakeClock()
    tone = (8000 * np.sin(np.arange(int(seconds * 48000)) / 20)).astype(np.int16)
    return clock, Microphone(Script([Clip("tone", tone)]), clock, sleep=clock.sleep, **options)


async def frames(capture: Capture, count: int) -> list[Frame]:
    return [await capture.next() for _ in range(count)]


async def test_a_frame_leaves_when_its_last_sample_was_heard() -> None:
    clock, device = microphone(0.1)
    device.zero = clock.now
    device.script.place([0.04])
    sent = await frames(device.open(), 10)
    assert abs(clock.now - 1000.2) < 1e-9
    assert [frame.timestamp for frame in sent] == [960 * number for number in range(10)]
    voiced = [frame.level < 60 for frame in sent]
    assert voiced == [False, False, True, True, True, True, True, False, False, False]
    decoder = Decoder()
    levels = [level(decoder.decode(frame.payload)) for frame in sent]
    assert levels[0] < -60 and levels[4] > -20


async def test_silence_before_the_pairing_and_the_clip_at_its_place_after() -> None:
    clock, device = microphone(1.0)
    device.script.place([0.0])
    capture = device.open()
    assert all(frame.level == 127 for frame in await frames(capture, 5))
    device.zero = clock.now + 0.01  # the clip starts in the middle of a frame
    first, second = await frames(capture, 2)
    assert 10 < first.level < second.level + 10 < 127


async def test_a_new_connection_goes_on_where_the_clock_is() -> None:
    clock, device = microphone(0.1)
    device.zero = clock.now
    device.script.place([0.5])
    await frames(device.open(), 5)
    clock.now = device.zero + 0.5
    sent = await frames(device.open(), 6)
    assert sent[0].timestamp == 0 and [frame.level < 60 for frame in sent] == [True] * 5 + [False]


async def test_a_short_stall_is_caught_up_a_long_one_is_lost() -> None:
    clock, device = microphone(0.1)
    capture = device.open()
    clock.stall = 0.1
    await frames(capture, 6)
    assert device.skipped == 0 and abs(clock.now - 1000.12) < 1e-9
    clock.stall = 1.0
    sent = await frames(capture, 2)
    assert device.skipped == 50 and sent[0].timestamp == 960 * 56
    assert abs(device.latest - 1.0) < 1e-9


async def test_dtx_sends_the_clip_and_160_ms_more() -> None:
    clock, device = microphone(0.1, dtx=True)
    device.zero = clock.now
    device.script.place([1.0])
    device.script.clips.append(device.script.clips[0])
    device.script.place([1.0, 3.0])
    sent = await frames(device.open(), 14)
    assert [frame.timestamp for frame in sent] == [960 * number for number in [*range(50, 63), 150]]
    assert [frame.marker for frame in sent] == [True, *12 * [False], True]


def test_clips_in_turn_and_mixed() -> None:
    loud = Clip("a", np.full(4800, 30000, np.int16))
    script = Script([loud, loud])
    assert script.end is None and script.spans() == []
    script.place_in_turn(1.0, 0.5)
    assert script.spans() == [(1.0, 1.1), (1.6, 1.7)] and script.end == 1.7
    assert script.read(0) is None
    script.place([0.0, 0.0])
    mixed = script.read(0)
    assert mixed is not None and set(mixed) == {32767}
