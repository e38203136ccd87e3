"""RTP timestamps of one sender as milliseconds of the session. Pure."""

from __future__ import annotations

from media.rtp.packets import CLOCK_RATE
from pipeline.speech import FRAME_MS

FRAME_TICKS = CLOCK_RATE * FRAME_MS // 1000
"""RTP clock ticks of a 20 ms frame."""
DRIFT_LIMIT_MS = 120
"""A difference between media time and arrival time beyond which the clock is anchored again."""


class MediaClock:
    """Maps one sender's RTP timestamps to milliseconds since the session began; never runs backwards.

    The first packet's arrival is the anchor. A sender's clock may drift from ours, or not count a pause. The anchor
    then moves forward at the next talkspurt.
    """

    def __init__(self) -> None:
        self._anchor: tuple[int, float] | None = None
        self._newest_ms = -FRAME_MS
        self._last_timestamp: int | None = None

    def restart(self) -> None:
        """Discard the sender's clock; media time itself goes on."""
        self._anchor = None
        self._last_timestamp = None

    def place(self, timestamp: int, arrived_ms: float) -> int:
        """Return the media time, in ms, of the audio at `timestamp`: strictly later than all before it.

        `arrived_ms` is the session time at which its packet arrived.
        """
        if self._anchor is None:
            self._anchor = timestamp, arrived_ms
        start, base = self._anchor
        media_ms = base + (timestamp - start) * 1000 / CLOCK_RATE
        jumped = self._last_timestamp is not None and timestamp - self._last_timestamp > 10 * FRAME_TICKS
        if (jumped and arrived_ms - media_ms > DRIFT_LIMIT_MS) or media_ms - arrived_ms > DRIFT_LIMIT_MS:
            self._anchor = timestamp, arrived_ms
            media_ms = arrived_ms
        self._last_timestamp = timestamp
        self._newest_ms = max(self._newest_ms + FRAME_MS, round(media_ms))
        return self._newest_ms
