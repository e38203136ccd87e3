"""The bench of sentence ends: places are counted as defined, a pass is kept with its time, and the verdict can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.sentence_ends.places import Piece, Places, places, shown
from bench.sentence_ends.recorded_passes import RecordedPasses
from pipeline.speech import Transcribe

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
