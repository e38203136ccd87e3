"""A short run of `bench.disturbance`: noise is not interpreted, echo is not, who speaks is; and it can fail."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np
import pytest

from bench.disturbance import real
from bench.disturbance.__main__ import SHORT, targets
from bench.disturbance.scenes import Disturbed, Echoed, Heard, disturb, echo, material
from bench.simulated_call.bundled_engines import Counting, bundled
from bench.simulated_call.call import in_call
from bench.simulated_call.loudspeaker import Loudspeaker
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import SAMPLE_RATE, VOICE_RATE
from testing import disturbances
from testing.babble import babble
from testing.speech_material import singles
from testing.virtual_clock import VirtualLoop

Result = TypeVar("Result")
HARDEST = ("white noise, -30 dBFS", "flute", "breathing, close", "keyboard, fast", "doors and knocks")


def with_engines(scene: Callable[[EngineSet, Counting], Coroutine[Any, Any, Result]]) -> Result:
    async def whole() -> Result:
        async with bundled() as (stages, ear):
            return await scene(stages, ear)

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(whole())


def test_nothing_is_spoken_of_noise_and_all_of_speech() -> None:
    kinds = {name: disturbances.ALL[name] for name in HARDEST}

    async def scene(stages: EngineSet, ear: Counting) -> Disturbed:
        return await in_call(stages, 1, lambda call: disturb(call, ear, kinds, 4.0, singles(10), 1))

    found = with_engines(scene)
    assert [block.translated for block in found.blocks] == [[]] * 2 * len(HARDEST)
    assert len(found.sentences) == 10
    assert not [one for one in found.sentences if one.refused]
    assert sum(one.right for one in found.sentences) >= 9


@pytest.mark.parametrize("guarded", [True, False])
def test_the_interpreters_voice_comes_back(guarded: bool) -> None:
    async def scene(stages: EngineSet, ear: Counting) -> Echoed:
        return await in_call(
            stages, 1, lambda call: echo(call, material(2 if guarded else 1), 1, repeat=guarded), guarded=guarded
        )

    found = with_engines(scene)
    assert found.opened, "nothing came back: nothing was tested"
    if not guarded:
        assert found.loops, "without the guard the interpreter interprets itself"
        return
    assert not found.loops
    assert len(found.repeats) == 2
    assert not [one for one in found.repeats if one.refused]


def test_a_loudspeaker_is_late_and_soft() -> None:
    speaker = Loudspeaker(delay=0.2, gain_db=-12.0, on=True)
    time = np.arange(VOICE_RATE // 2) / VOICE_RATE
    played = (8000 * np.sin(2 * np.pi * 1000 * time)).astype(np.int16)
    heard = []
    for start in range(0, 2 * len(played), 480):
        speaker.play(played[start : start + 480].tobytes())
        heard.append(speaker.at_microphone())
    sound = np.concatenate(heard)
    first = int(np.flatnonzero(np.abs(sound) > 200)[0]) / SAMPLE_RATE
    assert 0.195 < first < 0.215
    middle = sound[round(0.4 * SAMPLE_RATE) : round(0.6 * SAMPLE_RATE)]
    change = 20 * np.log10(np.sqrt(np.mean(middle**2)) / (8000 / np.sqrt(2)))
    assert -21.5 < change < -7.5  # two reflections, 0.65 of the direct sound together, add to it or take away


@pytest.mark.parametrize("name", disturbances.ALL)
def test_sounds_are_the_same_each_time_and_fit_into_a_microphone(name: str) -> None:
    one, other = (disturbances.ALL[name](np.random.default_rng(7), 3.0) for _ in range(2))
    assert len(one) == 3 * SAMPLE_RATE
    assert np.array_equal(one, other)
    assert np.isfinite(one).all()
    assert np.mean(np.abs(one) >= 32767) < 0.001


def test_a_babble_is_many_voices_over_each_other() -> None:
    time = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    said = (6000 * np.sin(2 * np.pi * 400 * time)).astype(np.int16).tobytes()
    one, other = (babble([said], -30.0)(np.random.default_rng(7), 3.0) for _ in range(2))
    assert np.array_equal(one, other) and len(one) == 3 * SAMPLE_RATE
    assert 20 * np.log10(np.sqrt(np.mean(one**2)) / 32768) == pytest.approx(-30.0, abs=0.1)
    heard = np.abs(np.fft.rfft(one * np.hanning(len(one))))
    pitches = [np.argmax(heard[low * 3 : (low + 30) * 3]) / 3 + low for low in range(310, 490, 30)]
    assert len({round(pitch / 10) for pitch in pitches}) >= 5, "one voice at several pitches"


def test_real_targets_tell_a_bad_run() -> None:
    quiet = real.RealBlock("music", "en", 1260.0)
    answers = [real.Answer(f"p{number}", number % 3 == 1, "hola", "spoken") for number in range(50)]
    lost = real.Answer("lost", False, "", "not_understood")

    def failing(*blocks: real.RealBlock, said: list[real.Answer] = answers) -> list[str]:
        found = real.targets(blocks, said, least_minutes=20.0)
        return [one.what.partition(",")[0] for one in found if not one.passed]

    assert failing(quiet) == []
    assert failing(quiet, said=[*answers, lost]) == []
    assert failing(quiet, said=[*answers, lost, lost]) == ["human prompts refused"]
    assert failing(replace(quiet, spoken=["Tú"])) == ["words spoken of it"]
    assert failing(replace(quiet, failures=1)) == ["engine failures"]
    assert failing(replace(quiet, seconds=600.0)) == ["minutes of what is no speech"]


def test_targets_tell_a_bad_run() -> None:
    good = Heard("one", "uno", "uno", "spoken")
    lost = Heard("one", "uno", "", "refused (not_understood)")
    plan = SHORT | {"echoes": 1}
    fine = targets(Disturbed(sentences=[good] * 25), Echoed(said=[good], repeats=[good]), plan)
    assert all(target.passed for target in fine)
    few = targets(Disturbed(sentences=[good] * 24 + [lost] * 2), Echoed(said=[good], repeats=[good]), plan)
    assert [target.name for target in few if not target.passed] == ["real sentences refused"]
    looped = targets(Disturbed(sentences=[good]), Echoed(said=[good], loops=["uno"], repeats=[lost]), plan)
    assert [target.name for target in looped if not target.passed] == ["loops", "repeated 3 s later and interpreted"]
