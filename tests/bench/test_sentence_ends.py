"""The bench of sentence ends: places are counted as defined, a pass is kept with its time, and the verdict can fail."""

from __future__ import annotations

import asyncio
import wave
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

from bench.sentence_ends.__main__ import DELAYS_MS, command, markdown
from bench.sentence_ends.figures import Part, Told, hear
from bench.sentence_ends.halfway import BEFORE, COMMIT, reached, wanted
from bench.sentence_ends.places import Piece, Places, places, shown
from bench.sentence_ends.recorded_passes import RecordedPasses
from bench.sentence_ends.true_ends import with_true_ends
from bench.simulated_call.person import sound_of
from pipeline.speech import SAMPLE_RATE, Transcribe, Transcript
from testing.real_material import Prompt
from testing.speech_material import hesitations

SAID = "You may end the test by hanging up, or by pressing the key. Good bye."


def pieces(text: str) -> list[Piece]:
    """`|` begins anew, `+` goes on."""
    first, *rest = text.replace("+", "|+").split("|")
    return [Piece(first), *(Piece(one.lstrip("+"), one.startswith("+")) for one in rest)]


@pytest.mark.parametrize(
    ("heard", "inner", "false", "marked", "at_commas", "kept"),
    [
        ("You may end the test by hanging up or by pressing the key.|Good bye.", 1, 0, 0, 0, 1),
        ("You may end the test.|by hanging up or by pressing the key.|Good bye.", 2, 1, 1, 0, 1),
        ("You may end the test|by hanging up or by pressing the key.|Good bye.", 2, 1, 0, 0, 1),
        ("You may end the test+by hanging up or by pressing the key.|Good bye.", 2, 0, 0, 0, 1),
        ("You may end the test.+by hanging up or by pressing the key.|Good bye.", 2, 1, 1, 0, 1),
        ("You may end the test by hanging up,|or by pressing the key.|Good bye.", 2, 1, 0, 1, 1),
        ("You may end the test by hanging up or by pressing the key, good bye.", 0, 0, 0, 0, 0),
        ("You may and the test. By hanging up or by pressing the key. Good bye.", 2, 1, 1, 0, 1),
        ("You may end the text.|by hanging up or by pressing the key.|Good bye.", 2, 1, 1, 0, 1),
    ],
)
def test_ends_are_counted(heard: str, inner: int, false: int, marked: int, at_commas: int, kept: int) -> None:
    found = places(SAID, pieces(heard))
    got = (found.inner, found.false, found.marked, found.at_commas, found.kept, found.own)
    assert got == (inner, false, marked, at_commas, kept, 1)


def test_places_add_up_and_are_told() -> None:
    one = places(SAID, pieces("You may end the test.|by hanging up or by pressing the key.|Good bye."))
    both = (one + one).as_json()
    assert (both["inner"], both["false"], both["falseShare"], both["keptShare"]) == (4, 2, 0.5, 1.0)
    assert Places().as_json()["falseShare"] is None
    assert shown(pieces("One.|Two,+three.")) == "One. | Two, + three."


@pytest.mark.parametrize(
    ("heard", "said", "wanted"),
    [
        ("The test. Is over now.", "The test is over now.", "The test is over now."),
        ("The test, is over now.", "The test is over now.", "The test, is over now."),
        ("I'm sorry. That's wrong.", "I'm sorry, that's wrong.", "I'm sorry, that's wrong."),
        ("Call it. Asterisk works.", "Call it Asterisk works.", "Call it Asterisk works."),
        ("Press 1 to speak press 2.", "Press one. To speak, press two.", "Press 1. To speak press 2."),
        ("Leave it when done. Press it.", "Leave it.  When done, press it.", "Leave it. When done, press it."),
        ("Press two for accounting", "Press two.  For counting.", "Press two. For accounting."),
        ("the first, the last word", "The first word. The last word.", "The first. The last word."),
        ("Well said. Word. For word.", "Well said, word for word.", "Well said, word for word."),
        ("Is it so? It is.", "Is it so?  It is.", "Is it so? It is."),
        ("", "Nothing.", ""),
    ],
)
def test_heard_words_get_the_ends_of_what_was_said(heard: str, said: str, wanted: str) -> None:
    assert with_true_ends(heard, said) == wanted


