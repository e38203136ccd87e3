"""One utterance's flow into one language: it ends once, when it was closed and every segment is heard or given up."""

from typing import Any

import pytest

from pipeline.events import Latency, Outcome, SpeechPlayed, UtteranceEnded
from pipeline.flow import Flow
from pipeline.segmenter import segment
from pipeline.speech import Speech
from pipeline.utterance import Utterance


class Ear:
    language, voice, backlog_ms = "es", "", 0.0

    def __init__(self, participant: str) -> None:
        self.participant = participant
        self.told: list[Any] = []

    def play(self, speech: Speech, told: Any) -> None:
        self.told.append(told)


class Flowing:
    """A flow into Spanish for these ears, and what it told. Its utterance's last voice was at 5 s."""

    def __init__(self, text: str = "One. Two.", ears: tuple[str, ...] = ("bob",), *, closed: bool = True) -> None:
        self.ears = [Ear(name) for name in ears]
        self.events: list[Any] = []
        self.moved = 0
        self.computed = 0
        self.parts = segment(text)
        self.now = 7.0
        self.flow = Flow(
            Utterance("u-1", "ann", "en", 1000, 5.0),
            "es",
            self.ears,
            self.events.append,
            self.count,
            self.move,
            lambda: self.now,
        )
        self.flow.timed(500.0, None)
        for _ in self.parts:
            self.flow.expect()
        if closed:
            self.flow.close()

    def count(self, flow: Flow) -> None:
        assert flow is self.flow
        self.computed += 1

    def move(self, flow: Flow) -> None:
        assert flow is self.flow
        self.moved += 1

    @property
    def over(self) -> bool:
        """Whether the end was told, and nothing after it."""
        ends = [n for n, event in enumerate(self.events) if isinstance(event, UtteranceEnded)]
        assert ends in ([], [len(self.events) - 1]) and self.flow.ended == bool(ends)
        return bool(ends)

    def play(self, number: int, *, last: bool = True) -> None:
        self.flow.play(self.parts[number], Speech(b""), 8.0, last=last)

    def played(self) -> list[tuple[str, int, str, str | None]]:
        return [(e.listener, e.segment, e.state, e.reason) for e in self.events if isinstance(e, SpeechPlayed)]

    @property
    def end(self) -> UtteranceEnded:
        assert self.over
        return self.events[-1]


def test_a_flow_ends_when_its_last_segment_was_heard() -> None:
    scene = Flowing()
    for number in (0, 1):
        scene.flow.translated(30.0)
        scene.play(number)
    first, second = scene.ears[0].told
    first("start")
    scene.now = 8.0
    first("end")
    second("start")
    assert not scene.over and scene.flow.awaited
    second("end")
    assert (scene.end.outcome, scene.end.reason) == (Outcome.SPOKEN, None)
    assert scene.end.latency == Latency(500.0, None, 30.0, 8.0, 2000.0)
    assert not scene.flow.awaited and (scene.computed, scene.moved) == (2, 2)


def test_a_flow_ends_not_before_it_is_closed() -> None:
    """More segments may come while the speaker goes on, although all of those before are heard."""
    scene = Flowing("One.", closed=False)
    scene.play(0)
    scene.ears[0].told[0]("start")
    scene.ears[0].told[0]("end")
    assert not scene.over and not scene.flow.awaited
    scene.flow.expect()
    scene.flow.close()
    assert not scene.over and scene.flow.awaited
    scene.flow.skipped(scene.parts[0], "behind")
    assert scene.end.outcome is Outcome.SPOKEN


def test_a_flow_of_no_segment_ends_when_it_is_closed() -> None:
    scene = Flowing("")
    assert scene.end.outcome is Outcome.SUBTITLES_ONLY and scene.end.latency.first_audio_ms is None


def test_what_was_heard_before_the_end_of_the_voice_has_a_latency_below_zero() -> None:
    scene = Flowing("One.")
    scene.now = 4.0
    scene.play(0)
    scene.ears[0].told[0]("start")
    scene.ears[0].told[0]("end")
    assert scene.end.latency.first_audio_ms == -1000.0


def test_a_segment_is_over_when_every_ear_has_heard_it() -> None:
    scene = Flowing("One.", ("bob", "cy"))
    scene.play(0)
    bob, cy = (ear.told[0] for ear in scene.ears)
    bob("start")
    bob("end")
    bob("end")  # told twice is not heard by two
    assert not scene.over
    cy("skipped")
    assert scene.end.outcome is Outcome.SPOKEN and scene.end.listeners == ("bob", "cy")
    assert scene.played()[-1] == ("cy", 0, "skipped", "behind")


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
    """Of the first chunk something was heard: it ends, and is not called skipped."""
    scene = Flowing("One.")
    scene.play(0, last=False)
    scene.play(0)
    one, rest = scene.ears[0].told
    one("start")
    one("end")
    rest("skipped")
    assert scene.played() == [("bob", 0, "start", None), ("bob", 0, "end", None)]
    assert scene.end.outcome is Outcome.SPOKEN


@pytest.mark.parametrize("script", [("skipped", "skipped"), ("start", "end")])
def test_a_segment_hushed_in_its_first_chunk_has_one_account(script: tuple[str, str]) -> None:
    """The playout drops all that is queued: the chunk in hand ends (or is skipped), the next is skipped."""
    scene = Flowing("One.")
    scene.play(0, last=False)
    scene.play(0)
    one, rest = scene.ears[0].told
    for state in dict.fromkeys(script):
        one(state)
    rest("skipped")
    states = [state for _, _, state, _ in scene.played()]
    assert states == (["start", "end"] if script[0] == "start" else ["skipped"])
    assert scene.over


@pytest.mark.parametrize(
    ("script", "outcome", "reason"),
    [
        (("fail", "fail"), Outcome.FAILED, "mt"),
        (("fail", "skip"), Outcome.SUBTITLES_ONLY, "behind"),
        (("skip", "fail"), Outcome.SUBTITLES_ONLY, "mt"),
        (("skip", "skip"), Outcome.SUBTITLES_ONLY, "behind"),
        (("fail", "speak"), Outcome.SPOKEN, None),
        (("speak", "skip"), Outcome.SPOKEN, None),
    ],
)
@pytest.mark.parametrize("closed", [True, False])
def test_the_outcome_is_the_best_that_a_segment_had(
    script: tuple[str, ...], outcome: Outcome, reason: str, closed: bool
) -> None:
    scene = Flowing(closed=closed)
    for number, step in enumerate(script):
        if step == "fail":
            scene.flow.fail("mt")
            continue
        scene.flow.translated(1.0)
        if step == "skip":
            scene.flow.skipped(scene.parts[number], "behind")
        else:
            scene.play(number)
            scene.ears[0].told[-1]("start")
            scene.ears[0].told[-1]("end")
    if not closed:
        assert not scene.over
        scene.flow.close()
    assert (scene.end.outcome, scene.end.reason) == (outcome, reason)
    assert scene.computed == 2
    skips = [told for told in scene.played() if told[2] == "skipped"]
    assert len(skips) == script.count("skip"), "every skip is told"


def test_an_end_is_told_once() -> None:
    scene = Flowing()
    scene.flow.end(Outcome.NOT_NEEDED)
    scene.flow.end(Outcome.FAILED, "late")
    assert scene.end.outcome is Outcome.NOT_NEEDED
