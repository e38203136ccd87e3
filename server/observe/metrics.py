"""Counters and histograms of the server's life, which events of rooms, sessions and the audit log move."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

from accounts.audit_events import OK, AuditEvent
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
from pipeline.lanes.engine_set import EngineSet
from pipeline.text.translation_checks.verdict import Doubt, HeldReason
from pipeline.timings import JobTimed, Result, Timing
from server.call_admission import Admission
from server.observe.loop import LoopReadings
from server.observe.rooms import RoomReadings
from server.observe.stages import StageReadings
from server.observe.time_log import STAGES
from signaling.refusal import Code
from signaling.session_states import SessionStep

_SECONDS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 1.2, 1.5, 2, 3, 5, 10)
_CALL_SECONDS = (10, 30, 60, 180, 300, 600, 1200, 1800, 3600, 7200, 14400)
_CONFIDENCES = (0.1, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 1)
_LONGEST_HEARD_S = 30.0
"""A client's word is believed up to here."""
_JOB_RESULTS = (Result.DONE, Result.FAILED, Result.REFUSED, Result.GIVEN_UP)
_PLAYBACK = "playback"
_SIGN_INS = (OK, Code.UNAUTHORIZED.value, Code.LOCKED.value, Code.RATE_LIMITED.value)
_ENDS = tuple(step for step in SessionStep if step is not SessionStep.PAIRED)


