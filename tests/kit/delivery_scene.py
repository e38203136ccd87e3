"""A flow of one utterance into Spanish, with ears that the test moves."""

from typing import Any

from pipeline.delivery.utterance_delivery import UtteranceDelivery
from pipeline.events import SpeechPlayed, UtteranceEnded
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Speech
from pipeline.text.segmenter import segment


class Ear:
    language, voice, backlog_ms = "es", "", 0.0

    def __init__(self, participant: str) -> None:
        self.participant = participant
        self.told: list[Any] = []
        self.dropped: list[Any] = []
        self.interruptions = 0

    def play(self, speech: Speech, told: Any) -> None:
        self.told.append(told)

    def withdraw(self, told: Any) -> None:
        self.dropped.append(told)


class Flowing:
    """A flow into Spanish for these ears, and what it told. Its utterance's last voice was at 5 s."""

    def __init__(self, text: str = "One. Two.", ears: tuple[str, ...] = ("bob",), *, closed: bool = True) -> None:
        self.ears = [Ear(name) for name in ears]
        self.events: list[Any] = []
        self.moved = 0
        self.computed = 0
        self.parts = segment(text)
        self.now = 7.0
        self.flow = UtteranceDelivery(
            Utterance("u-1", "ann", "en", 1000, 5.0),
            "es",
            self.ears,
            self.events.append,
            self.count,
            self.move,
            lambda: self.now,
        )
        self.flow.timed(500.0, None)
        for part in self.parts:
            self.flow.expect(part)
        if closed:
            self.flow.close()

    def count(self, flow: UtteranceDelivery) -> None:
        assert flow is self.flow
        self.computed += 1

    def move(self, flow: UtteranceDelivery) -> None:
        assert flow is self.flow
        self.moved += 1

    @property
    def over(self) -> bool:
        """Return True if the end was reported, and nothing after it."""
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
