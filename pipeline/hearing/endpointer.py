"""Endpointer: decides when an utterance begins and ends, by voice and silence, and when a pause is long. Pure."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from pipeline.speech import FRAME_MS


class Edge(Enum):
    """Events of the endpointer."""

    START = auto()
    PAUSE = auto()
    """Silence long enough to begin the work of an end, which may still not be one."""
    SOFT_END = auto()
    """The soft end: silence long enough to trust a sentence that is complete, and certain."""
    LATE = auto()
    """Silence long enough to trust one that is complete."""
    END = auto()


class Patience(Enum):
    """Lengths of a silence that may end an utterance, by what is known of the words before it."""

    SHORT = auto()
    """Words can't tell: `hangover_ms`."""
    WORDS = auto()
    """Words can tell: `patient_ms`."""
    BEGUN = auto()
    """The words are the beginning of a value, and call for the rest: `begun_ms`."""


@dataclass(frozen=True, slots=True)
class EndpointingOptions:
    """Lengths that make an utterance, milliseconds of media time."""

    onset_ms: int = 60
    """Voice needed within `onset_window_ms` to open an utterance: a click is not one."""
    onset_window_ms: int = 120
    pause_ms: int = 100
    soft_end_ms: int = 240
    late_ms: int = 700
    hangover_ms: int = 500
    """Silence that ends an utterance, where words can't tell."""
    patient_ms: int = 1100
    """Silence that ends an utterance where words can tell: a whole sentence is spoken at the soft end, half of one
    calls for more."""
    begun_ms: int = 2000
    """Silence that ends an utterance whose last words begin a value: "half past", "two hundred and"."""
    crowded_ms: int = 2000
    """Silence that ends an utterance in a crowd of speakers: fewer ends, and every second is recognised once."""
    pressed_ms: int = 12_000
    """Length of speech without final text from which `forced_cut_silence_ms` of silence is enough."""
    forced_cut_silence_ms: int = 120
    longest_ms: int = 20_000
    """Speech without final text is cut here whatever happens: a recogniser's window is 30 s."""
    turn_ms: int = 60_000
    """An utterance this long ends with the next short silence, final or not: its subtitle fills a screen."""
    timer_slack_ms: int = 60
    """Tolerance of the wall-clock timer for frames that are merely late."""
    stalled_ms: int = 1100
    """Time without frames after voice that ends an utterance. A sender's DTX begins with frames of silence (libopus
    sends 200 ms of them): without those the connection stands still, and the word may go on."""
    released_quiet_ms: int = 160
    """Time without frames that ends an utterance once push-to-talk was released: nothing more is on its way."""
    released_held_ms: int = 400
    """Time without frames that ends it where the line stood still in a word as push-to-talk was released."""
    released_longest_ms: int = 1000
    """Voice that goes on for this long without a pause is more speech, and ends as all speech does: no word is cut."""


