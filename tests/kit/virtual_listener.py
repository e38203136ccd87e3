"""A listener of the pipeline, on a virtual clock."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from pipeline.delivery.listener import PlaybackObserver
from pipeline.events import PlaybackState
from pipeline.speech import Speech

UNHEARD_MS = 15_000


@dataclass(slots=True, eq=False)
class _Waiting:
    speech: Speech
    observer: PlaybackObserver
    left: float
    """Seconds of it that were to be heard when it last went on."""
    begun: float | None = None
    since: float | None = None
    """Time at which playing last went on; None while nothing plays."""


class Ear:
    """Its loudspeaker takes as long as the speech lasts. It keeps to the rules of `media.participant`: what has no
    sound is over when its turn comes; no more than 15 s are kept for who is away, and they go on where they were."""

    def __init__(self, participant: str, language: str) -> None:
        self.participant = participant
        self.language = language
        self.voice = ""
        self.interruptions = 0
        self.heard: list[Speech] = []
        """Speech that has begun."""
        self.already_ms = 0.0
        """Backlog of other things."""
        self.started_at: list[float] = []
        self._line: deque[_Waiting] = deque()
        self._away = False
        self._turn: asyncio.Handle | None = None
        """Time of the next event for the first in the queue."""

    @property
    def backlog_ms(self) -> float:
        return self.already_ms + sum(one.left for one in self._line) * 1000 - self._since_ms

    @property
    def spoken_to(self) -> bool:
        return not self._away and bool(self._line) and self._line[0].begun is not None

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        if self._away and self.backlog_ms + speech.duration_ms > UNHEARD_MS:
            observer(PlaybackState.SKIPPED)
            return
        self._line.append(_Waiting(speech, observer, speech.duration_ms / 1000))
        self._look()

    def withdraw(self, observer: PlaybackObserver) -> None:
        self._line = deque(one for one in self._line if one.begun is not None or one.observer != observer)
        self._look()

    def interrupt(self) -> None:
        """Interrupt the interpreter."""
        self.interruptions += 1
        dropped, self._line = self._line, deque()
        self._look()
        for one in dropped:
            one.observer(PlaybackState.SKIPPED)

    def leave(self) -> None:
        """The connection is away."""
        if self._line:
            self._line[0].left -= self._since_ms / 1000
            self._line[0].since = None
        self._away = True
        self._look()

    def come_back(self) -> None:
        self._away = False
        self._look()

    @property
    def _since_ms(self) -> float:
        """Return the seconds of the first in the queue that were played since it last went on."""
        since = self._line[0].since if self._line else None
        return 0.0 if since is None else (asyncio.get_running_loop().time() - since) * 1000

    def _look(self) -> None:
        """Return the queue's next step and its time."""
        loop = asyncio.get_running_loop()
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        if not self._line or self._away:
            return
        first = self._line[0]
        if first.since is None:
            self._turn = loop.call_soon(self._begin)
        else:
            self._turn = loop.call_at(first.since + first.left, self._end)

    def _begin(self) -> None:
        """The first in line is heard, or goes on; the next is when it is over: never out of order."""
        first, now = self._line[0], asyncio.get_running_loop().time()
        first.since = now
        if first.begun is None:
            first.begun = now
            self.heard.append(first.speech)
            self.started_at.append(now)
            first.observer(PlaybackState.START)
        self._look()

    def _end(self) -> None:
        self._line.popleft().observer(PlaybackState.END)
        if self._line and not self._away:
            self._begin()
