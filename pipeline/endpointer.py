"""Where an utterance begins and ends, from voice activity alone. Pure: times come in with every call."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from pipeline.speech import FRAME_MS


class Edge(Enum):
    """What just happened."""

    START = auto()
    END = auto()


@dataclass(frozen=True, slots=True)
class Endpointing:
    """Settings, milliseconds of media time."""

    onset_ms: int = 60
    """Voice needed within `onset_window_ms` to open an utterance: a click is not one."""
    onset_window_ms: int = 120
    hangover_ms: int = 500
    """Silence that ends an utterance."""
    pressed_ms: int = 12_000
    """From this length on, `breath_ms` of silence is enough."""
    breath_ms: int = 120
    longest_ms: int = 20_000
    """An utterance is cut here whatever happens: a recogniser's window is 30 s."""
    timer_slack_ms: int = 60
    """The wall-clock timer's tolerance for frames that are merely late."""


@dataclass(slots=True)
class Endpointer:
    """Silence ⇄ speech. `feed` every frame in media order; `tick` on the clock, for when frames stop."""

    settings: Endpointing = field(default_factory=Endpointing)
    speaking: bool = False
    voiced_ms: int = 0
    """Voice heard in the present or last utterance."""
    _recent: deque[bool] = field(default_factory=deque)
    _started_ms: int = 0
    _last_voiced_ms: int = 0
    _last_voiced_at: float = 0.0

    def feed(self, voiced: bool, frame_ms: int, now: float) -> Edge | None:
        """One frame that starts at media time `frame_ms`, arriving at `now` seconds."""
        if self.speaking:
            return self._within(voiced, frame_ms, now)
        self._recent.append(voiced)
        if len(self._recent) > self.settings.onset_window_ms // FRAME_MS:
            self._recent.popleft()
        if voiced and sum(self._recent) * FRAME_MS >= self.settings.onset_ms:
            self.speaking = True
            self.voiced_ms = sum(self._recent) * FRAME_MS
            self._recent.clear()
            self._started_ms = self._last_voiced_ms = frame_ms
            self._last_voiced_at = now
            return Edge.START
        return None

    def tick(self, now: float) -> Edge | None:
        """End the utterance by the wall clock when frames have stopped: mute, DTX, a frozen tab."""
        silence_ms = (now - self._last_voiced_at) * 1000
        if self.speaking and silence_ms >= self.settings.hangover_ms + self.settings.timer_slack_ms:
            return self.release()
        return None

    def release(self) -> Edge | None:
        """End the utterance now: push-to-talk was released."""
        if not self.speaking:
            return None
        self.speaking = False
        return Edge.END

    def _within(self, voiced: bool, frame_ms: int, now: float) -> Edge | None:
        if voiced:
            self.voiced_ms += FRAME_MS
            self._last_voiced_ms = frame_ms
            self._last_voiced_at = now
        length = frame_ms - self._started_ms
        silence = frame_ms - self._last_voiced_ms
        patience = self.settings.breath_ms if length >= self.settings.pressed_ms else self.settings.hangover_ms
        if silence >= patience or length >= self.settings.longest_ms:
            return self.release()
        return None