@dataclass(slots=True)
class Endpointer:
    """Silence ⇄ speech. `feed` every frame in media order; `tick` on the clock, for when frames stop."""

    settings: EndpointingOptions = field(default_factory=EndpointingOptions)
    speaking: bool = False
    voiced_ms: int = 0
    """Voice heard in the present or last utterance."""
    patience: Patience = Patience.SHORT
    """Set by whoever knows the words of this pause. The next voice forgets it."""
    crowded: bool = False
    """Set by whoever knows how busy recognition is."""
    onset_at: float = 0.0
    """Arrival of the first voiced frame of the present or last utterance, s."""
    _recent: deque[float | None] = field(default_factory=deque)
    """Arrivals of the voiced frames among the last ones, s. None: a frame without voice."""
    _started_ms: int = 0
    _final_until_ms: int = 0
    _last_voiced_ms: int = 0
    _last_voiced_at: float = 0.0
    _reached: int = 0
    """Number of the edges before the end that this silence has reached."""
    _fed_at: float = 0.0
    _released_at: float | None = None
    """Loop time at which push-to-talk was released in this utterance, s."""
    _quiet_ms: int = 0
    """Time without frames that ends it since then."""

    def feed(self, voiced: bool, frame_ms: int, now: float) -> Edge | None:
        """One frame that starts at media time `frame_ms`, arriving at `now` seconds."""
        self._fed_at = now
        if self.speaking:
            return self._within(voiced, frame_ms, now)
        self._recent.append(now if voiced else None)
        if len(self._recent) > self.settings.onset_window_ms // FRAME_MS:
            self._recent.popleft()
        if not voiced:
            return None
        voices = [at for at in self._recent if at is not None]
        if len(voices) * FRAME_MS >= self.settings.onset_ms:
            self.speaking = True
            self._released_at = None
            self.voiced_ms = len(voices) * FRAME_MS
            # Where frames were not sent (DTX), a voiced one may be of long ago.
            recent_ms = 2 * self.settings.onset_window_ms
            self.onset_at = next(at for at in voices if (now - at) * 1000 <= recent_ms)
            self._recent.clear()
            self._started_ms = self._final_until_ms = frame_ms
            self._hear(frame_ms, now)
            return Edge.START
        return None

    def tick(self, now: float) -> Edge | None:
        """Count silence by the wall clock when frames have stopped: mute, DTX, a frozen tab. Where it didn't begin
        with a pause in the frames themselves, the line may merely stand still."""
        if not self.speaking:
            return None
        if self._released_at is not None and (now - max(self._fed_at, self._released_at)) * 1000 >= self._quiet_ms:
            return self.end()
        silence_ms = (now - self._last_voiced_at) * 1000 - self.settings.timer_slack_ms
        if not self._reached and silence_ms < self.settings.stalled_ms:
            return None
        patience = self._patience(self._last_voiced_ms)
        if not self._reached:
            return self.end() if silence_ms >= patience else None
        return self._silent(silence_ms, patience)

    def release(self, now: float) -> Edge | None:
        """End the utterance once the voice that is on its way has come: push-to-talk was released at `now`.

        The message may overtake audio that the network or the jitter buffer holds back. In a pause nothing is awaited.
        """
        if not self.speaking or self._reached:
            return self.end()
        if self._released_at is None:
            held = (now - self._fed_at) * 1000 > self.settings.timer_slack_ms
            self._quiet_ms = self.settings.released_held_ms if held else self.settings.released_quiet_ms
            self._released_at = now
        return None

    @property
    def releasing(self) -> bool:
        """True while the voice is awaited that was on its way at a release."""
        return self.speaking and self._released_at is not None

    def end(self) -> Edge | None:
        """End the utterance now."""
        if not self.speaking:
            return None
        self.speaking = False
        self._released_at = None
        return Edge.END

    def is_over_before(self, frame_ms: int) -> bool:
        """Return True if a frame at media time `frame_ms` is no part of the utterance that push-to-talk has ended."""
        gap_ms = frame_ms - self._last_voiced_ms - FRAME_MS
        return self.speaking and self._released_at is not None and gap_ms >= self.settings.pause_ms

    def finalized(self, media_ms: int) -> None:
        """All speech before this media time is dealt with: the limits of length count from here."""
        self._final_until_ms = max(self._final_until_ms, media_ms)

    def _within(self, voiced: bool, frame_ms: int, now: float) -> Edge | None:
        if voiced:
            self.voiced_ms += FRAME_MS
            self._hear(frame_ms, now)
        released_at = self._released_at
        if released_at is not None and (now - released_at) * 1000 >= self.settings.released_longest_ms:
            self._released_at = None
        if frame_ms - self._final_until_ms >= self.settings.longest_ms:
            return self.end()
        return self._silent(frame_ms - self._last_voiced_ms, self._patience(frame_ms))

    def _hear(self, frame_ms: int, now: float) -> None:
        self._last_voiced_ms = frame_ms
        self._last_voiced_at = now
        self._reached = 0
        self.patience = Patience.SHORT

    def _patience(self, media_ms: int) -> int:
        if self._released_at is not None:
            return self.settings.pause_ms
        open_ms, turn_ms = media_ms - self._final_until_ms, media_ms - self._started_ms
        if open_ms >= self.settings.pressed_ms or turn_ms >= self.settings.turn_ms:
            return self.settings.forced_cut_silence_ms
        if self.crowded:
            return self.settings.crowded_ms
        words_ms = self.settings.hangover_ms if self.patience is Patience.SHORT else self.settings.patient_ms
        return max(words_ms, self.settings.begun_ms) if self.patience is Patience.BEGUN else words_ms

    def _silent(self, silence_ms: float, patience: int) -> Edge | None:
        """The furthest edge that this silence has reached, once."""
        if silence_ms >= patience:
            return self.end()
        settings = self.settings
        reached = (
            (silence_ms >= settings.pause_ms) + (silence_ms >= settings.soft_end_ms) + (silence_ms >= settings.late_ms)
        )
        if reached <= self._reached:
            return None
        self._reached = reached
        return (Edge.PAUSE, Edge.SOFT_END, Edge.LATE)[reached - 1]
