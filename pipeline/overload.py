"""Overload ladder of one speaker: fewer interims, then none, then subtitles only; finals always. Pure.

First interims come less often, then not at all; where speakers crowd the recogniser's queue, nothing is recognised
ahead of time and an utterance ends after a longer silence, so that every second is heard once; then nothing is spoken
and the subtitles go on alone (new sessions are refused by the server meanwhile). Finals are never given up for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

_CROWDED = "subtitles come at the end of a sentence"


class OverloadLevel(StrEnum):
    """Steps of the ladder, as clients get them on the subtitles channel (docs/protocol.md, 4, `status`)."""

    OK = "ok"
    BUSY = "busy"
    """Text comes at the end of a sentence, or less often."""
    DEGRADED = "degraded"
    """Translations are subtitled only, or an engine is not as usual."""


@dataclass(frozen=True, slots=True)
class OverloadOptions:
    """Thresholds of the ladder. The lag is the time from an utterance's end to its final text."""

    busy_s: float = 1.5
    """Lag beyond which no interims are recognised."""
    degraded_s: float = 6.0
    """Lag beyond which translations are subtitled only."""
    calm_s: float = 4.0
    """Time after its last cause at which a level is left."""
    idle_s: float = 1.0
    """Time with an empty queue of the recogniser after which a level that lag led to is left sooner: there is room."""
    crowd: int = 3
    """Jobs in the recogniser's queue that make a crowd, if they wait for `crowd_lasts_s`. It ends at one job."""
    crowd_lasts_s: float = 0.3
    """Time for which the queue must be that long."""


@dataclass(slots=True)
class OverloadLadder:
    """`tell(level, lag_ms, message)` is called when the level (ok, busy, degraded) changes, and when translations are
    subtitled only from then on, or spoken again."""

    tell: Callable[[OverloadLevel, float, str | None], None]
    limits: OverloadOptions = field(default_factory=OverloadOptions)
    level: OverloadLevel = OverloadLevel.OK
    step: float = 1.0
    """Factor on the time between two interims."""
    silent: bool = False
    """True while translations are subtitled only."""
    crowded: bool = False
    """True while only utterances that are over are recognised."""
    _queue_long_at: float | None = None
    _idle_at: float | None = None
    """Loop time since which no job waits, s; in the future after an interim was refused."""
    _bad_until: float = 0.0
    _failed: bool = False
    """True if the level comes from an engine's failure, and not from lag."""
    _emitted_silent: bool = False
    _trouble: str | None = None
    """Trouble in words, for as long as it lasts though everything keeps up."""

    @property
    def interims(self) -> bool:
        """True if interims are recognised at all."""
        return not self.crowded and (self.level == OverloadLevel.OK or self._failed)

    def concluded(self, lag: float, now: float) -> None:
        """Note a final that came `lag` seconds after its end."""
        self._failed = self._failed and self._trouble is not None and lag <= self.limits.busy_s
        if lag > self.limits.degraded_s:
            self._bad_until = now + self.limits.calm_s
            self.silent = True
            self._set(OverloadLevel.DEGRADED, lag, "subtitles only, to catch up")
        elif lag > self.limits.busy_s:
            self._bad_until = now + self.limits.calm_s
            self.silent = False
            self._set(OverloadLevel.BUSY, lag, None)
        elif self.crowded:
            self.silent = False
            if self.level == OverloadLevel.DEGRADED and not self._failed:
                self._set(OverloadLevel.BUSY, lag, _CROWDED)
        elif lag <= self.limits.busy_s / 2 or now >= self._bad_until:
            self._calm(lag)

    def refused(self, now: float) -> None:
        """Note an interim that found the recogniser's queue full."""
        self.step = min(8.0, self.step * 2)
        self._bad_until = self._idle_at = max(self._bad_until, now + self.limits.calm_s)
        if self.level == OverloadLevel.OK:
            self._set(OverloadLevel.BUSY, 0.0, "subtitles come less often")

    def passed(self) -> None:
        """Note an interim that came through."""
        self.step = max(1.0, self.step * 0.8)

    def failed(self, stage: str, now: float) -> None:
        """Note an engine that failed on an utterance."""
        self._bad_until = now + self.limits.calm_s
        self._failed = True
        self._set(OverloadLevel.DEGRADED, 0.0, f"{stage} failed")

    def troubled(self, message: str | None) -> None:
        """Note trouble, in words, from now on. None: all is as usual again."""
        if message == self._trouble:
            return
        before, self._trouble = self._trouble, message
        if self.level == OverloadLevel.OK or (self._failed and before is not None):
            self._calm(0.0)

    def tick(self, now: float, lag: float, waiting: int = 0) -> None:
        """Leave a level that has no cause any more.

        `lag`: time that the oldest final has been waiting, s. `waiting`: jobs in the recogniser's queue.
        """
        if not (waiting or lag or self.crowded) and self.level is OverloadLevel.OK:  # nearly every slot
            self._queue_long_at = None
            if self._idle_at is None:
                self._idle_at = now
            return
        self._look(now, waiting)
        if waiting or lag:
            self._idle_at = None
        elif self._idle_at is None:
            self._idle_at = now
        keeps_up = self.level == OverloadLevel.OK or (self._failed and self._trouble is not None)
        if self.crowded:
            self._bad_until = max(self._bad_until, now + self.limits.calm_s)
            if keeps_up:
                self._failed = False
                self._set(OverloadLevel.BUSY, lag, _CROWDED)
        elif lag > self.limits.busy_s and keeps_up:
            self._failed = False
            self._bad_until = now + self.limits.calm_s
            self._set(OverloadLevel.BUSY, lag, None)
        elif (
            self.level != OverloadLevel.OK
            and lag <= self.limits.busy_s
            and (now >= self._bad_until or self._has_room(now))
        ):
            self._calm(lag)

    def _has_room(self, now: float) -> bool:
        return not self._failed and self._idle_at is not None and now - self._idle_at >= self.limits.idle_s

    def _look(self, now: float, waiting: int) -> None:
        if waiting < (2 if self.crowded else self.limits.crowd):
            self.crowded, self._queue_long_at = False, None
        elif self._queue_long_at is None:
            self._queue_long_at = now
        elif now - self._queue_long_at >= self.limits.crowd_lasts_s:
            self.crowded = True

    def _calm(self, lag: float) -> None:
        self.silent = False
        self._failed = self._trouble is not None
        self._set(OverloadLevel.OK if self._trouble is None else OverloadLevel.DEGRADED, lag, self._trouble)

    def _set(self, level: OverloadLevel, lag: float, message: str | None) -> None:
        if (level, self.silent) != (self.level, self._emitted_silent):
            self.level, self._emitted_silent = level, self.silent
            self.tell(level, lag * 1000, message)
