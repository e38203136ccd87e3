"""The frame-rate half of an interpreter: a speaker's frames become utterances. Plain calls, nothing waits."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pipeline.hearing.endpointer import Edge, Endpointer, EndpointingOptions
from pipeline.recognition.utterance import PreRoll, Utterance
from pipeline.speech import Frame


class SpeechDetector(Protocol):
    """Tells speech from all else, frame by frame, with state of one speaker."""

    def is_speech(self, frame_pcm: bytes) -> bool: ...


class UtteranceBuilder:
    """Grows the utterance that is being said. `began` is told of each new one, `paused` when silence has lasted a
    while (`Utterance.silence` says how long), `ended` when it is over."""

    def __init__(
        self,
        speaker: str,
        language: str,
        *,
        activity: SpeechDetector,
        endpointing: EndpointingOptions,
        least_voice_ms: int,
        now: Callable[[], float],
        began: Callable[[Utterance], None],
        paused: Callable[[], None],
        ended: Callable[[Utterance], None],
    ) -> None:
        self.speaker = speaker
        self.language = language
        self.candidates: Callable[[], tuple[str, ...]] = tuple
        """Languages that the speaker may speak instead; none where that is not asked."""
        self.current: Utterance | None = None
        self.voiced_at = 0.0
        """When the speaker was last heard."""
        self._activity = activity
        self._endpointer = Endpointer(endpointing)
        self._least_voice_ms = least_voice_ms
        self._pre_roll = PreRoll()
        self._now = now
        self._began = began
        self._paused = paused
        self._ended = ended
        self._last_id_ms = -1
        self._last_sentence = False
        self._deaf = False

    def hear(self, frame: Frame) -> None:
        """The next frame of the speaker's microphone, in media order."""
        if self._deaf:
            return
        now = self._now()
        voiced = self._activity.is_speech(frame.pcm)
        edge = self._endpointer.feed(voiced, frame.start_ms, now)
        if edge is Edge.START:
            self._begin(frame, now)
        elif self.current is None:
            self._pre_roll.add(frame)
        else:
            self.current.grow(frame)
            if voiced:
                self._voice(self.current, frame, now)
        self._silent(edge)

    def tick(self, now: float) -> None:
        """Every 20 ms or so: ends an utterance whose frames have stopped coming."""
        self._silent(self._endpointer.tick(now))

    def release(self) -> None:
        """Ends the utterance now: push-to-talk was released."""
        if self._endpointer.release() is Edge.END:
            self._end()

    def wait(self, utterance: Utterance, patient: bool) -> None:
        """Whether the words before the present pause are known: it may last longer then, before it is the end."""
        if utterance is self.current:
            self._endpointer.patient = patient

    def crowded(self, crowded: bool) -> None:
        """Whether recognition has more to do than it can."""
        self._endpointer.crowded = crowded

    def settled(self, media_ms: int) -> None:
        """All speech before this media time is dealt with."""
        self._endpointer.settled(media_ms)

    def stop(self) -> None:
        """Hear the sentence that is being said to its end, and nothing after it."""
        self._last_sentence = True
        self._deaf = self.current is None

    def forget(self) -> None:
        """Hear nothing more, and refer to nobody: the call is over."""
        self._deaf = True
        self._began = self._ended = _nobody
        self._paused = _nothing
        self.candidates = tuple

    def typed(self, text: str, at_ms: int, client_id: str | None) -> Utterance:
        """A line that the speaker typed, as an utterance that is over already."""
        now = self._now()
        utterance = Utterance(self._new_id(at_ms), self.speaker, self.language, at_ms, now, text=text)
        utterance.client_id = client_id
        utterance.end_ms = at_ms
        utterance.ended_at = now
        return utterance

    def _begin(self, frame: Frame, now: float) -> None:
        lead = self._pre_roll.take(frame.start_ms)
        start = lead[0].start_ms if lead else frame.start_ms
        utterance = Utterance(self._new_id(frame.start_ms), self.speaker, self.language, start, now)
        utterance.candidates = self.candidates()
        for earlier in [*lead, frame]:
            utterance.grow(earlier)
        self._voice(utterance, frame, now)
        utterance.voiced_ms = self._endpointer.voiced_ms
        self.current = utterance
        self._began(utterance)

    def _voice(self, utterance: Utterance, frame: Frame, now: float) -> None:
        utterance.voice(frame, now)
        self.voiced_at = now

    def _silent(self, edge: Edge | None) -> None:
        if edge is Edge.END:
            self._end()
        elif self.current is not None and edge in (Edge.PAUSE, Edge.SETTLE, Edge.LATE):
            self.current.silence = edge
            self._paused()

    def _end(self) -> None:
        utterance, self.current = self.current, None
        if utterance is not None:
            utterance.ended_at = self._now()
            utterance.heard = self._endpointer.voiced_ms >= self._least_voice_ms
            self._deaf = self._last_sentence
            self._ended(utterance)

    def _new_id(self, at_ms: int) -> str:
        """Unique in the session, and in speaking order for this speaker."""
        self._last_id_ms = max(self._last_id_ms + 1, at_ms)
        return f"{self._last_id_ms:010d}-{self.speaker}"


def _nobody(utterance: Utterance) -> None:
    """Nobody is told."""


def _nothing() -> None:
    """Nobody is told."""
