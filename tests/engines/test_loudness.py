"""A voice is brought to a loudness by one gain, within its bounds; silence stays as it is."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.engines.whisper.loudness import HIGHEST_PEAK, MOST_GAIN_DB, levelled, loudness_dbfs
from pipeline.speech import SAMPLE_RATE

TIME_S = np.arange(SAMPLE_RATE) / SAMPLE_RATE


def tone(dbfs: float, seconds: float = 1.0) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    return (2**0.5 * 10 ** (dbfs / 20) * np.sin(2 * np.pi * 440 * TIME_S[: int(seconds * SAMPLE_RATE)])).astype(
        np.float32
    )


@pytest.mark.parametrize("dbfs", [-45.0, -30.0, -20.0, -9.0])
def test_a_voice_comes_to_the_loudness(dbfs: float) -> None:
    assert loudness_dbfs(tone(dbfs)) == pytest.approx(dbfs, abs=0.1)
    assert loudness_dbfs(levelled(tone(dbfs), -20.0)) == pytest.approx(-20.0, abs=0.1)


def test_silence_and_soft_noise_do_not_count() -> None:
    noise = np.random.default_rng(1).normal(0, 10 ** (-50 / 20), 4 * SAMPLE_RATE).astype(np.float32)
    noise[: SAMPLE_RATE // 2] += tone(-26, 0.5)
    assert loudness_dbfs(noise) == pytest.approx(-26, abs=0.3)


def test_the_gain_has_bounds() -> None:
    assert loudness_dbfs(levelled(tone(-65.0), -20.0)) == pytest.approx(-65.0 + MOST_GAIN_DB, abs=0.1)
    with_a_peak = tone(-40.0)
    with_a_peak[100] = 0.5
    assert np.abs(levelled(with_a_peak, -10.0)).max() == pytest.approx(HIGHEST_PEAK, abs=0.001)


def test_what_is_clipped_already_is_only_made_softer() -> None:
    clipped = np.clip(tone(3.0), -1, 1)
    assert (levelled(clipped, 0.0) == clipped).all()
    assert loudness_dbfs(levelled(clipped, -20.0)) == pytest.approx(-20.0, abs=0.1)


@pytest.mark.parametrize("audio", [np.zeros(SAMPLE_RATE, np.float32), tone(-80.0), np.zeros(0, np.float32)])
def test_silence_stays_as_it_is(audio: np.ndarray[tuple[int], np.dtype[np.float32]]) -> None:
    assert loudness_dbfs(audio) is None
    assert (levelled(audio, -20.0) == audio).all()


def test_one_gain_holds_for_all_of_a_window() -> None:
    audio = np.concatenate((tone(-30.0), tone(-42.0)))
    gains = levelled(audio, -20.0)[audio != 0] / audio[audio != 0]
    assert gains.max() == pytest.approx(gains.min(), rel=1e-4)
