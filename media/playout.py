"""Playout queue of one listener: the interpreter's speech in 20 ms frames, with talkspurts and gaps. Pure.

A talkspurt opens with the first frame of speech and ends with 160 ms of silence: a common receiver keeps the last
four frames of a talkspurt until something follows. Between talkspurts there is nothing to send.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from pipeline.delivery.listener import PlaybackObserver
from pipeline.events import PlaybackState
from pipeline.speech import FRAME_MS, VOICE_RATE, Speech

VOICE_FRAME_BYTES = VOICE_RATE * FRAME_MS // 1000 * 2
TAIL_FRAMES = 8
"""160 ms of silence at the end of a talkspurt."""
SEGMENT_GAP_FRAMES = 6
"""120 ms of silence between two segments that follow each other."""
_SILENCE = bytes(VOICE_FRAME_BYTES)


@dataclass(slots=True)
class _Speaking:
    pcm: bytes
    observer: PlaybackObserver
    position: int = 0


@dataclass(frozen=True, slots=True)
class OutFrame:
    """20 ms at `VOICE_RATE`; `first` opens a talkspurt, `voiced` is false in its silences."""

    pcm: bytes
    first: bool
    voiced: bool


@dataclass(slots=True)
class Playout:
    """One listener's queue of speech."""

    _queue: deque[_Speaking] = field(default_factory=deque)
    _silence: int = 0
    _speaking: bool = False

    @property
    def backlog_ms(self) -> float:
        """Speech that is queued, in ms."""
        left = sum(len(item.pcm) - item.position for item in self._queue)
        return left / 2 / VOICE_RATE * 1000

    @property
    def speaking(self) -> bool:
        """True while a talkspurt is open: it ends with its tail of silence."""
        return self._speaking

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        """Queue speech. One without sound keeps its place, and is over when its turn comes."""
        if speech.pcm and not self._queue:  # a tail becomes a segment gap; nothing changes between talkspurts
            self._silence = min(self._silence, SEGMENT_GAP_FRAMES)
        self._queue.append(_Speaking(speech.pcm, observer))
        self._pass_the_soundless()

    def withdraw(self, observer: PlaybackObserver) -> None:
        """Withdraw the speech that was queued with this `observer` and has not begun, without calling it."""
        self._keep(item for item in self._queue if item.position or item.observer != observer)
        self._pass_the_soundless()

    def hush(self) -> None:
        """Stop speaking at once, and discard the queue."""
        queue = self._queue
        self._keep(())
        _report((item.observer, PlaybackState.SKIPPED) for item in queue)

    def _keep(self, items: Iterable[_Speaking]) -> None:
        """Keep nothing of the queue but `items`."""
        queue, self._queue = self._queue, deque(items)
        if queue and not self._queue and self._speaking:
            self._silence = TAIL_FRAMES  # also in a segment gap, which is shorter than a tail

    def _pass_the_soundless(self) -> None:
        while self._queue and not self._queue[0].pcm:
            observer = self._queue.popleft().observer
            _report((observer, state) for state in (PlaybackState.START, PlaybackState.END))

    def next_frame(self) -> OutFrame | None:
        """Return the frame of this 20 ms slot; None while there is nothing to say."""
        if self._queue and not (self._silence and self._speaking):
            return self._voice()
        if not self._speaking:
            return None
        if self._silence == 0:
            self._silence = TAIL_FRAMES
        self._silence -= 1
        if self._silence == 0:
            self._speaking = bool(self._queue)
        return OutFrame(_SILENCE, first=False, voiced=False)

    def _voice(self) -> OutFrame:
        # The state moves on first: an observer that raises must not hear of the same frame for ever.
        item = self._queue[0]
        first, begins = not self._speaking, item.position == 0
        self._speaking = True
        chunk = item.pcm[item.position : item.position + VOICE_FRAME_BYTES]
        item.position += VOICE_FRAME_BYTES
        if begins:
            item.observer(PlaybackState.START)
        if item.position >= len(item.pcm):
            self._queue.popleft()
            item.observer(PlaybackState.END)
            self._pass_the_soundless()
            self._silence = SEGMENT_GAP_FRAMES if self._queue else TAIL_FRAMES
        if len(chunk) < VOICE_FRAME_BYTES:
            chunk += bytes(VOICE_FRAME_BYTES - len(chunk))
        return OutFrame(chunk, first=first, voiced=True)


def _report(states: Iterable[tuple[PlaybackObserver, PlaybackState]]) -> None:
    """Call each observer with its state, whichever of them raises. Raises the first error."""
    errors = []
    for observer, state in states:
        try:
            observer(state)
        except Exception as error:  # noqa: BLE001 - raised below
            errors.append(error)
    if errors:
        raise errors[0]
