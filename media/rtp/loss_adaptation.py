"""Decides the bitrate and the expected loss of our Opus by what receiver reports tell of the line. Pure.

Two questions are asked of a line: how much it loses, and whether packets wait in a queue on it (congestion). A line
that loses without a queue, such as a radio, gets more bits, so that in-band FEC takes none from the voice. One that
loses by a queue gets fewer. Each answer has hysteresis, and calm has to last before anything is taken back. A line
that drops what is over a rate shows no queue; it is found by a trial (`media/rtp/rate_trial.py`) and taken for one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import IntEnum

from media.rtp.rate_trial import RateTrial, Wish


class Loss(IntEnum):
    """Degree of a line's loss."""

    LITTLE = 0
    SOME = 1
    MUCH = 2


@dataclass(frozen=True, slots=True)
class Encoding:
    """Setting of our encoder: bit/s, and the loss in % for which in-band FEC is made (RFC 6716, 2.1.7)."""

    bitrate: int
    expected_loss: int


USUAL = Encoding(24_000, 10)
"""Encoding for a line of which nothing bad is known. FEC is there before the first report of a loss comes."""
ENCODINGS: dict[tuple[Loss, bool], Encoding] = {
    (Loss.LITTLE, False): USUAL,
    (Loss.SOME, False): Encoding(32_000, 20),
    (Loss.MUCH, False): Encoding(40_000, 30),
    (Loss.LITTLE, True): USUAL,
    (Loss.SOME, True): Encoding(20_000, 20),
    (Loss.MUCH, True): Encoding(20_000, 30),
}
"""(loss, queue) → the encoding. The bounds are 20 and 40 kbit/s: below 20 libopus makes no FEC of a voice at 24 kHz."""
ENTER = {Loss.SOME: 0.05, Loss.MUCH: 0.15}
"""Share of lost packets from which on a line is such a one."""
LEAVE = {Loss.SOME: 0.02, Loss.MUCH: 0.10}
"""Share below which it is such a one no more, once that has lasted `CALM_S`."""
HALF_WAY_PACKETS = 150
"""Packets by whose report the estimate moves half-way to what it tells: losses come by chance."""
TRIP_WEIGHT = 0.25
"""Weight of the newest round trip in their mean: one that was held up alone is no queue."""
QUEUE_MS, NO_QUEUE_MS = 150.0, 75.0
"""Growth of the mean round trip above its least by which there is a queue, and below which there is none any more."""
JITTER_MS, NO_JITTER_MS = 60.0, 40.0
"""The same of the jitter."""
CALM_S = 10.0
"""Seconds for which a line must be better before the encoder is told so."""
LEAST_TRIP_S = 60.0
"""Seconds for which a least round trip counts: a line may change its way."""


class ReportDifference:
    """The part of a receiver report that is new since the one before it: reports count from the beginning."""

    __slots__ = ("_highest", "_most_lost")

    def __init__(self) -> None:
        self._highest: int | None = None
        self._most_lost = 0

    def since(self, highest: int, lost: int, sent: int) -> tuple[int, float]:
        """Return the packets that were due since the report before, and the share of them that did not come.

        `highest`: extended sequence number (RFC 3550, 6.4.1). `lost`: packets since the beginning, without those that
        were never sent. It may fall, since a packet comes late or a hole is younger than the report; losses that are
        counted already are not counted again. `sent`: packets since the beginning, for the first report.
        """
        expected = sent if self._highest is None else (highest - self._highest) & 0xFFFFFFFF
        if not 0 < expected < 1 << 31:
            return 0, 0.0  # nothing new, or an older report, which was overtaken
        self._highest = highest
        new = max(0, lost - self._most_lost)
        self._most_lost += new
        return expected, min(1.0, new / expected)


class LossAdaptation:
    """The line to one listener, by the reports on one stream of ours. `now` is in seconds of any one clock."""

    __slots__ = ("_calm_since", "_encodings", "_least", "_loss", "_queue", "_share", "_trial", "_trip", "encoding")

    def __init__(self, most_bitrate: int | None = None) -> None:
        """`most_bitrate`: bit/s that the listener takes at most; None for any."""
        self._encodings = ENCODINGS
        if most_bitrate is not None:
            self._encodings = {
                line: replace(one, bitrate=min(one.bitrate, most_bitrate)) for line, one in ENCODINGS.items()
            }
        self.encoding = self._encodings[Loss.LITTLE, False]
        self._share = 0.0
        self._loss = Loss.LITTLE
        self._queue = False
        """True as well if a trial is on, or has found a rate."""
        self._trial = RateTrial()
        self._calm_since: float | None = None
        self._trip: float | None = None
        """Mean round trip, ms."""
        self._least: tuple[tuple[float, float], tuple[float, float]] = ((-math.inf, math.inf), (-math.inf, math.inf))
        """(begin, least round trip in ms) of the present stretch of `LEAST_TRIP_S`, and of the one before."""

    def __repr__(self) -> str:
        queue = "a queue" if self._queue else "no queue"
        return f"<LossAdaptation {self._loss.name} ({self._share:.1%}), {queue}: {self.encoding}>"

    def report(self, expected: int, lost: float, jitter_ms: float, round_trip_ms: float | None, now: float) -> None:
        """Take in a receiver report: packets that were due since the one before, and the share that did not come.

        A report without any packet tells nothing: silence is not sent.
        """
        if expected <= 0:
            return
        self._share += (lost - self._share) * expected / (expected + HALF_WAY_PACKETS)
        wish = self._trial.report(expected, lost, now)
        loss, queue = self._judged(), self._queued(jitter_ms, round_trip_ms, now) or wish is Wish.FEWER
        if wish is Wish.AS_BEFORE:
            self._adopt(max(loss, self._loss), queue=False)
            self._trial.stepped(up=False)  # these bits were tried just now
        elif (loss, queue) == (self._loss, self._queue):
            self._calm_since = None
        elif loss > self._loss or queue > self._queue:
            self._adopt(max(loss, self._loss), queue or self._queue)
        else:
            self._calm_since = now if self._calm_since is None else self._calm_since
            if now - self._calm_since >= CALM_S:
                self._adopt(loss, queue)

    def _adopt(self, loss: Loss, queue: bool) -> None:
        self._loss, self._queue, self._calm_since = loss, queue, None
        before, self.encoding = self.encoding, self._encodings[loss, queue]
        self._trial.stepped(up=not queue and self.encoding.bitrate > before.bitrate)

    def _judged(self) -> Loss:
        """Return how much the line loses, with the hysteresis of what it was."""
        found = Loss.LITTLE
        for level in (Loss.SOME, Loss.MUCH):
            if self._share >= (LEAVE if level <= self._loss else ENTER)[level]:
                found = level
        return found

    def _queued(self, jitter_ms: float, round_trip_ms: float | None, now: float) -> bool:
        """True if packets wait in a queue, with the hysteresis of what was."""
        trip, jitter = (NO_QUEUE_MS, NO_JITTER_MS) if self._queue else (QUEUE_MS, JITTER_MS)
        grown = 0.0
        if round_trip_ms is not None:
            self._trip = round_trip_ms if self._trip is None else self._trip
            self._trip += (round_trip_ms - self._trip) * TRIP_WEIGHT
            grown = self._trip - self._least_trip(round_trip_ms, now)
        return grown >= trip or jitter_ms >= jitter

    def _least_trip(self, trip: float, now: float) -> float:
        (begin, least), before = self._least
        if now - begin >= LEAST_TRIP_S:
            (begin, least), before = (now, trip), (begin, least)
        self._least = (begin, min(least, trip)), before
        return min(self._least[0][1], before[1])
