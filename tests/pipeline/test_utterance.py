"""An utterance's audio on true media time, the moments before it, and its flow's one end."""

from typing import Any

import pytest

from pipeline.events import Latency, Outcome, SpeechPlayed, UtteranceEnded
from pipeline.segmenter import segment
from pipeline.speech import FRAME_BYTES, Frame, Speech
from pipeline.utterance import Flow, PreRoll, Utterance

PCM = b"\x01" * FRAME_BYTES


def utterance(**fields: Any) -> Utterance:
    return Utterance("u-1", "ann", "en", 1000, 5.0, **fields)


def grown(*starts_ms: int) -> str:
    """Frames that begin at these media times; the audio as `#` and `.` for 20 ms of sound and of silence."""
    grown = utterance()
    for ms in starts_ms:
        grown.grow(Frame(ms, PCM))
    audio = bytes(grown.audio)
    frames = [audio[at : at + FRAME_BYTES] for at in range(0, len(audio), FRAME_BYTES)]
    return "".join("#" if frame == PCM else "." for frame in frames)


@pytest.mark.parametrize(
    ("starts", "audio"),
    [
        ((1000, 1020, 1040), "###"),
        ((1000, 1040), "#.#"),
        ((1000, 1019, 1041), "###"),  # rounding is not a hole
        ((1000, 1100, 1120), "#....##"),
        ((1000, 500), "##"),
    ],
)
def test_audio_grows_by_media_time(starts: tuple[int, ...], audio: str) -> None:
    assert grown(*starts) == audio


def test_a_frame_that_was_not_decoded_is_silence() -> None:
    one = utterance()
    one.grow(Frame(1000))
    assert bytes(one.audio) == bytes(FRAME_BYTES) and one.seconds == 0.02


def test_a_leap_of_the_clock_does_not_fill_memory() -> None:
    one = utterance()
    one.grow(Frame(1000, PCM))
    one.grow(Frame(10_000_000, PCM))
    assert one.seconds < 2


def test_pre_roll_is_the_last_moments() -> None:
    pre_roll = PreRoll()
    for n in range(100):
        pre_roll.add(Frame(n * 20))
    assert [frame.start_ms for frame in pre_roll.take(2000)] == list(range(1580, 2000, 20))
    assert pre_roll.take(2000) == []


def test_pre_roll_leaves_out_what_was_long_before() -> None:
    """In DTX the last frames before an onset may be seconds old."""
    pre_roll = PreRoll()
    for ms in (0, 400, 800, 1200, 1600, 1960, 1980):
        pre_roll.add(Frame(ms))
    assert [frame.start_ms for frame in pre_roll.take(2000)] == [1600, 1960, 1980]


class Ear:
    language, voice, backlog_ms = "es", "", 0.0

    def __init__(self, participant: str) -> None:
        self.participant = participant
        self.told: list[Any] = []

    def play(self, speech: Speech, told: Any) -> None:
        self.told.append(told)


class Flowing:
    """A flow into Spanish for these ears, and what it told."""

    def __init__(self, text: str = "One. Two.", ears: tuple[str, ...] = ("bob",)) -> None:
        self.ears = [Ear(name) for name in ears]
        self.events: list[Any] = []
        self.over = 0
        self.parts = segment(text)
        self.now = 7.0
        self.flow = Flow(
            utterance(), "es", self.ears, self.events.append, self.done, lambda: self.now, self.parts, Latency(500.0)
        )

    def done(self, flow: Flow) -> None:
        assert flow is self.flow
        self.over += 1

    @property
    def end(self) -> UtteranceEnded:
        (end,) = [event for event in self.events if isinstance(event, UtteranceEnded)]
        assert self.events[-1] is end and self.over == 1
        return end


def test_a_flow_ends_when_its_last_segment_was_heard() -> None:
    scene = Flowing()
    for part in scene.parts:
        scene.flow.translated(30.0)
        scene.flow.synthesized(part, Speech(b""), 8.0)
    first, second = scene.ears[0].told
    first("start")
    scene.now = 8.0
    first("end")
    second("start")
    assert scene.over == 0
    second("end")
    assert (scene.end.outcome, scene.end.reason) == (Outcome.SPOKEN, None)
    assert scene.end.latency == Latency(500.0, None, 30.0, 8.0, 2000.0)


def test_a_segment_is_over_when_every_ear_has_heard_it() -> None:
    scene = Flowing("One.", ("bob", "cy"))
    scene.flow.synthesized(scene.parts[0], Speech(b""), 1.0)
    bob, cy = (ear.told[0] for ear in scene.ears)
    bob("start")
    bob("end")
    bob("end")  # told twice is not heard by two
    assert scene.over == 0
    cy("skipped")
    assert scene.end.outcome is Outcome.SPOKEN and scene.end.listeners == ("bob", "cy")
    states = [(e.listener, e.state, e.reason) for e in scene.events if isinstance(e, SpeechPlayed)]
    assert states[-1] == ("cy", "skipped", "behind")


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
def test_the_outcome_is_the_best_that_a_segment_had(script: tuple[str, ...], outcome: Outcome, reason: str) -> None:
    scene = Flowing()
    for part, step in zip(scene.parts, script, strict=True):
        if step == "fail":
            scene.flow.fail("mt")
            continue
        scene.flow.translated(1.0)
        if step == "skip":
            scene.flow.skipped(part, "behind")
        else:
            scene.flow.synthesized(part, Speech(b""), 1.0)
            scene.ears[0].told[-1]("start")
            scene.ears[0].told[-1]("end")
    assert (scene.end.outcome, scene.end.reason) == (outcome, reason)


def test_an_end_is_told_once() -> None:
    scene = Flowing()
    scene.flow.end(Outcome.NOT_NEEDED)
    scene.flow.end(Outcome.FAILED, "late")
    assert scene.end.outcome is Outcome.NOT_NEEDED
