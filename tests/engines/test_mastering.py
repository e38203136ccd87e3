"""Finished speech: trimmed, without clicks, and as loud as all other by a measure that is not ours."""

import re

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.engines.voices.mastering import LEVEL_LUFS, finished, loudness, resampled
from pipeline.speech import VOICE_RATE


def noise(seconds: float, rate: int = VOICE_RATE, low_hz: float = 0, high_hz: float = 1e9) -> NDArray[np.float32]:
    """A band of noise with the loud and quiet of speech, peak 0.5."""
    size = int(seconds * rate)
    spectrum = np.fft.rfft(np.random.default_rng(0).normal(size=size))
    hz = np.fft.rfftfreq(size, 1 / rate)
    spectrum[(hz < low_hz) | (hz > high_hz)] = 0
    samples = np.fft.irfft(spectrum, size) * (0.55 + 0.45 * np.sin(2 * np.pi * 3 * np.arange(size) / rate))
    return (0.5 * samples / np.max(np.abs(samples))).astype(np.float32)


@pytest.mark.parametrize("rate", [4000, 8000, 16_000, 22_050, 44_100, 48_000, 192_000])
def test_any_few_samples_at_any_rate_are_audio_or_none(rate: int) -> None:
    for count in (*range(1, 12), 40, 200):
        samples = np.full(count, 0.5, np.float32)
        assert resampled(samples, rate).ndim == 1
        assert len(finished(samples, rate)) % 2 == 0


def by_libavfilter(samples: NDArray[np.float32]) -> float:
    """Integrated loudness by FFmpeg's `ebur128`, which is no code of ours."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=VOICE_RATE, format="flt", layout="mono")
    meter, sink = graph.add("ebur128", "metadata=1"), graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    told = ""
    for start in range(0, samples.size, 2400):
        frame = av.AudioFrame.from_ndarray(samples[np.newaxis, start : start + 2400], format="flt", layout="mono")
        frame.sample_rate, frame.pts = VOICE_RATE, start
        source.push(frame)
        while True:
            try:
                told = dict(sink.pull().metadata).get("lavfi.r128.I", told)
            except (av.BlockingIOError, av.EOFError):
                break
    return float(re.sub(r"[^\d.-]", "", told))


@pytest.mark.parametrize("band", [(0, 1e9), (60, 250), (300, 3000), (2000, 8000)])
def test_loudness_is_that_of_an_independent_meter(band: tuple[float, float]) -> None:
    samples = noise(6, low_hz=band[0], high_hz=band[1])
    assert loudness(samples) == pytest.approx(by_libavfilter(samples), abs=0.15)


def test_a_pause_does_not_make_speech_less_loud() -> None:
    samples = noise(4)
    paused = np.concatenate((samples[:48_000], np.zeros(120_000, np.float32), samples[48_000:]))
    assert loudness(paused) == pytest.approx(loudness(samples), abs=0.5)
    assert loudness(paused) == pytest.approx(by_libavfilter(paused), abs=0.2)


def test_a_full_scale_sine_measures_as_the_recommendation_says() -> None:
    sine = np.sin(2 * np.pi * 997 * np.arange(5 * VOICE_RATE) / VOICE_RATE).astype(np.float32)
    assert loudness(sine) == pytest.approx(-3.01, abs=0.05)


@pytest.mark.parametrize("rate", [8000, 16000, 22050, 24000, 44100, 48000])
@pytest.mark.parametrize("gain", [0.02, 1.0])
def test_whatever_comes_in_is_as_loud_as_all_else(rate: int, gain: float) -> None:
    pcm = np.frombuffer(finished(gain * noise(2, rate, 100, 3500), rate), np.int16).astype(np.float32) / 32767
    assert pcm.size == pytest.approx(2 * VOICE_RATE, rel=0.02)
    assert loudness(pcm) == pytest.approx(LEVEL_LUFS, abs=0.1)


def test_peaks_are_never_cut_off_for_it() -> None:
    clicks = np.zeros(VOICE_RATE, np.float32)
    clicks[::4000] = 1.0
    pcm = np.frombuffer(finished(clicks, VOICE_RATE), np.int16)
    assert 0.88 * 32767 < np.max(np.abs(pcm)) <= 0.9 * 32767


def test_silence_is_cut_from_both_ends_and_the_edges_do_not_click() -> None:
    padded = np.concatenate((np.zeros(12_000, np.float32), noise(1), np.zeros(24_000, np.float32)))
    pcm = np.frombuffer(finished(padded, VOICE_RATE), np.int16)
    assert VOICE_RATE < pcm.size < 1.08 * VOICE_RATE
    assert abs(int(pcm[0])) <= 1 and abs(int(pcm[-1])) <= 1


@pytest.mark.parametrize("samples", [np.zeros(0), np.zeros(24_000), np.full(24_000, 5e-5), noise(0.0001)[:0]])
def test_what_nobody_could_hear_is_no_audio(samples: NDArray[np.float32]) -> None:
    assert finished(samples.astype(np.float32), VOICE_RATE) == b""


@pytest.mark.parametrize("size", [1, 5, 100, 2400])
def test_the_shortest_sound_is_finished_too(size: int) -> None:
    assert len(finished(np.full(size, 0.3, np.float32), VOICE_RATE)) == 2 * size


@pytest.mark.parametrize(
    ("samples", "rate"),
    [(np.array([0.1, np.nan]), 24_000), (np.array([0.1, np.inf]), 24_000), (noise(0.1), 0), (noise(0.1)[None], 24_000)],
)
def test_what_is_no_audio_is_refused(samples: NDArray[np.float32], rate: int) -> None:
    with pytest.raises(EngineError, match="the voice gave"):
        finished(samples.astype(np.float32), rate)


def test_resampling_keeps_a_tone_where_it_is() -> None:
    tone = np.sin(2 * np.pi * 440 * np.arange(22_050) / 22_050).astype(np.float32)
    spectrum = np.abs(np.fft.rfft(resampled(tone, 22_050), VOICE_RATE))
    assert int(np.argmax(spectrum)) == pytest.approx(440, abs=1)
