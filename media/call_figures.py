"""The figures of one call, counted from its events, and of its participants' connections."""

from __future__ import annotations

from media.events import CallMetrics, ConnectionQuality, RoomEvent
from media.rtp.statistics import ReceiverStatistics, SenderStatistics
from media.subtitles.client_messages import ClientStats
from pipeline.context import Context
from pipeline.events import Outcome, UtteranceEnded, UtteranceStarted

MAX_LATENCIES = 5000
"""First-audio latencies that are kept of one call."""


class CallFigures:
    """Counts utterances, outcomes and first-audio latencies."""

    def __init__(self) -> None:
        self._utterances = 0
        self._spoken = 0
        self._failed = 0
        self._first_audio_ms: list[float] = []

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Count an event of the room."""
        match event:
            case UtteranceStarted():
                self._utterances += 1
            case UtteranceEnded(outcome=outcome, latency=latency):
                self._spoken += outcome is Outcome.SPOKEN
                self._failed += outcome is Outcome.FAILED
                if latency.first_audio_ms is not None and len(self._first_audio_ms) < MAX_LATENCIES:
                    self._first_audio_ms.append(latency.first_audio_ms)

    def metrics(self, duration_ms: int, quality: dict[str, ConnectionQuality]) -> CallMetrics:
        """Return the figures so far; `quality` is by participant."""
        return CallMetrics(
            duration_ms, self._utterances, self._spoken, self._failed, tuple(self._first_audio_ms), quality
        )


def connection_quality(received: ReceiverStatistics, sent: SenderStatistics, client: ClientStats) -> ConnectionQuality:
    """Return the quality of a connection by what we received of it, sent on it, and what its client tells."""
    round_trip_ms = sent.round_trip_ms if sent.round_trip_ms is not None else client.rtt_ms
    return ConnectionQuality(
        sent_packets=received.packets,
        sent_lost=received.lost,
        sent_concealed=received.holes,
        sent_recovered=received.recovered,
        sent_dropped=received.dropped,
        sent_foreign=received.foreign,
        sent_jitter_ms=round(received.jitter_ms, 2),
        received_lost=sent.packets_lost,
        received_jitter_ms=round(sent.jitter_ms, 2),
        round_trip_ms=None if round_trip_ms is None else round(round_trip_ms, 2),
        concealed_ms=client.concealed_ms,
        playout_delay_ms=client.playout_delay_ms,
    )
