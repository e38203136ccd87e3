"""Builds utterances from a speaker's frames at frame rate: pre-roll, voice, silence, end. Plain calls."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from pipeline.hearing.endpointer import Edge, Endpointer, EndpointingOptions, Patience
from pipeline.recognition.silence import STAGES, Stage
from pipeline.recognition.utterance import PreRoll, Utterance
from pipeline.speech import Frame


class SpeechDetector(Protocol):
    """Voice activity, frame by frame. Holds the state of one speaker."""

    def is_speech(self, frame_pcm: bytes) -> bool:
        """Return True if the frame is voiced."""
        ...


class Suppressor(Protocol):
    """Suppression of noise, frame by frame. Holds the state of one speaker."""

    def clean(self, frame: Frame) -> Frame:
        """Return the frame with less noise in it."""
        ...


@dataclass(frozen=True, slots=True)
class Began:
    """An utterance began with the last frame."""

    utterance: Utterance
    onset_at: float
    """Arrival of its first voiced frame, loop time, s."""


@dataclass(frozen=True, slots=True)
class Voiced:
    """The last frame of the current utterance was voiced."""


_VOICED = Voiced()


@dataclass(frozen=True, slots=True)
class Silent:
    """Silence in the current utterance has reached a stage."""

    stage: Stage


@dataclass(frozen=True, slots=True)
class Ended:
    """The current utterance is over."""

    utterance: Utterance
    enough_voice: bool
    """True if there was voice enough to recognise."""


Change: TypeAlias = Began | Voiced | Silent | Ended


class UtteranceBuilder:
    """Grows the utterance that is being said, and tells what has changed by what its methods return."""

    def __init__(
        self,
        speaker: str,
        language: str,
        *,
        activity: SpeechDetector,
        endpointing: EndpointingOptions,
        least_voice_ms: int,
        now: Callable[[], float],
        suppressor: Suppressor | None = None,
    ) -> None:
        self.speaker = speaker
        self.language = language
        self.current: Utterance | None = None
        self.voiced_at = 0.0
        """Loop time at which the speaker was last heard, s."""
        self._activity = activity
        self._suppressor = suppressor
        self._endpointer = Endpointer(endpointing)
        self._least_voice_ms = least_voice_ms
        self._pre_roll = PreRoll()
        self._now = now
        self._last_id_ms = -1
        self._last_utterance = False
        self._deaf = False
        self._discarding = False
        """True while the last voice of an utterance that is not wanted is awaited."""

    def hear(self, frame: Frame) -> list[Change]:
        """Process the next frame of the speaker's microphone, in media order."""
        before: list[Change] = []
        if self._endpointer.is_over_before(frame.start_ms):
            before = self._silent(self._endpointer.end())
        if self._deaf:
            return before
        if self._suppressor is not None:
            frame = self._suppressor.clean(frame)
        now = self._now()
        voiced = self._activity.is_speech(frame.pcm)
        edge = self._endpointer.feed(voiced, frame.start_ms, now)
        if self._discarding and edge is None and not self._endpointer.releasing:
            edge = self._endpointer.end()  # the voice goes on: what is said from here on is wanted
        if edge is Edge.START:
            return [*before, self._begin(frame, now)]
        if self.current is None:
            self._pre_roll.add(frame)
            return before
        if self._discarding:
            self.voiced_at = now if voiced else self.voiced_at
            return [] if edge is None else self._silent(edge)
        self.current.grow(frame)
        changes: list[Change] = []
        if voiced:
            self.current.voice(frame, now)
            self.voiced_at = now
            changes.append(_VOICED)
        return changes if edge is None else changes + self._silent(edge)

    def tick(self, now: float) -> list[Change]:
        """Count silence by the clock, every 20 ms or so: frames may have stopped coming."""
        edge = self._endpointer.tick(now)
        return [] if edge is None else self._silent(edge)

    def release(self) -> list[Change]:
        """End the utterance once the voice that is on its way has come: push-to-talk was released."""
        return self._silent(self._endpointer.release(self._now()))

    def take_back(self) -> list[Change]:
        """End the utterance as `release` does, since its speaker starts over; voice that goes on is another one."""
        changes = self.release()
        self._discarding = self.current is not None
        return changes

    def end(self) -> list[Change]:
        """End the utterance now."""
        return self._silent(self._endpointer.end())

    def wait(self, utterance: Utterance, patience: Patience) -> None:
        """Let the present silence of `utterance` last for this long before it is an end."""
        if utterance is self.current:
            self._endpointer.patience = patience

    def set_crowded(self, crowded: bool) -> None:
        """Set to True while recognition has more to do than it can."""
        self._endpointer.crowded = crowded

    def finalized(self, until_media_ms: int) -> None:
        """Note that all speech before this media time has final text."""
        self._endpointer.finalized(until_media_ms)

    def stop(self) -> None:
        """Hear the utterance that is being said to its end, and nothing after it."""
        self._last_utterance = True
        self._deaf = self.current is None

    def typed(self, text: str, at_ms: int, client_id: str | None) -> Utterance:
        """Return a text that the speaker typed, as an utterance."""
        name, now = self._new_id(at_ms), self._now()
        return Utterance(name, self.speaker, self.language, at_ms, now, text, client_id, end_ms=at_ms)

    def _begin(self, frame: Frame, now: float) -> Began:
        lead = self._pre_roll.flush(frame.start_ms)
        start = lead[0].start_ms if lead else frame.start_ms
        utterance = Utterance(self._new_id(frame.start_ms), self.speaker, self.language, start, now)
        utterance.open([*lead, frame], self._endpointer.voiced_ms, now)
        self.voiced_at = now
        self.current = utterance
        return Began(utterance, self._endpointer.onset_at)

    def _silent(self, edge: Edge | None) -> list[Change]:
        utterance = self.current
        if utterance is None or edge is None:
            return []
        if edge in STAGES:
            return [Silent(STAGES[edge])]
        self.current = None
        self._discarding = False
        self._deaf = self._last_utterance
        return [Ended(utterance, self._endpointer.voiced_ms >= self._least_voice_ms)]

    def _new_id(self, at_ms: int) -> str:
        """Return a name that is unique in the session, and sorts in speaking order for this speaker."""
        self._last_id_ms = max(self._last_id_ms + 1, at_ms)
        return f"{self._last_id_ms:010d}-{self.speaker}"
