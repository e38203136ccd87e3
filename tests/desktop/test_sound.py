"""Live sound as a microphone sends it, and which program captures it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from clients.desktop.live_sound import AHEAD, BYTES, MOST, LiveSound
from clients.desktop.modes import Sound
from clients.desktop.sound_programs import NoProgram, program
from clients.sound.microphone import Microphone
from clients.sound.opus import FRAME


def block(value: int) -> bytes:
    return np.full(FRAME, value, "<i2").tobytes()


def values(sound: LiveSound, count: int) -> list[int | None]:
    found = [sound.read(0) for _ in range(count)]
    return [None if samples is None else int(samples[0]) for samples in found]


def test_blocks_come_in_order_once_enough_wait() -> None:
    sound = LiveSound()
    sound.write(block(1000))
    assert values(sound, 1) == [None]
    sound.write(block(2000) + block(3000))
    assert values(sound, 4) == [1000, 2000, 3000, None]
    sound.write(block(4000))
    assert values(sound, 1) == [None]  # after a hole it waits again
    sound.write(block(5000))
    assert values(sound, 2) == [4000, 5000]
    assert sound.heard == 5


def test_pieces_of_any_length_are_joined() -> None:
    sound = LiveSound()
    pcm = b"".join(block(1000 * number) for number in (1, 2, 3))
    for start in range(0, len(pcm), 777):
        sound.write(pcm[start : start + 777])
    assert values(sound, 3) == [1000, 2000, 3000]


def test_silence_is_left_out_and_soft_sound_is_not() -> None:
    sound = LiveSound()
    sound.write(block(0) + block(20) + block(60) + block(0))
    assert values(sound, 4) == [None, None, 60, None]


def test_nothing_is_heard_while_it_is_closed() -> None:
    sound = LiveSound()
    sound.open = False
    sound.write(block(1000) * 3)
    assert values(sound, 2) == [None, None]
    sound.open = True
    assert values(sound, 1) == [None]  # it was said before the key went down
    sound.write(block(2000) * AHEAD)
    assert values(sound, AHEAD) == [2000] * AHEAD
    assert "open" in repr(sound)


def test_what_was_said_before_the_key_went_up_is_heard_to_its_end() -> None:
    sound = LiveSound()
    sound.write(block(1000) * 5)
    assert values(sound, 1) == [1000]
    sound.open = False
    sound.write(block(2000) * 3)
    assert values(sound, 7) == [1000] * 4 + [None] * 3


def test_what_waits_has_a_bound() -> None:
    sound = LiveSound()
    sound.write(b"".join(block(100 + number) for number in range(MOST + 5)))
    assert (values(sound, 1), sound.dropped) == ([105], 5)


def test_another_device_begins_anew() -> None:
    sound = LiveSound()
    sound.write(block(1000) * AHEAD + b"odd")
    sound.forget()
    assert values(sound, 1) == [None]
    sound.write(block(2000) * AHEAD)
    assert values(sound, AHEAD) == [2000] * AHEAD


async def test_a_microphone_sends_it_and_rests_in_silence() -> None:
    now = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        await asyncio.sleep(0)

    sound = LiveSound()
    microphone = Microphone(sound, lambda: now, dtx=True, sleep=sleep)
    microphone.zero = 0.0
    sound.write(block(8000) * 3)
    capture = microphone.open()
    frames = [await capture.next() for _ in range(11)]  # 3 of sound, 8 of encoded silence
    assert [frame.marker for frame in frames] == [True] + [False] * 10
    resting = asyncio.ensure_future(capture.next())
    for _ in range(50):
        await asyncio.sleep(0)
    assert not resting.done() and sound.end == 0.0
    sound.write(block(8000) * AHEAD)
    frame = await resting
    assert frame.marker and frame.timestamp > frames[-1].timestamp


def test_programs_of_a_platform() -> None:
    assert program(Sound.SYSTEM, "linux", {})[-1] == "--device=@DEFAULT_MONITOR@"
    assert program(Sound.MICROPHONE, "linux", {})[-1] == "--device=@DEFAULT_SOURCE@"
    assert program(Sound.SYSTEM, "win32", {Sound.SYSTEM: "capture 'two words' -"}) == ["capture", "two words", "-"]
    with pytest.raises(NoProgram, match="--system-program"):
        program(Sound.SYSTEM, "darwin", {})
    assert BYTES == 1920
