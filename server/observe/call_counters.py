"""Counters and histograms of calls, which events of rooms and the times of jobs move."""

from __future__ import annotations

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Histogram

from media.events import (
    ClientStatusChanged,
    DatagramsRefused,
    FailureContained,
    HeardLatencyReported,
    MicrophoneFault,
    MicrophoneFaulted,
    RoomEvent,
    Seam,
    StatusReason,
)
from pipeline.context import Context
from pipeline.events import (
    EngineFailed,
    EngineStage,
    Outcome,
    PlaybackFailed,
    Speculated,
    Transcribed,
    Translated,
    UtteranceEnded,
)
from pipeline.text.translation_checks.verdict import Doubt, HeldReason
from pipeline.timings import JobTimed, Result, Timing
from server.observe.counters import counter_by
from server.observe.time_log import STAGES

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 2, 3, 5, 10)
_CONFIDENCES = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)
_LONGEST_HEARD_S = 30.0
"""A client's word is believed up to here."""
_JOB_RESULTS = (Result.DONE, Result.FAILED, Result.REFUSED, Result.GIVEN_UP)
_PLAYBACK = "playback"


class CallCounters:
    """Figures of what becomes of utterances, jobs and clients, in the registry of one server."""

    def __init__(self, registry: CollectorRegistry) -> None:
        by = partial(counter_by, registry)
        self._utterances = by(
            "dragoman_utterances", "Utterances that ended, for each listener's language", "outcome", Outcome
        )
        self._failures = by("dragoman_engine_failures", "Utterances on which an engine failed", "stage", EngineStage)
        self._contained = by(
            "dragoman_contained_failures",
            "Errors of ours that cost one participant a message, a packet, a sound or a connection, and nobody else",
            "seam",
            (*Seam, _PLAYBACK),
        )
        self._speculations = by(
            "dragoman_speculations",
            "Clauses translated before they were final, by whether they became final as expected",
            "result",
            ("hit", "miss"),
        )
        self._held = by(
            "dragoman_translations_held",
            "Answers of the translator that were held back as no translation, by the reason",
            "reason",
            HeldReason,
        )
        self._unsure = by(
            "dragoman_translations_unsure",
            "Translations that were spoken and marked as unsure, by the doubt",
            "doubt",
            Doubt,
        )
        self._microphones = by(
            "dragoman_microphone_faults",
            "Packets of microphones that were not heard, and streams with wrong audio levels",
            "fault",
            MicrophoneFault,
        )
        self._silent_clients = by(
            "dragoman_silent_clients", "Clients found to be deaf or mute without knowing it", "reason", StatusReason
        )
        self._refused = Counter(
            "dragoman_datagrams_refused",
            "Datagrams of STUN, DTLS and SCTP that were over their connection's budget",
            registry=registry,
        )
        self._speech = Counter("dragoman_speech_seconds", "Time of speech that has final text", registry=registry)
        self._jobs = Counter(
            "dragoman_jobs",
            "Jobs that have left their lane, and runs that are over",
            ["stage", "result"],
            registry=registry,
        )
        for stage in EngineStage:
            for result in _JOB_RESULTS:
                self._jobs.labels(stage.value, result.value)
        self._times = _Times(registry)

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Count an event of a room; an `Observer`."""
        match event:
            case UtteranceEnded(outcome=outcome, latency=latency):
                self._utterances.labels(outcome.value).inc()
                for field, stage in STAGES.items():
                    _observe(self._times.stage.labels(stage), getattr(latency, field))
                _observe(self._times.first_audio, latency.first_audio_ms)
            case Translated(held=held, unsure=unsure):
                if held is not None:
                    self._held.labels(held.value).inc()
                for doubt in unsure:
                    self._unsure.labels(doubt.value).inc()
            case Transcribed(final=True, start_ms=start_ms, end_ms=end_ms) if event.text and end_ms > start_ms:  # said
                self._times.confidence.observe(event.confidence)
                self._speech.inc((end_ms - start_ms) / 1000)
            case HeardLatencyReported(heard_latency_ms=heard_ms):
                self._times.heard.observe(min(_LONGEST_HEARD_S, max(0.0, heard_ms / 1000)))
            case Speculated(hit=hit):
                self._speculations.labels("hit" if hit else "miss").inc()
            case EngineFailed(stage=stage):
                self._failures.labels(stage).inc()
            case FailureContained(seam=seam):
                self._contained.labels(seam.value).inc()
            case PlaybackFailed():
                self._contained.labels(_PLAYBACK).inc()
            case MicrophoneFaulted(fault=fault, count=count):
                self._microphones.labels(fault.value).inc(count)
            case DatagramsRefused(count=count):
                self._refused.inc(count)
            case ClientStatusChanged(reason=reason, over=False):
                self._silent_clients.labels(reason.value).inc()

    def time(self, context: Context, timing: Timing) -> None:
        """Take in the times of a job; a `TimingObserver`."""
        if isinstance(timing, JobTimed):
            self._jobs.labels(timing.stage, timing.result.value).inc()
            began_at = timing.ended_at if timing.started_at is None else timing.started_at
            _observe(self._times.waits.labels(timing.stage), (began_at - timing.queued_at) * 1000)
            if timing.started_at is not None:
                _observe(self._times.runs.labels(timing.stage), (timing.ended_at - began_at) * 1000)


class _Times:
    """Histograms of calls."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.stage = Histogram(
            "dragoman_stage_seconds",
            "Time of one utterance in a stage",
            ["stage"],
            buckets=_SECONDS,
            registry=registry,
        )
        self.first_audio = Histogram(
            "dragoman_first_audio_seconds",
            "End of speech to the first sample of its translation leaving the server",
            buckets=_SECONDS,
            registry=registry,
        )
        self.waits, self.runs = (
            Histogram(name, text, ["stage"], buckets=_SECONDS, registry=registry)
            for name, text in (
                ("dragoman_job_wait_seconds", "Time of a job in the queue before its engine"),
                ("dragoman_job_run_seconds", "Time of one run of a job in its engine"),
            )
        )
        self.heard = Histogram(
            "dragoman_heard_latency_seconds",
            "Voice to its interpretation as pages hear both, by their word",
            buckets=_SECONDS,
            registry=registry,
        )
        self.confidence = Histogram(
            "dragoman_recognition_confidence",
            "Confidence of the recogniser in final texts, 0 to 1",
            buckets=_CONFIDENCES,
            registry=registry,
        )


def _observe(histogram: Histogram, took_ms: float | None) -> None:
    """Take in a time that was measured. A negative one counts as 0: the sum of a histogram never falls."""
    if took_ms is not None:
        histogram.observe(max(0.0, took_ms) / 1000)