class Metrics:
    """Figures of one server, in a registry of its own: two servers in a process don't share them.

    Counters that an alert watches are 0 from the start: Prometheus sees no increase of one that begins with 1.
    """

    def __init__(self, stages: EngineSet, admission: Admission) -> None:
        self.registry = CollectorRegistry()
        self.rooms = RoomReadings()
        self._utterances = self._counter(
            "dragoman_utterances", "Utterances that ended, for each listener's language", "outcome", Outcome
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
        self._waits, self._runs = (
            Histogram(name, text, ["stage"], buckets=_SECONDS, registry=self.registry)
            for name, text in (
                ("dragoman_job_wait_seconds", "Time of a job in the queue before its engine"),
                ("dragoman_job_run_seconds", "Time of one run of a job in its engine"),
            )
        )
        self._heard = Histogram(
            "dragoman_heard_latency_seconds",
            "Voice to its interpretation as pages hear both, by their word",
            buckets=_SECONDS,
            registry=self.registry,
        )
        self._confidence = Histogram(
            "dragoman_recognition_confidence",
            "Confidence of the recogniser in final texts, 0 to 1",
            buckets=_CONFIDENCES,
            registry=self.registry,
        )
        self._speech = Counter("dragoman_speech_seconds", "Time of speech that has final text", registry=self.registry)
        self._jobs = Counter(
            "dragoman_jobs", "Jobs that have left their lane, and runs that are over", ["stage", "result"],
            registry=self.registry,
        )  # fmt: skip
        for stage in EngineStage:
            for result in _JOB_RESULTS:
                self._jobs.labels(stage.value, result.value)
        self._failures = self._counter(
            "dragoman_engine_failures", "Utterances on which an engine failed", "stage", EngineStage
        )
        self._contained = self._counter(
            "dragoman_contained_failures",
            "Errors of ours that cost one participant a message, a packet, a sound or a connection, and nobody else",
            "seam",
            (*Seam, _PLAYBACK),
        )
        self._speculations = self._counter(
            "dragoman_speculations",
            "Clauses translated before they were final, by whether they became final as expected",
            "result",
            ("hit", "miss"),
        )
        self._held = self._counter(
            "dragoman_translations_held",
            "Answers of the translator that were held back as no translation, by the reason",
            "reason",
            HeldReason,
        )
        self._unsure = self._counter(
            "dragoman_translations_unsure",
            "Translations that were spoken and marked as unsure, by the doubt",
            "doubt",
            Doubt,
        )
        self._microphones = self._counter(
            "dragoman_microphone_faults",
            "Packets of microphones that were not heard, and streams with wrong audio levels",
            "fault",
            MicrophoneFault,
        )
        self._refused = Counter(
            "dragoman_datagrams_refused",
            "Datagrams of STUN, DTLS and SCTP that were over their connection's budget",
            registry=self.registry,
        )
        self._silent_clients = self._counter(
            "dragoman_silent_clients",
            "Clients found to be deaf or mute without knowing it",
            "reason",
            StatusReason,
        )
        self._audited = Counter(
            "dragoman_audit_events",
            "Entries of the audit log, by event and outcome",
            ["event", "outcome"],
            registry=self.registry,
        )
        for outcome in _SIGN_INS:
            self._audited.labels(AuditEvent.SIGN_IN.value, outcome)
        self._ended = self._counter("dragoman_sessions_ended", "Sessions that ended, by the step", "step", _ENDS)
        self._lasted = Histogram(
            "dragoman_session_seconds",
            "Time from the pairing of a session to its end",
            buckets=_CALL_SECONDS,
            registry=self.registry,
        )
        self._reached = Counter(
            "dragoman_connections", "Participants who got a socket and media", registry=self.registry
        )
        self._again = Counter(
            "dragoman_reconnections", "Participants among them who had both before", registry=self.registry
        )
        self._lost = Counter(
            "dragoman_disconnections",
            "Participants whose socket or media went away during their session",
            registry=self.registry,
        )
        ProcessCollector(registry=self.registry)
        for readings in (StageReadings(stages), self.rooms, LoopReadings(admission)):
            self.registry.register(readings)

    def _counter(self, name: str, text: str, label: str, values: Iterable[str]) -> Counter:
        """Return a counter that begins with 0 for each value of its label."""
        counter = Counter(name, text, [label], registry=self.registry)
        for value in values:
            counter.labels(str(value))
        return counter

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Count an event of a room; an `Observer`."""
        match event:
            case UtteranceEnded(outcome=outcome, latency=latency):
                self._utterances.labels(outcome.value).inc()
                for field, stage in STAGES.items():
                    _observe(self._stage.labels(stage), getattr(latency, field))
                _observe(self._first_audio, latency.first_audio_ms)
            case Translated(held=held, unsure=unsure):
                if held is not None:
                    self._held.labels(held.value).inc()
                for doubt in unsure:
                    self._unsure.labels(doubt.value).inc()
            case Transcribed(final=True, start_ms=start_ms, end_ms=end_ms) if event.text and end_ms > start_ms:  # said
                self._confidence.observe(event.confidence)
                self._speech.inc((end_ms - start_ms) / 1000)
            case HeardLatencyReported(heard_latency_ms=heard_ms):
                self._heard.observe(min(_LONGEST_HEARD_S, max(0.0, heard_ms / 1000)))
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
            _observe(self._waits.labels(timing.stage), (began_at - timing.queued_at) * 1000)
            if timing.started_at is not None:
                _observe(self._runs.labels(timing.stage), (timing.ended_at - began_at) * 1000)

    def count_audit(self, event: str, outcome: str) -> None:
        """Count an entry of the audit log; both words are of closed sets."""
        self._audited.labels(event, outcome).inc()

    def reached(self, *, again: bool) -> None:
        """Count a participant who has a socket and media now; part of a `Tally`, as the two below are."""
        self._reached.inc()
        if again:
            self._again.inc()

    def lost(self) -> None:
        """Count a participant whose socket or media is gone."""
        self._lost.inc()

    def ended(self, step: SessionStep, lasted_s: float | None) -> None:
        """Count the end of a session."""
        self._ended.labels(step.value).inc()
        if lasted_s is not None:
            self._lasted.observe(max(0.0, lasted_s))  # the wall clock may have been set back

    def exposition(self) -> bytes:
        """Return the page of `GET /metrics` (Prometheus text format 0.0.4)."""
        return generate_latest(self.registry)


def _observe(histogram: Histogram, took_ms: float | None) -> None:
    """Take in a time that was measured. A negative one counts as 0: the sum of a histogram never falls."""
    if took_ms is not None:
        histogram.observe(max(0.0, took_ms) / 1000)
