"""Figures of a growing load: which turns were heard, and which numbers of calls are held."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.load.heard_turns import Turn, late_s
from bench.load.steps import Step, capacity, next_calls
from bench.load.table import markdown
from bench.talk.dialogue import spoken

ALONE = Step(1, (0.4,) * 9 + (0.6,), 0.004, 0.3, 0.05, 800)


def test_a_turn_ends_with_its_voice_and_not_with_the_silence_of_its_recording(tmp_path: Path) -> None:
    file = tmp_path / "sentence.wav"
    rate, silence = 16_000, np.zeros(8_000, np.int16)
    with wave.open(str(file), "wb") as written:
        written.setparams((1, 2, rate, 0, "NONE", ""))
        written.writeframes(np.concatenate([silence, np.full(rate, 8_000, np.int16), silence]).tobytes())
    assert spoken(file).duration == pytest.approx(1.5, abs=0.01), "the half second in front stays"


@pytest.mark.parametrize(
    ("voiced", "late"),
    [
        ([12.6], 0.6),
        ([11.5], -0.5),  # the interpreter began while the speaker went on
        ([10.2, 13.0], 1.0),  # the end of the turn before
        ([22.2], 10.2),  # still before the next turn can be heard
        ([22.4], None),
        ([], None),
    ],
)
def test_a_turn_is_heard_from_its_first_voiced_packet_on(voiced: list[float], late: float | None) -> None:
    arrivals = sorted([*voiced, 10.5, 11.0, 30.0])
    levels = [-20.0 if at in voiced else -70.0 for at in arrivals]
    found = late_s(Turn(10.0, 12.0, 22.0), arrivals, levels)
    assert found == (None if late is None else pytest.approx(late))


@pytest.mark.parametrize(
    ("step", "held"),
    [
        (replace(ALONE, calls=4), True),
        (replace(ALONE, calls=4, late=(0.89,) * 10), True),
        (replace(ALONE, calls=4, late=(0.91,) * 10), False),
        (replace(ALONE, calls=4, late=(0.4,) * 99 + (None,)), False),
        (replace(ALONE, calls=4, pacer_p99_s=0.02), False),
        (replace(ALONE, calls=4, late=()), False),
    ],
)
def test_the_bar(step: Step, held: bool) -> None:
    assert step.reaches(ALONE) is held
    assert capacity([ALONE, step, replace(ALONE, calls=8)]) == (8 if held else 1)


def test_a_lost_turn_is_infinitely_late_and_told() -> None:
    step = replace(ALONE, late=(0.4, None))
    assert (step.lost, step.as_json(ALONE)["first_sound_p95_ms"], step.as_json(ALONE)["lost"]) == (1, None, 1)


def test_steps_grow() -> None:
    def taken(alone: Step) -> list[int]:
        steps = [alone]
        while steps[-1].calls < 20:
            steps.append(replace(alone, calls=next_calls(steps[-1])))
        return [one.calls for one in steps]

    assert taken(replace(ALONE, busy=0.3)) == [1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 15, 18, 22]
    assert taken(replace(ALONE, busy=0.04)) == [1, 12, 15, 18, 22], "a call that costs little promises many"


def test_the_document() -> None:
    steps = [one.as_json(ALONE) for one in (ALONE, replace(ALONE, calls=2, late=(None,)))]
    text = markdown({"machine": {"cores": 2, "cpu": "X"}, "engines": {"starter": {"capacity": 1, "steps": steps}}})
    assert "## starter: 1 calls" in text and "not held" in text
