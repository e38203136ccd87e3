"""Recognition hears a voice in noise with less noise, and as much voice; off means that nothing is touched."""

from __future__ import annotations

import builtins
import importlib.util
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from pipeline.hearing.noise_suppression import LEVELS, NoiseSuppressor
from pipeline.interpreter import InterpreterOptions
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame
from server.cli.suppression_cost import processor_ms, suppression_cost
from server.interpreting import interpreter_options
from server.settings import BadSetting, Settings, read
from testing.disturbances import ALL, level
from testing.virtual_clock import virtually
from tests.kit.espeak_speech import say
from tests.kit.interpreter_scene import Scene

Sound = NDArray[np.float32]
LEARNED_S = 3.0
"""Noise alone at the beginning, which the suppressor learns."""
SENTENCE = "Good morning. I would like to check in, please. Where is the breakfast room?"
STEADY = {"white noise, -45 dBFS": 8.0, "pink noise, -35 dBFS": 8.0, "hum and fan": 6.0}
"""Noise → dB by which the voice must stand out more."""


def scene(noise: str) -> tuple[Sound, NDArray[np.bool_]]:
    """Return a voice in noise, 10 dB above it, and which of its frames are of the voice. The noise goes on alone."""
    voice = level(np.frombuffer(say(SENTENCE, "en"), np.int16).astype(np.float32), -30)
    before, after = (np.zeros(round(seconds * SAMPLE_RATE), np.float32) for seconds in (LEARNED_S, 1.0))
    clean = np.concatenate((before, voice, after))
    clean = clean[: len(clean) // (FRAME_BYTES // 2) * (FRAME_BYTES // 2)]
    sound = ALL[noise](np.random.default_rng(5), len(clean) / SAMPLE_RATE + 0.1)[: len(clean)]
    power = frames_power(clean)
    return clean + level(sound, -40), power > power.max() / 1000


def frames_power(sound: Sound) -> NDArray[np.float64]:
    return (sound.reshape(-1, FRAME_BYTES // 2).astype(np.float64) ** 2).mean(axis=1)


def through(suppressor: NoiseSuppressor, sound: Sound) -> Sound:
    pcm = sound.clip(-32768, 32767).astype(np.int16).tobytes()
    frames = (suppressor.clean(Frame(0, pcm[at : at + FRAME_BYTES])).pcm for at in range(0, len(pcm), FRAME_BYTES))
    return np.frombuffer(b"".join(frames), np.int16).astype(np.float32)


def snr_db(sound: Sound, voiced: NDArray[np.bool_]) -> float:
    """Return the signal-to-noise ratio: of the voice's frames to those of noise alone, once the noise is learned."""
    power = frames_power(sound)
    alone = ~voiced
    alone[: round(LEARNED_S * 1000 / FRAME_MS / 2)] = False
    noise = power[alone].mean() + 1e-3
    return float(10 * np.log10(max(power[voiced].mean() - noise, 1e-3) / noise))


@pytest.mark.parametrize("noise", STEADY)
def test_a_voice_stands_out_more_the_higher_the_level(noise: str) -> None:
    sound, voiced = scene(noise)
    before = snr_db(sound, voiced)
    gains = [snr_db(through(NoiseSuppressor(step), sound), voiced) - before for step in range(1, LEVELS + 1)]
    print(f"\n{noise}: {before:.1f} dB, and more by level: {', '.join(f'{gain:.1f}' for gain in gains)} dB")
    assert gains == sorted(gains) and gains[1] > STEADY[noise]


def test_the_voice_itself_stays() -> None:
    """Its loudness in what comes out, and that it comes 0 to 10 ms later: the filter bank takes 6."""
    sound, voiced = scene("pink noise, -35 dBFS")
    cleaned = through(NoiseSuppressor(2), sound)
    before, after = frames_power(sound), frames_power(cleaned)
    loud = voiced & (before > np.median(before[voiced]))
    assert abs(10 * np.log10(after[loud].mean() / before[loud].mean())) < 3
    most = 50 * SAMPLE_RATE // 1000
    alike = [float(np.dot(sound[most:-most], np.roll(cleaned, -lag)[most:-most])) for lag in range(-most, most + 1)]
    delay_ms = (int(np.argmax(alike)) - most) * 1000 / SAMPLE_RATE
    print(f"\n{delay_ms:.2f} ms later")
    assert 0 <= delay_ms <= 10


def test_marked_silence_stays_silence() -> None:
    silent = Frame(40)
    assert NoiseSuppressor(4).clean(silent) is silent


@pytest.mark.parametrize("step", [0, LEVELS + 1, -1])
def test_there_is_no_other_level(step: int) -> None:
    with pytest.raises(ValueError, match="1 to 4"):
        NoiseSuppressor(step)


async def heard_by_recognition(options: InterpreterOptions, pcm: bytes) -> bytes:
    """Return the sound of the final window that the recogniser was given."""
    async with Scene(settings=options, activity=options.activity()) as one:
        await one.sound(pcm)
        await one.silence(2.0)
    return bytes(one.stt.jobs[-1].audio)


@virtually
async def test_off_means_off_and_on_reaches_recognition_alone() -> None:
    sound, _ = scene("pink noise, -35 dBFS")
    pcm = sound.clip(-32768, 32767).astype(np.int16).tobytes()
    off, on = (interpreter_options(read(one)) for one in ({}, {"DRAGOMAN_NOISE_SUPPRESSION": "2"}))
    assert off.suppression is None and Settings().noise_suppression == 0
    raw, cleaned = await heard_by_recognition(off, pcm), await heard_by_recognition(on, pcm)
    assert raw in pcm, "bit for bit what came"
    assert cleaned and cleaned not in pcm


def test_without_the_library_the_start_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "webrtc_noise_gain" else find(name))
    with pytest.raises(BadSetting, match=r"DRAGOMAN_NOISE_SUPPRESSION needs .*pip install 'dragoman\[denoise\]'"):
        read({"DRAGOMAN_NOISE_SUPPRESSION": "1"})
    assert read({"DRAGOMAN_NOISE_SUPPRESSION": "0"}).noise_suppression == 0


def test_doctor_tells_what_it_costs_and_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    found = suppression_cost(2)
    assert not found.remedy and "level 2 costs 0." in found.what and "of a core" in found.what
    assert processor_ms(2) < FRAME_MS / 20, "a twentieth of a core for each microphone is the most"
    load = builtins.__import__

    def missing(name: str, *rest: Any, **more: Any) -> Any:
        if name == "webrtc_noise_gain":
            raise ImportError(name)
        return load(name, *rest, **more)

    monkeypatch.setattr(builtins, "__import__", missing)
    assert "dragoman[denoise]" in suppression_cost(2).remedy
