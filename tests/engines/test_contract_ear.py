"""The contract's ear: one line said twice is one line, whatever noise is drawn for it; another line is another."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engine_contract import ear
from pipeline.engines.voices.espeak import Espeak
from pipeline.speech import VOICE_RATE, Synthesize

LINE = "Where is the train station?"
Sound = NDArray[np.int16]


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    return Espeak()


def say(espeak: Espeak, text: str, rate: float = 1.0) -> Sound:
    return np.frombuffer(espeak.synthesize([Synthesize(text, "en", rate=rate)])[0].pcm, np.int16)


def hissing(sound: Sound, level: float) -> Sound:
    noise = np.random.default_rng(1).normal(0, level, sound.size)
    return np.clip(sound + noise, -32768, 32767).astype(np.int16)


@pytest.mark.parametrize("rate", [0.9, 1.0, 1.15])
def test_a_line_at_another_tempo_with_another_breath_is_the_same(espeak: Espeak, rate: float) -> None:
    assert ear.alike(say(espeak, LINE), hissing(say(espeak, LINE, rate), 60) // 2)


@pytest.mark.parametrize("other", ["Where is the bus stop now?", "I would like a coffee, please.", "Good morning."])
def test_other_words_are_another_line(espeak: Espeak, other: str) -> None:
    assert not ear.alike(say(espeak, LINE), say(espeak, other))


def test_half_a_line_is_another(espeak: Espeak) -> None:
    said = say(espeak, LINE)
    assert not ear.alike(said, said[: said.size // 2])


def test_nothing_is_like_nothing_alone(espeak: Espeak) -> None:
    nothing, click = np.zeros(0, np.int16), np.full(3, 900, np.int16)
    assert ear.alike(nothing, nothing) and ear.alike(click, click)
    assert not ear.alike(nothing, say(espeak, LINE)) and not ear.alike(
        np.zeros(VOICE_RATE, np.int16), say(espeak, LINE)
    )
