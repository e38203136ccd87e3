"""A real participant of a call for an ear: the playout, the bounds and the pacer's slots, on a virtual clock."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from media.connection import Connection
from media.participant import Participant
from media.playout import OutFrame
from media.rtp.sender import VoiceSender
from pipeline.delivery.listener import PlaybackObserver
from pipeline.events import Event, SpeechPlayed
from pipeline.speech import FRAME_MS, Speech


class _Line(VoiceSender):
    """The interpreter's line to them, as frames."""

    def __init__(self, person: Person) -> None:
        self._person = person

    def speak(self, frame: OutFrame, now: float) -> None:
        if frame.voiced:
            self._person.frame(frame.pcm)

    def skip(self, slots: int) -> None:
        raise AssertionError("no slot is lost here")


class Person(Participant):
    """Notes what leaves for their ear, and when they took the word."""

    def __init__(self, participant: str, language: str) -> None:
        self._loop = asyncio.get_running_loop()
        super().__init__(participant, language, "s-1", self._loop.time, lambda: 0)
        self.heard_pcm: list[tuple[float, Speech]] = []
        """The frames with a voice, and when they left."""
        self.interrupted_at: list[float] = []
        self.open: tuple[str, int] | None = None
        """The segment that they were told to hear now."""
        self.amid: list[tuple[str, int] | None] = []
        """The number of each frame: speech that ends with a frame is reported to end just before."""
        self._ended: tuple[str, int] | None = None
        self.come_back()
        self._slot()

    def leave(self) -> None:
        self.connection = None

    def come_back(self) -> None:
        peer: Any = SimpleNamespace(connected=True)
        self.connection = Connection(peer, 1, ("0",), _Line(self), (None,))

    def interrupt(self) -> None:
        self.interrupted_at.append(self._loop.time())
        super().interrupt()

    def show(self, event: Event) -> None:
        super().show(event)
        if isinstance(event, SpeechPlayed) and event.listener == self.participant:
            place = event.utterance, event.segment
            if event.state == "start":
                assert self.open is None, "one ends before the next starts"
                self.open = place
            elif event.state == "end":
                assert self.open == place
                self.open, self._ended = None, place

    def frame(self, pcm: bytes) -> None:
        self.heard_pcm.append((self._loop.time(), Speech(pcm)))
        self.amid.append(self._ended if self.open is None else self.open)

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        assert speech.pcm, "what has no sound is not sent to an ear"
        super().play(speech, observer)

    def _slot(self) -> None:
        self._ended = None
        self.tick(self._loop.time(), 0, self._loop.time() * 1000)
        self._loop.call_later(FRAME_MS / 1000, self._slot)
