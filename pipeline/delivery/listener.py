"""Listener: a participant who hears synthesized speech; and the delivery of one segment to one listener."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, Protocol, TypeAlias

from pipeline.events import PlaybackState, SkipReason
from pipeline.speech import Speech

log = logging.getLogger(__name__)

P = ParamSpec("P")

PlaybackObserver: TypeAlias = Callable[[PlaybackState], None]
"""Called with `START` when the first sound of a speech is heard, then with `END` when the last is. `SKIPPED` comes in
their place, or after `START`, if the speech or its rest is dropped. Nothing comes after `END` or `SKIPPED`."""


class Listener(Protocol):
    """The far side, as the pipeline sees it."""

    participant: str
    language: str

    @property
    def voice(self) -> str:
        """Voice that they chose to hear; empty for the usual one of their language."""
        ...

    @property
    def interruptions(self) -> int:
        """Number of times that they have interrupted the interpreter. Each drops what was on its way to them."""
        ...

    @property
    def backlog_ms(self) -> float:
        """Speech that is queued for this listener."""
        ...

    def play(self, speech: Speech, observer: PlaybackObserver) -> None:
        """Queue speech, also if it has no sound: the observer is called in its turn."""
        ...

    def withdraw(self, observer: PlaybackObserver) -> None:
        """Take out of the queue what was queued with this observer and has not begun. The observer is not called."""
        ...


def _unobserved() -> None:
    """Stand for the callback where there is none."""


@dataclass(slots=True, eq=False)
class SegmentDelivery:
    """The delivery of a segment, in chunks, to one listener.

    It reports the start of the first chunk and the end of the last, or else that the segment is skipped, and then
    nothing more.

    A segment is heard from its beginning or not at all. Once a chunk was dropped, by the listener's bounds or by an
    interruption, no later chunk is played: it would be heard from its middle. Chunks of the segment that are queued
    then are dropped, too, unless its beginning was heard: a segment that has begun plays to the cut.
    """

    listener: Listener
    report: Callable[[PlaybackState, SkipReason | None], None]
    """Callback with the state, and the reason if it is skipped."""
    failed: Callable[[], None] = _unobserved
    """Callback for an error of the listener."""
    over: bool = False
    """True once its end, or that it is skipped, was reported."""
    _interruptions: int = -1
    _queued: int = 0
    _begun: bool = False
    _complete: bool = False
    """True once no more chunks come."""
    _withdrawn: bool = False
    """True once its speaker took it back: it is heard only if its beginning was."""

    def __post_init__(self) -> None:
        self._interruptions = self.listener.interruptions

    @property
    def wanted(self) -> bool:
        """True while the listener would hear more of it."""
        return not (self._complete or self._interrupted or self._taken_back)

    def play(self, speech: Speech, *, last: bool) -> None:
        """Play the next chunk."""
        if self._complete:
            return
        if self._interrupted:
            self.skip(SkipReason.INTERRUPTED)
            return
        if self._taken_back:
            self.skip(SkipReason.START_OVER)
            return
        self._complete = last
        self._queued += 1
        if not self._ask(self.listener.play, speech, self._played):
            self._played(PlaybackState.SKIPPED)

    def skip(self, reason: SkipReason) -> None:
        """End it: no more chunks come."""
        self._complete = True
        self._finish(SkipReason.INTERRUPTED if self._interrupted else reason)

    def take_back(self) -> None:
        """Let it not be heard, since its speaker took it back. If its beginning was heard, it goes on to its end."""
        self._withdrawn = True
        if self._queued and self._taken_back:
            self._queued = 0
            self._ask(self.listener.withdraw, self._played)
            self.skip(SkipReason.START_OVER)

    @property
    def _taken_back(self) -> bool:
        """True if its speaker took it back before it was heard."""
        return self._withdrawn and not self._begun

    @property
    def _interrupted(self) -> bool:
        """True if the listener has interrupted the interpreter since the segment was on its way."""
        return self.listener.interruptions != self._interruptions

    def _played(self, state: PlaybackState) -> None:
        if self.over:
            return
        if state == PlaybackState.START:
            if not self._begun:
                self._begun = True
                self.report(PlaybackState.START, None)
            return
        self._queued -= 1
        if state == PlaybackState.SKIPPED:
            self._complete = True
            if not self._begun:
                self._queued = 0
                self._ask(self.listener.withdraw, self._played)
        self._finish(SkipReason.INTERRUPTED if self._interrupted else SkipReason.BEHIND)

    def _ask(self, act: Callable[P, None], *args: P.args, **kwargs: P.kwargs) -> bool:
        """Ask something of the listener. An error costs them this segment; the speaker and the others go on."""
        try:
            act(*args, **kwargs)
        except Exception:  # the boundary between a speaker's delivery and one of their listeners
            log.exception("a listener failed", extra={"participant": self.listener.participant})
            self.failed()
            return False
        return True

    def _finish(self, reason: SkipReason) -> None:
        if self._complete and self._queued <= 0 and not self.over:
            self.over = True
            if self._begun:
                self.report(PlaybackState.END, None)
            else:
                self.report(PlaybackState.SKIPPED, reason)