def test_translations_are_held_against_three_texts_and_against_the_figures_of_before() -> None:
    told = Told(["La prueba. Es larga."], ["La prueba fue larga."], ["La prueba es larga."], ["La prueba. Es larga."])
    part = Part(places(SAID, pieces("One.")), [240.0], told, told) + Part()
    found = part.as_json()
    assert found["chrf"] < found["chrfOfTrueEnds"] < found["chrfOfOwnWords"] == 100.0
    assert found["recording"]["chrf"] == found["chrf"] and "timed" not in found
    assert wanted(95.26) == 97.63 and wanted(100.0) == 100.0
    assert reached(found, {"chrfOfTrueEnds": found["chrfOfTrueEnds"]}) is False
    assert reached(found | {"chrfOfTrueEnds": 97.63}, BEFORE["all"]) is True
    assert reached(Part().as_json(), BEFORE["all"]) is None
    parts = dict.fromkeys(("all", "toChooseBy", "heldOut", "ofOneSentence"), found)
    speeds = [{"passMs": 90, "all": found, "heldOut": found}]
    lines = markdown({
        **parts, "before": {"commit": COMMIT, **BEFORE}, "speeds": speeds, "cutWithin": {}, "curve": [],
        "model": "tiny", "passMs": {"p50": 130, "p95": 130},
    })  # fmt: skip
    row = f"| {BEFORE['all']['chrfOfTrueEnds']} | 97.63 | {found['chrfOfTrueEnds']} | – "
    assert "".join(row.split()) in "".join(lines.split())


class Timed(RecordedPasses):
    """Hears the same words in every window, and notes the times of its passes."""

    times: ClassVar[list[float]] = []

    def of(self, job: Transcribe) -> tuple[Transcript, float]:
        self.times.append(asyncio.get_running_loop().time())
        return Transcript("Good bye.", "en", 0.9), 130.0


def test_a_prompt_is_heard_at_the_same_times_behind_others(tmp_path: Path) -> None:
    sound = sound_of(hesitations(1, ["en"])[0])
    with wave.open(str(tmp_path / "said.wav"), "wb") as file:
        file.setparams((1, 2, SAMPLE_RATE, 0, "NONE", ""))
        file.writeframes(sound.astype(np.int16).tobytes())
    prompt = Prompt("said", "Good bye.", tmp_path / "said.wav")
    passes = Timed(tmp_path, tmp_path)
    found = sum(hear(passes, [prompt, prompt]), start=Part())
    half = len(passes.times) // 2
    assert half > 0 and passes.times[:half] == passes.times[half:]
    assert len(found.late_ms) == 2 and found.late_ms[0] == found.late_ms[1]


def test_the_report_names_the_command_that_made_its_curve() -> None:
    assert command([]) == "python -m bench.sentence_ends --quick"
    assert command([{"delayMs": one} for one in DELAYS_MS]) == "python -m bench.sentence_ends"
    assert command([{"delayMs": 100}, {"delayMs": 400}]) == "python -m bench.sentence_ends --delays 100 400"


def test_a_pass_is_kept_with_its_time(tmp_path: Path) -> None:
    kept = RecordedPasses(tmp_path / "no-model", tmp_path)
    job = Transcribe(b"\0\0" * 1600, "en")
    with pytest.raises(Exception, match="no model folder"):
        kept.of(job)
    file = tmp_path / f"{kept.key(job)}.json"
    file.write_text(
        '{"ms": 120.5, "transcript": {"text": "Hello.", "language": "en", "confidence": 0.9, "understood": true, '
        '"certain": true, "words": [], "spoken": []}}'
    )
    transcript, ms = kept.of(job)
    assert (transcript.text, transcript.certain, ms) == ("Hello.", True, 120.5)
    assert kept.key(job) != kept.key(Transcribe(b"\1\0" * 1600, "en"))
