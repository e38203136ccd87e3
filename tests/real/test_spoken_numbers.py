"""Real weights on a human voice: a number with a pause inside, beyond the soft end, is said once and as it was.

`python -m bench.spoken_numbers` measures all prompts that hold numbers, and more such pauses.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bench.sentence_ends.calls import engines, heard, sound_of
from bench.sentence_ends.recorded_passes import OPTIONS, RecordedPasses
from bench.spoken_numbers.turns import PAUSES_MS, NumberTurn, dictated
from bench.spoken_numbers.values import counted, found
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.recognition.utterance import BYTES_PER_MS
from pipeline.speech import Transcribe
from pipeline.text.values import reading
from testing.real_material import LANGUAGE, NUMBERS, PARTS, WEIGHTS, missing, prompts
from testing.virtual_clock import VirtualLoop
from tests.kit.extent import LONG

MENU = "conf-adminmenu-18"
WINDOWS = (
    ((3260, 6060), "Please press 1 to mute or unmute yourself.", "2"),
    ((19_500, 21_560), "5 to extend the conference. 7 or 9 to decrease or increase your volume.", "8"),
)
"""Windows of this prompt as they were in a call, ms, with the words before them and the number at the beginning."""
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


@pytest.mark.skipif(bool(missing(NUMBERS)), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {missing(NUMBERS)}")
def test_a_number_at_the_beginning_of_a_window_is_heard_behind_the_words_before_it() -> None:
    """Alone it is a word that sounds like it: "to lock", "or aid"."""
    (menu,) = (one for one in prompts(NUMBERS / LANGUAGE) if one.name == MENU)
    whisper = Whisper.of(str(WEIGHTS), **OPTIONS)
    for (since_ms, until_ms), before, number in WINDOWS:
        alone = Transcribe(menu.audio[since_ms * BYTES_PER_MS : until_ms * BYTES_PER_MS], LANGUAGE)
        (lost,), (heard,) = whisper.transcribe([alone]), whisper.transcribe([replace(alone, before=before)])
        assert number not in values(lost.text), "or nothing is shown by this window"
        assert number in values(heard.text) and heard.certain, heard.text


def values(text: str) -> set[str]:
    return {one for unit in reading(text, LANGUAGE).units for one in unit.texts}


async def said(turn: NumberTurn, folder: Path) -> str:
    async with engines(RecordedPasses(WEIGHTS, folder, pass_ms=PASS_MS)) as stages:
        call = await heard(stages, sound_of(turn.audio), None if LONG else FINAL_PASSES_ALONE)
        return " ".join(piece.text.strip() for piece in call.pieces)
