"""The metrics of one server: counters of calls, sessions and the audit log, and readings that are taken at a scrape."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

from accounts.audit_events import OK, AuditEvent
from media.events import RoomEvent
from pipeline.context import Context
from pipeline.lanes.engine_set import EngineSet
from pipeline.timings import Timing
from server.call_admission import Admission
from server.observe.call_counters import CallCounters
from server.observe.counters import counter_by
from server.observe.loop import LoopReadings
from server.observe.rooms import RoomReadings
from server.observe.stages import StageReadings
from signaling.refusal import Code
from signaling.session_states import SessionStep

_CALL_SECONDS = (10, 30, 60, 180, 300, 600, 1200, 1800, 3600, 7200, 14400)
_SIGN_INS = (OK, Code.UNAUTHORIZED.value, Code.LOCKED.value, Code.RATE_LIMITED.value)
_ENDS = tuple(step for step in SessionStep if step is not SessionStep.PAIRED)


class Metrics:
    """Figures of one server, in a registry of its own: two servers in a process don't share them."""

    def __init__(self, stages: EngineSet, admission: Admission) -> None:
        self.registry = CollectorRegistry()
        self.rooms = RoomReadings()
        self._calls = CallCounters(self.registry)
        self._audited = Counter(
            "dragoman_audit_events",
            "Entries of the audit log, by event and outcome",
            ["event", "outcome"],
            registry=self.registry,
        )
        for outcome in _SIGN_INS:
            self._audited.labels(AuditEvent.SIGN_IN.value, outcome)
        self._ended = counter_by(
            self.registry, "dragoman_sessions_ended", "Sessions that ended, by the step", "step", _ENDS
        )
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

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Count an event of a room; an `Observer`."""
        self._calls.observe(context, event)

    def time(self, context: Context, timing: Timing) -> None:
        """Take in the times of a job; a `TimingObserver`."""
        self._calls.time(context, timing)

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
