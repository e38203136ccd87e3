"""`bench.real_call` plays what it says, and its verdicts can go both ways."""

from __future__ import annotations

import re
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bench.real_call.human_turns import chosen, kind_of, turn
from bench.real_call.table import markdown
from bench.real_call.targets import targets
from pipeline.speech import SAMPLE_RATE
from testing.real_material import Prompt


def prompt(folder: Path, name: str, text: str, seconds: float = 2.0) -> Prompt:
    """Half a second of silence, a tone, half a second of silence."""
    file = folder / f"{name}.wav"
    quiet = np.zeros(SAMPLE_RATE // 2, np.int16)
    time = np.arange(round((seconds - 1) * SAMPLE_RATE)) / SAMPLE_RATE
    tone = (np.sin(2 * np.pi * 300 * time) * 5000).astype(np.int16)
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(SAMPLE_RATE)
        sound.writeframes(np.concatenate([quiet, tone, quiet]).tobytes())
    return Prompt(name, text, file)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Please hold.", "single"),
        ("Please hold", "single"),
        ("Dial 3.5 now.", "single"),
        ("You may end the test. Goodbye.", "several"),
        ("Really? Yes!", "several"),
    ],
)
def test_what_is_a_prompt_of_several_sentences(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_prompts_are_spread_over_all_that_fit(tmp_path: Path) -> None:
    short = [prompt(tmp_path, f"a{n}", "Please hold the line.") for n in range(7)]
    others = [prompt(tmp_path, "b", "One. Two."), prompt(tmp_path, "c", "Too long for a single one.", 9.0)]
    assert [one.name for one in chosen([*short, *others], "single", 3)] == ["a0", "a2", "a4"]
    assert [one.name for one in chosen([*short, *others], "several", 3)] == ["b"]


def test_a_turn_ends_with_its_last_sound(tmp_path: Path) -> None:
    made = turn(prompt(tmp_path, "a", "Please hold the line."))
    assert (made.said[0].start, made.end) == (pytest.approx(0.5, abs=0.01), pytest.approx(1.5, abs=0.01))
    assert made.seconds == pytest.approx(made.end + 0.2, abs=0.001), "what follows is the load's own silence"
    assert [one.text for one in made.words] == ["Please", "hold", "the", "line."]
    assert made.words[-1].end == pytest.approx(made.end)


def report(p50: float | None, p95: float | None, wrong: int, count: int = 24) -> dict[str, Any]:
    times = {"p50": p50, "p95": p95, "count": count, "infinite": 0}
    kind = {
        "turns": count,
        "endToFirstMs": times,
        "pieces": 24,
        "words": 200,
        "wrongInWholeFiles": 6,
        "othersBusy": 0.3,
    }
    machine = {"cores": 2, "cpu": "c", "kernel": "k"}
    made: dict[str, Any] = {"machine": machine, "ways": {"short": {"single": kind | {"wrongInCall": wrong}}}}
    return made | {"targets": [one.as_json() for one in targets(made)]}


@pytest.mark.parametrize(
    ("made", "passed"),
    [
        (report(400, 900, 8), [True, True, True]),
        (report(451, 901, 9), [False, False, False]),
        (report(400, None, 6), [True, False, True]),
        (report(None, None, 6, count=0), [None, None, True]),
    ],
)
def test_the_verdicts(made: dict[str, Any], passed: list[bool | None]) -> None:
    assert [one["passed"] for one in made["targets"]] == passed


def test_a_run_beside_others_says_so() -> None:
    text = re.sub(" +", " ", markdown(report(400, 901, 8)))
    assert "Disturbed: others took up to 30%" in text
    assert "| short | single | 24 | 400 | 901 | 0 | 24 | 8 | 6 | 200 |" in text and "**no**" in text
