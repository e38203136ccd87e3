"""Silence that is left out before recognition: what is kept of a window, and where its moments were."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engines.whisper.silence_removal import EDGE_MS, INNER_MS, shortened

PER_MS = 16


def ramp(ms: int) -> bytes:
    """Audio in which every millisecond is its own number."""
    return np.repeat(np.arange(ms, dtype=np.int16), PER_MS).tobytes()


def told(audio: bytes) -> list[int]:
    return np.frombuffer(audio, np.int16)[::PER_MS].tolist()


def spans(*parts: tuple[int, int]) -> list[int]:
    return [ms for start, end in parts for ms in range(start, end)]


@pytest.mark.parametrize(
    ("voice", "kept"),
    [
        ((), [(0, 3000)]),
        (((0, 3000),), [(0, 3000)]),
        (((200, 2800),), [(0, 3000)]),
        (((1000, 1500),), [(700, 1800)]),
        (((500, 1000), (1200, 2500)), [(200, 2800)]),  # a pause as people make them between words
        (((500, 1000), (1280, 2500)), [(200, 2800)]),
        (((500, 1000), (2000, 2500)), [(200, 1140), (1860, 2800)]),
        (((0, 100), (900, 1000), (2900, 3000)), [(0, 240), (760, 1140), (2760, 3000)]),
        (((5000, 6000),), [(0, 3000)]),  # beyond the audio: it is not of this window
    ],
)
def test_what_is_kept(voice: tuple[tuple[int, int], ...], kept: list[tuple[int, int]]) -> None:
    assert told(shortened(ramp(3000), voice).audio) == spans(*kept)


def test_a_moment_of_the_short_audio_is_found_in_the_other() -> None:
    short = shortened(ramp(3000), ((500, 1000), (2000, 2500)))
    assert [short.original_ms(ms) for ms in (0, 939, 941, 1880)] == [200, 1139, 1861, 2800]
    assert short.original_ms(2000) == 2920, "the silence that an engine puts behind it"


@given(st.lists(st.integers(0, 4000), max_size=20), st.integers(0, 4000))
def test_no_voice_is_lost_and_times_are_true(edges: list[int], length: int) -> None:
    ordered = sorted(set(edges))
    voice = tuple(zip(ordered[::2], ordered[1::2], strict=False))
    short = shortened(ramp(length), voice)
    heard = told(short.audio)
    inside = [(start, min(end, length)) for start, end in voice if start < length]
    if inside:
        assert set(spans(*inside)) <= set(heard), "all of the voice"
        silence = len(heard) - len(spans(*inside))
        assert silence <= 2 * EDGE_MS + INNER_MS * (len(voice) - 1)
    assert heard == sorted(set(heard)), "in order, and nothing twice"
    assert [short.original_ms(n) for n in range(1, len(heard))] == [ms + 1 for ms in heard[:-1]]
