"""A segment in chunks: its listener sees one start and one end, or that it is skipped, and then nothing."""

import pytest

from pipeline.events import Outcome
from pipeline.speech import Segment, Speech
from tests.kit.delivery_scene import Flowing


def test_of_a_segment_in_chunks_one_start_and_one_end_are_told() -> None:
    scene = Flowing("One.")
    scene.play(0, last=False)
    assert scene.computed == 0, "an engine still works on it"
    scene.play(0, last=False)
    scene.play(0)
    assert scene.computed == 1
    for told in scene.ears[0].told:
        told("start")
        told("end")
    assert scene.played() == [("bob", 0, "start", None), ("bob", 0, "end", None)]
    assert scene.end.outcome is Outcome.SPOKEN


def test_a_segment_whose_rest_is_hushed_ends() -> None:
    """A part of the first chunk was heard: it ends, and is not called skipped."""
    scene = Flowing("One.")
    scene.play(0, last=False)
    scene.play(0)
    one, rest = scene.ears[0].told
    one("start")
    one("end")
    rest("skipped")
    assert scene.played() == [("bob", 0, "start", None), ("bob", 0, "end", None)]
    assert scene.end.outcome is Outcome.SPOKEN


@pytest.mark.parametrize("script", [("skipped",), ("start", "skipped")])
def test_a_segment_hushed_in_its_first_chunk_has_one_account(script: tuple[str, ...]) -> None:
    """The playout drops all that is queued: the chunk in hand and the next."""
    scene = Flowing("One.")
    scene.play(0, last=False)
    scene.play(0)
    one, rest = scene.ears[0].told
    for state in script:
        one(state)
    rest("skipped")
    states = [state for _, _, state, _ in scene.played()]
    assert states == (["start", "end"] if script[0] == "start" else ["skipped"])
    assert scene.over


def test_a_segment_whose_rest_an_ear_refuses_is_dropped_whole() -> None:
    """Chunks that are queued and have not begun would be reported after the end."""
    scene = Flowing("One.", ("bob", "cy"))
    scene.play(0, last=False)
    scene.play(0)
    bob, cy = scene.ears
    bob.told[1]("skipped")
    assert bob.dropped == [bob.told[0]] and scene.played() == [("bob", 0, "skipped", "behind")]
    for told in cy.told:
        told("start")
        told("end")
    assert scene.over and scene.played()[1:] == [("cy", 0, "start", None), ("cy", 0, "end", None)]
    bob.told[0]("start")
    bob.told[0]("end")
    assert scene.over


def test_of_a_segment_that_has_begun_what_is_queued_is_heard_though_its_rest_is_refused() -> None:
    scene = Flowing("One.")
    for _ in range(3):
        scene.play(0, last=False)
    first, second, third = scene.ears[0].told
    first("start")
    third("skipped")
    scene.play(0)
    assert len(scene.ears[0].told) == 3, "nothing of it behind what was refused"
    first("end")
    second("start")
    assert scene.ears[0].dropped == [] and not scene.over
    second("end")
    assert scene.over and [state for _, _, state, _ in scene.played()] == ["start", "end"]


def test_a_segment_whose_rest_can_not_be_spoken_ends_after_what_is_queued() -> None:
    scene = Flowing("One.")
    scene.play(0, last=False)
    scene.flow.skipped(scene.parts[0], "tts")
    assert scene.computed == 1 and scene.played() == []
    scene.ears[0].told[0]("start")
    scene.ears[0].told[0]("end")
    assert scene.end.outcome is Outcome.SPOKEN and scene.played()[-1] == ("bob", 0, "end", None)


def test_who_takes_the_word_hears_nothing_of_what_was_on_its_way() -> None:
    """Nothing more of the cut segment or of those behind it, but all of later ones. A listener who did not interrupt
    hears everything."""
    scene = Flowing("One. Two.", ("bob", "cy"), closed=False)
    bob, cy = scene.ears
    scene.play(0, last=False)
    for ear in scene.ears:
        ear.told[0]("start")
    bob.interruptions += 1
    bob.told[0]("skipped")
    assert ("bob", 0, "end", None) in scene.played(), "at once, not when the rest is there"
    assert scene.computed == 0 and scene.flow.awaited
    scene.play(0)
    scene.play(1)
    assert (len(bob.told), len(cy.told)) == (1, 3)
    later = Segment(2, " Three.", 9, 16)
    scene.flow.expect(later)
    scene.flow.play(later, Speech(b""), 8.0, last=True)
    assert (len(bob.told), len(cy.told)) == (2, 4)
    scene.flow.close()
    for told in cy.told:
        told("start")
        told("end")
    bob.told[1]("start")
    bob.told[1]("end")
    bobs = [told[1:] for told in scene.played() if told[0] == "bob"]
    assert bobs == [
        (0, "start", None),
        (0, "end", None),
        (1, "skipped", "interrupted"),
        (2, "start", None),
        (2, "end", None),
    ]
    assert scene.end.outcome is Outcome.SPOKEN


def test_what_nobody_would_hear_need_not_be_made() -> None:
    scene = Flowing("One.", ("bob", "cy"))
    assert scene.flow.wanted(scene.parts[0])
    scene.ears[0].interruptions += 1
    assert scene.flow.wanted(scene.parts[0])
    scene.play(0, last=False)
    scene.ears[1].told[0]("skipped")
    assert not scene.flow.wanted(scene.parts[0]) and not scene.over
    scene.flow.skipped(scene.parts[0], "interrupted")
    assert (scene.end.outcome, scene.computed) == (Outcome.SUBTITLES_ONLY, 1)
    assert scene.played() == [("bob", 0, "skipped", "interrupted"), ("cy", 0, "skipped", "behind")]
