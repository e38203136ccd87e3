"""Prometheus metrics: an observer counts events of rooms, and lanes and rooms are read at each scrape."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media.events import ClientStatusChanged, FailureContained, MicrophoneFaulted, RoomEvent
from media.room import Room
from pipeline.context import Context
from pipeline.events import EngineFailed, PlaybackFailed, Speculated, Translated, UtteranceEnded
from pipeline.lanes.engine_set import EngineSet
from server.call_admission import Admission

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 2, 3, 5, 10)
_STAGES = {"endpoint_ms": "endpointing", "stt_ms": "stt", "translation_ms": "mt", "tts_ms": "tts"}


class Metrics:
    """Figures of one server, in a registry of its own: two servers in a process don't share them."""

    def __init__(self, stages: EngineSet, admission: Admission) -> None:
        self.registry = CollectorRegistry()
        self.rooms: set[Room] = set()
        self._utterances = Counter(
            "dragoman_utterances",
            "Utterances that ended, for each listener's language",
            ["outcome"],
            registry=self.registry,
        )
        self._stage = Histogram(
            "dragoman_stage_seconds",
            "Time of one utterance in a stage",
            ["stage"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._first_audio = Histogram(
            "dragoman_first_audio_seconds",
            "End of speech to the first sample of its translation leaving the server",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._failures = Counter(
            "dragoman_engine_failures", "Utterances on which an engine failed", ["stage"], registry=self.registry
        )
        self._contained = Counter(
            "dragoman_contained_failures",
            "Errors of ours that cost one participant a message, a packet, a sound or a connection, and nobody else",
            ["seam"],
            registry=self.registry,
        )
        self._speculations = Counter(
            "dragoman_speculations",
            "Clauses translated before they were final, by whether they became final as expected",
            ["result"],
            registry=self.registry,
        )
        self._held = Counter(
            "dragoman_translations_held",
            "Answers of the translator that were held back as no translation, by the reason",
            ["reason"],
            registry=self.registry,
        )
        self._unsure = Counter(
            "dragoman_translations_unsure",
            "Translations that were spoken and marked as unsure, by the doubt",
            ["doubt"],
            registry=self.registry,
        )
        self._microphones = Counter(
            "dragoman_microphone_faults",
            "Packets of microphones that were not heard, and streams with wrong audio levels",
            ["fault"],
            registry=self.registry,
        )
        self._silent_clients = Counter(
            "dragoman_silent_clients",
            "Clients found to be deaf or mute without knowing it",
            ["reason"],
            registry=self.registry,
        )
        self._audited = Counter(
            "dragoman_audit_events",
            "Entries of the audit log, by event and outcome",
            ["event", "outcome"],
            registry=self.registry,
        )
        self.registry.register(_Readings(self, stages, admission))

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Count an event of a room; an `Observer`."""
        match event:
            case UtteranceEnded(outcome=outcome, latency=latency):
                self._utterances.labels(outcome.value).inc()
                for field, stage in _STAGES.items():
                    took = getattr(latency, field)
                    if took is not None:
                        self._stage.labels(stage).observe(took / 1000)
                if latency.first_audio_ms is not None:
                    self._first_audio.observe(latency.first_audio_ms / 1000)
            case Translated(held=held, unsure=unsure):
                if held is not None:
                    self._held.labels(held.value).inc()
                for doubt in unsure:
                    self._unsure.labels(doubt.value).inc()
            case Speculated(hit=hit):
                self._speculations.labels("hit" if hit else "miss").inc()
            case EngineFailed(stage=stage):
                self._failures.labels(stage).inc()
            case FailureContained(seam=seam):
                self._contained.labels(seam.value).inc()
            case PlaybackFailed():
                self._contained.labels("playback").inc()
            case MicrophoneFaulted(fault=fault, count=count):
                self._microphones.labels(fault.value).inc(count)
            case ClientStatusChanged(reason=reason, over=False):
                self._silent_clients.labels(reason.value).inc()

    def count_audit(self, event: str, outcome: str) -> None:
        """Count an entry of the audit log; both words are of closed sets."""
        self._audited.labels(event, outcome).inc()

    def exposition(self) -> bytes:
        """Return the page of `GET /metrics` (Prometheus text format 0.0.4)."""
        return generate_latest(self.registry)


class _Readings(Collector):
    """Figures of lanes, rooms and the event loop, read at each scrape."""

    def __init__(self, metrics: Metrics, stages: EngineSet, admission: Admission) -> None:
        self._metrics = metrics
        self._stages = stages
        self._admission = admission

    def collect(self) -> Iterable[Metric]:
        waiting = GaugeMetricFamily("dragoman_lane_waiting", "Jobs that wait for an engine", labels=["stage"])
        running = GaugeMetricFamily("dragoman_lane_running", "Jobs that an engine has in hand", labels=["stage"])
        restarts = CounterMetricFamily("dragoman_engine_restarts", "Engines started anew", labels=["stage"])
        busy = CounterMetricFamily("dragoman_lane_busy_seconds", "Time with a job in hand", labels=["stage"])
        for stage, lane in zip(("stt", "mt", "tts"), self._stages.lanes, strict=True):
            readings = lane.readings()
            waiting.add_metric([stage], readings.waiting)
            running.add_metric([stage], readings.running)
            restarts.add_metric([stage], readings.counters.restarts)
            busy.add_metric([stage], readings.counters.busy_s)
        remembered = CounterMetricFamily(
            "dragoman_translations_remembered",
            "Translations that no engine had to make again",
            value=self._stages.mt.readings().counters.remembered,
        )
        tts = self._stages.tts.readings().counters
        stand_ins = CounterMetricFamily(
            "dragoman_voice_stand_ins",
            "Texts spoken by another engine than the preferred one",
            value=tts.stand_ins,
        )
        kept = CounterMetricFamily(
            "dragoman_speech_cache_hits",
            "Texts that were not synthesized again",
            value=tts.remembered,
        )
        rooms = GaugeMetricFamily("dragoman_rooms", "Rooms that are open", value=len(self._metrics.rooms))
        peers = GaugeMetricFamily(
            "dragoman_peers_connected",
            "Peer connections that are up",
            value=sum(room.connected for room in self._metrics.rooms),
        )
        late = [slot for room in self._metrics.rooms for slot in room.pacer.lateness]
        lateness = GaugeMetricFamily(
            "dragoman_pacer_lateness_p99_seconds",
            "Lateness that 1 % of the 20 ms slots of the last minute exceeded",
            value=sorted(late)[int(len(late) * 0.99)] if late else 0.0,
        )
        tasks = GaugeMetricFamily("dragoman_tasks", "Tasks on the event loop", value=len(asyncio.all_tasks()))
        loop = GaugeMetricFamily(
            "dragoman_loop_busy_share",
            "Share of one core that the media thread takes, over 5 s",
            value=self._admission.busy_share,
        )
        late_share = GaugeMetricFamily(
            "dragoman_loop_late_share",
            "Share of 20 ms slots more than a slot late, over 5 s",
            value=self._admission.late_share,
        )
        counted = [remembered, stand_ins, kept]
        return [waiting, running, restarts, busy, *counted, rooms, peers, lateness, tasks, loop, late_share]
