"""An utterance's audio on true media time, the window that recognition hears of it, and the moments before it."""

from typing import Any

import pytest

from pipeline.recognition.utterance import PreRoll, Utterance
from pipeline.speech import FRAME_BYTES, Frame

PCM = b"\x01" * FRAME_BYTES


def utterance(**fields: Any) -> Utterance:
    return Utterance("u-1", "ann", "en", 1000, 5.0, **fields)


def grown(*starts_ms: int) -> str:
    """Frames that begin at these media times; the audio as `#` and `.` for 20 ms of sound and of silence."""
    grown = utterance()
    for ms in starts_ms:
        grown.grow(Frame(ms, PCM))
    audio = bytes(grown.audio)
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
    return "".join("#" if frame == PCM else "." for frame in frames)


@pytest.mark.parametrize(
    ("starts", "audio"),
    [
        ((1000, 1020, 1040), "###"),
        ((1000, 1040), "#.#"),
        ((1000, 1019, 1041), "###"),  # rounding is not a hole
        ((1000, 1100, 1120), "#....##"),
        ((1000, 500), "##"),
    ],
)
def test_audio_grows_by_media_time(starts: tuple[int, ...], audio: str) -> None:
    assert grown(*starts) == audio


def test_a_frame_that_was_not_decoded_is_silence() -> None:
    one = utterance()
    one.grow(Frame(1000))
    assert bytes(one.audio) == bytes(FRAME_BYTES) and one.seconds == 0.02


def test_a_leap_of_the_clock_does_not_fill_memory() -> None:
    one = utterance()
    one.grow(Frame(1000, PCM))
    one.grow(Frame(10_000_000, PCM))
    assert one.seconds < 3


def test_pre_roll_is_the_last_moments() -> None:
    pre_roll = PreRoll()
    for n in range(100):
        pre_roll.add(Frame(n * 20))
    assert [frame.start_ms for frame in pre_roll.flush(2000)] == list(range(1580, 2000, 20))
    assert pre_roll.flush(2000) == []


def test_pre_roll_leaves_out_what_was_long_before() -> None:
    """In DTX the last frames before an onset may be seconds old."""
    pre_roll = PreRoll()
    for ms in (0, 400, 800, 1200, 1600, 1960, 1980):
        pre_roll.add(Frame(ms))
    assert [frame.start_ms for frame in pre_roll.flush(2000)] == [1600, 1960, 1980]


# the window: what is not settled yet


def voiced(one: Utterance, start_ms: int, stop_ms: int, now: float = 0.0) -> None:
    for ms in range(start_ms, stop_ms, 20):
        one.grow(Frame(ms, PCM))
        one.voice(Frame(ms, PCM), now + ms / 1000)


def test_voice_moves_the_end_on_and_breaks_a_silence() -> None:
    one = utterance()
    voiced(one, 1000, 1100)
    assert (one.end_ms, one.voiced_ms, one.voiced_at) == (1100, 100, 1.08)
    assert (one.voice_end_ms, one.window_length_ms) == (100, 100)


def test_what_is_dropped_leaves_the_window_and_its_times_hold() -> None:
    one = utterance()
    voiced(one, 1000, 2000)
    one.discard_audio(400)
    assert (one.window_start_media_ms, one.window_length_ms, one.voice_end_ms) == (1400, 600, 600)
    one.grow(Frame(2100, PCM))
    assert one.window_length_ms == 720, "media time goes on where the window's audio ends"
    assert one.start_ms == 1000, "the utterance began where it began"


@pytest.mark.parametrize(("until_ms", "window_ms"), [(-50, 1000), (0, 1000), (10, 1010), (999, 1999), (5000, 2000)])
def test_no_more_is_dropped_than_there_is(until_ms: int, window_ms: int) -> None:
    one = utterance()
    voiced(one, 1000, 2000)
    one.discard_audio(until_ms)
    assert one.window_start_media_ms == window_ms and one.window_length_ms == 2000 - window_ms
    assert len(one.audio) % 2 == 0
