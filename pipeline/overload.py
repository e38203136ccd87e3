"""How well one speaker's interpreter keeps up: the steps of giving way under load, each told. Pure.

First interims come less often, then not at all; where speakers crowd the recogniser's line, nothing is recognised
ahead of time and an utterance ends after a longer silence, so that every second is heard once; then nothing is spoken
and the subtitles go on alone (new sessions are refused by the server meanwhile). Finals are never given up for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_CROWDED = "subtitles come at the end of a sentence"


@dataclass(frozen=True, slots=True)
class OverloadOptions:
    """Seconds that recognition may end behind the speaker."""

    busy: float = 1.5
    """From here on no interims."""
    degraded: float = 6.0
    """From here on subtitles only."""
    calm: float = 4.0
    """A level is left when nothing has called for it for so long."""
    idle: float = 1.0
    """One that lag led to is left sooner, when nothing has waited for the recogniser for so long: there is room."""
    crowd: int = 3
    """Jobs that wait in the recogniser's line for `crowd_lasts`: there is a crowd, until at most one does."""
    crowd_lasts: float = 0.3


@dataclass(slots=True)
class OverloadLadder:
    """`tell(level, lag_ms, message)` is called when the level (ok, busy, degraded) changes, and when translations are
    subtitled only from then on, or spoken again."""

    tell: Callable[[str, float, str | None], None]
    limits: OverloadOptions = field(default_factory=OverloadOptions)
    level: str = "ok"
    step: float = 1.0
    """By how much the time between two interims is stretched."""
    silent: bool = False
    """Whether translations are subtitled only."""
    crowded: bool = False
    """Whether only what is over is recognised."""
    _line_long_at: float | None = None
    _idle_at: float | None = None
    """Since when nothing waits; in the future where the line refused an interim, however long it is."""
    _bad_until: float = 0.0
    _failed: bool = False
    """Whether the level comes from an engine's failure, and not from lag."""
    _told_silent: bool = False
    _trouble: str | None = None
    """What is not as usual for as long as it lasts, though everything keeps up."""

    @property
    def interims(self) -> bool:
        """Whether interims are recognised at all."""
        return not self.crowded and (self.level == "ok" or self._failed)

    def concluded(self, lag: float, now: float) -> None:
        """A final came `lag` seconds after its end."""
        self._failed = self._failed and self._trouble is not None and lag <= self.limits.busy
        if lag > self.limits.degraded:
            self._bad_until = now + self.limits.calm
            self.silent = True
            self._set("degraded", lag, "subtitles only, to catch up")
        elif lag > self.limits.busy:
            self._bad_until = now + self.limits.calm
            self.silent = False
            self._set("busy", lag, None)
        elif self.crowded:
            self.silent = False
            if self.level == "degraded" and not self._failed:
                self._set("busy", lag, _CROWDED)
        elif lag <= self.limits.busy / 2 or now >= self._bad_until:
            self._calm(lag)

    def refused(self, now: float) -> None:
        """An interim found the line full."""
        self.step = min(8.0, self.step * 2)
        self._bad_until = self._idle_at = max(self._bad_until, now + self.limits.calm)
        if self.level == "ok":
            self._set("busy", 0.0, "subtitles come less often")

    def passed(self) -> None:
        """An interim came through."""
        self.step = max(1.0, self.step * 0.8)

    def failed(self, stage: str, now: float) -> None:
        """An engine failed on an utterance."""
        self._bad_until = now + self.limits.calm
        self._failed = True
        self._set("degraded", 0.0, f"{stage} failed")

    def troubled(self, message: str | None) -> None:
        """Something is not as usual from now on (what, in words), or is again."""
        if message == self._trouble:
            return
        before, self._trouble = self._trouble, message
        if self.level == "ok" or (self._failed and before is not None):
            self._calm(0.0)

    def tick(self, now: float, lag: float, waiting: int = 0) -> None:
        """`lag`: how long the oldest final has been waiting; `waiting`: jobs in the recogniser's line. A level without
        cause is left."""
        self._look(now, waiting)
        if waiting or lag:
            self._idle_at = None
        elif self._idle_at is None:
            self._idle_at = now
        keeps_up = self.level == "ok" or (self._failed and self._trouble is not None)
        if self.crowded:
            self._bad_until = max(self._bad_until, now + self.limits.calm)
            if keeps_up:
                self._failed = False
                self._set("busy", lag, _CROWDED)
        elif lag > self.limits.busy and keeps_up:
            self._failed = False
            self._bad_until = now + self.limits.calm
            self._set("busy", lag, None)
        elif self.level != "ok" and lag <= self.limits.busy and (now >= self._bad_until or self._has_room(now)):
            self._calm(lag)

    def _has_room(self, now: float) -> bool:
        return not self._failed and self._idle_at is not None and now - self._idle_at >= self.limits.idle

    def _look(self, now: float, waiting: int) -> None:
        if waiting < (2 if self.crowded else self.limits.crowd):
            self.crowded, self._line_long_at = False, None
        elif self._line_long_at is None:
            self._line_long_at = now
        elif now - self._line_long_at >= self.limits.crowd_lasts:
            self.crowded = True

    def _calm(self, lag: float) -> None:
        self.silent = False
        self._failed = self._trouble is not None
        self._set("ok" if self._trouble is None else "degraded", lag, self._trouble)

    def _set(self, level: str, lag: float, message: str | None) -> None:
        if (level, self.silent) != (self.level, self._told_silent):
            self.level, self._told_silent = level, self.silent
            self.tell(level, lag * 1000, message)
