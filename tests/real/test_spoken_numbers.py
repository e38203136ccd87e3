"""Real weights on a human voice: a number with a pause inside, beyond the soft end, is said once and as it was.

`python -m bench.spoken_numbers` measures all prompts that hold numbers, and more such pauses.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.sentence_ends.calls import engines, heard, sound_of
from bench.sentence_ends.recorded_passes import RecordedPasses
from bench.spoken_numbers.turns import PAUSES_MS, NumberTurn, dictated
from bench.spoken_numbers.values import counted, found
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from testing.real_material import LANGUAGE, PARTS, WEIGHTS, missing
from testing.virtual_clock import VirtualLoop
from tests.kit.extent import LONG

NUMBER = "conf-enteringno 8 thousand | 5 hundred"
PASS_MS = 100.0
"""Time of each pass, on any machine: it is there before the soft end."""
FINAL_PASSES_ALONE = InterpreterOptions(passes=RecognitionOptions(first_interim_s=60))

pytestmark = pytest.mark.skipif(bool(missing(PARTS)), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {missing(PARTS)}")


@pytest.mark.parametrize("pause_ms", PAUSES_MS if LONG else [320])
def test_a_number_with_a_pause_inside_is_said_once_and_as_it_was(pause_ms: int, tmp_path: Path) -> None:
    """A pause beyond the soft end made two of it: 8000 and 500."""
    (turn,) = (one for one in dictated((pause_ms,)) if one.name.startswith(f"{NUMBER},"))
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        text = runner.run(said(turn, tmp_path))
    assert counted(found(turn.text, text, LANGUAGE)).wrong == 0, text


async def said(turn: NumberTurn, folder: Path) -> str:
    async with engines(RecordedPasses(WEIGHTS, folder, pass_ms=PASS_MS)) as stages:
        call = await heard(stages, sound_of(turn.audio), None if LONG else FINAL_PASSES_ALONE)
        return " ".join(piece.text.strip() for piece in call.pieces)
