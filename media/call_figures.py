"""The figures of one call, counted from its facts."""

from __future__ import annotations

from media.events import CallMetrics, ConnectionQuality, RoomFact
from pipeline.events import Outcome, UtteranceEnded, UtteranceStarted

_KEPT = 5000


class CallFigures:
    """Counts utterances, outcomes and first-audio latencies."""

    def __init__(self) -> None:
        self._utterances = 0
        self._spoken = 0
        self._failed = 0
        self._first_audio: list[float] = []

    def enter(self, fact: RoomFact) -> None:
        match fact:
            case UtteranceStarted():
                self._utterances += 1
            case UtteranceEnded(outcome=outcome, latency=latency):
                self._spoken += outcome is Outcome.SPOKEN
                self._failed += outcome is Outcome.FAILED
                if latency.first_audio_ms is not None and len(self._first_audio) < _KEPT:
                    self._first_audio.append(latency.first_audio_ms)

    def metrics(self, duration_ms: int, quality: dict[str, ConnectionQuality]) -> CallMetrics:
        return CallMetrics(duration_ms, self._utterances, self._spoken, self._failed, tuple(self._first_audio), quality)
