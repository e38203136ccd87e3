"""Makes the spans of each utterance's trace from events and timings. Pure: knows no clock, thread or exporter.

    utterance                     first voiced frame to the last sound played
    ├ endpointing                 last voiced frame to the decision that it was the last
    ├ recognition                 the last final recognition, of one pass or two
    ├ pass                        a run of the recogniser, also one over a pause or for an interim
    │ ├ queue, run                each job of a step in its lane
    ├ ahead                       a clause before it was final: `hit` or `miss`
    │ ├ translation, synthesis    its steps, with their jobs
    ├ translation, synthesis      of final segments, with their jobs
    └ playout                     a segment in one ear, from its first sound to its last

Only names of sessions, participants, utterances and segments are in a span, and languages. No words are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import getrandbits

from media.events import RoomEvent
from pipeline.context import Context
from pipeline.events import PlaybackState, SpeechPlayed, UtteranceEnded, UtteranceStarted
from pipeline.timings import JobTimed, Result, StepTimed, Timing, UtteranceTimed
from server.observe.spans import Attribute, Span, TraceIds

ROOT = "utterance"
_NS = 1_000_000_000


@dataclass(slots=True)
class _Trace:
    """The trace of an utterance that is under way. Moments are loop time, s."""

    context: Context
    ids: TraceIds
    offset_ns: int
    """Nanoseconds since 1970 at loop time 0: one for a whole trace, so that its lengths are exact."""
    began_at: float | None = None
    ended_at: float | None = None
    targets: int | None = None
    """Languages into which it is delivered; None before it is recognised to its end."""
    ends: list[UtteranceEnded] = field(default_factory=list)
    playing: dict[tuple[str, int], float] = field(default_factory=dict)
    """Moment of the first sound, by listener and segment."""

    @property
    def over(self) -> bool:
        return self.targets is not None and len(self.ends) >= self.targets

    def span(
        self,
        name: str,
        began_at: float,
        ended_at: float,
        attributes: Mapping[str, Attribute] | None = None,
        *,
        span: int | None = None,
        parent: int | None = None,
        failed: bool = False,
    ) -> Span:
        """Return a span of this trace. Without a `parent` it is a child of the root."""
        self.began_at = began_at if self.began_at is None else min(self.began_at, began_at)
        self.ended_at = ended_at if self.ended_at is None else max(self.ended_at, ended_at)
        return Span(
            name,
            self.ids.trace,
            getrandbits(64) if span is None else span,
            self.ids.root if parent is None else parent,
            self._ns(began_at),
            self._ns(max(began_at, ended_at)),
            _named(self.context, attributes or {}),
            failed,
        )

    def root(self, *, cut: bool) -> Iterable[Span]:
        """Return the span of the whole; none if nothing is known of its length. `cut`: the call is over before it."""
        if self.began_at is None or self.ended_at is None:
            return []
        attributes = _named(self.context, _outcome(self.ends)) | ({"dragoman.cut": True} if cut else {})
        times = self._ns(self.began_at), self._ns(self.ended_at)
        return [Span(ROOT, self.ids.trace, self.ids.root, None, *times, attributes)]

    def _ns(self, at: float) -> int:
        return self.offset_ns + round(at * _NS)


class UtteranceTraces:
    """Traces of all utterances that are under way. Work that ends after its utterance still joins the trace."""

    def __init__(self, offset_ns: Callable[[], int]) -> None:
        """`offset_ns` returns the present nanoseconds since 1970 at loop time 0."""
        self._offset_ns = offset_ns
        self._open: dict[tuple[str, str], _Trace] = {}

    def __len__(self) -> int:
        return len(self._open)

    def observe(self, context: Context, event: RoomEvent, now: float) -> Iterable[Span]:
        """Return the spans that an event at loop time `now` brings to their end."""
        match event:
            case UtteranceStarted(utterance=utterance):
                self._open[context.session, utterance] = self._new(context)
            case SpeechPlayed() if (trace := self._open.get((context.session, event.utterance))) is not None:
                return _played(trace, event, now)
            case UtteranceEnded() if (trace := self._open.get((context.session, event.utterance))) is not None:
                trace.ends.append(event)
                return self._closed(trace)
        return []

    def time(self, context: Context, timing: Timing) -> Iterable[Span]:
        """Return the spans that a timing makes. Work that is done for no utterance has none."""
        if not context.session or context.utterance is None:
            return []
        trace = self._open.get((context.session, context.utterance)) or self._new(context)
        parent = None if context.span is None else int(context.span, 16)
        match timing:
            case StepTimed():
                return [_step(trace, context, timing, parent)]
            case JobTimed():
                return _job(trace, timing, parent)
            case UtteranceTimed():
                return [*_recognised(trace, timing), *self._closed(trace)]

    def close(self, session: str) -> Iterable[Span]:
        """Return the spans of utterances that a call leaves unfinished: its room is closed."""
        cut = [key for key in self._open if key[0] == session]
        return [span for key in cut for span in self._open.pop(key).root(cut=True)]

    def _new(self, context: Context) -> _Trace:
        assert context.utterance is not None
        named = Context(context.session, context.participant, context.utterance)
        return _Trace(named, TraceIds.of(context.session, context.utterance), self._offset_ns())

    def _closed(self, trace: _Trace) -> Iterable[Span]:
        """Return the root of a trace that is over."""
        key = trace.context.session, trace.context.utterance or ""
        if not trace.over or self._open.pop(key, None) is None:
            return []
        return trace.root(cut=False)


def _played(trace: _Trace, event: SpeechPlayed, now: float) -> Iterable[Span]:
    key = event.listener, event.segment
    if event.state is PlaybackState.START:
        trace.playing[key] = now
        return []
    began_at = trace.playing.pop(key, None)
    if began_at is None:
        return []  # it was skipped: nobody heard any of it
    return [trace.span("playout", began_at, now, {"listener": event.listener, "segment": event.segment})]


def _step(trace: _Trace, context: Context, step: StepTimed, parent: int | None) -> Span:
    attributes: dict[str, Attribute] = {"result": step.result.value}
    if step.kind:
        attributes["kind"] = step.kind
    if step.target:
        attributes["target"] = step.target
    if context.segment is not None:
        attributes["segment"] = context.segment
    return trace.span(
        step.name.value,
        step.began_at,
        step.ended_at,
        attributes,
        span=int(step.span, 16),
        parent=parent,
        failed=step.result is Result.FAILED,
    )


def _job(trace: _Trace, job: JobTimed, parent: int | None) -> Iterable[Span]:
    """Return the wait in a lane's queue, and the run, if there was one."""
    names: dict[str, Attribute] = {"stage": job.stage, "engine": job.engine, "attempt": job.attempt}
    ended = names | {"result": job.result.value}
    failed = job.result is Result.FAILED
    if job.started_at is None:
        return [trace.span("queue", job.queued_at, job.ended_at, ended, parent=parent, failed=failed)]
    return [
        trace.span("queue", job.queued_at, job.started_at, names, parent=parent),
        trace.span("run", job.started_at, job.ended_at, ended, parent=parent, failed=failed),
    ]


def _recognised(trace: _Trace, timing: UtteranceTimed) -> Iterable[Span]:
    trace.targets = timing.targets
    trace.began_at = timing.onset_at  # what was heard before it was noise
    spans = [trace.span("endpointing", timing.voiced_at, timing.decided_at)]
    if timing.recognised is not None:
        spans.append(trace.span("recognition", *timing.recognised))
    return spans


def _outcome(ends: Sequence[UtteranceEnded]) -> Mapping[str, Attribute]:
    targets, outcomes = tuple(end.target for end in ends), tuple(end.outcome.value for end in ends)
    attributes: dict[str, Attribute] = {"targets": targets, "outcomes": outcomes}
    first_ms = next((end.latency.first_audio_ms for end in ends if end.latency.first_audio_ms is not None), None)
    return attributes if first_ms is None else attributes | {"first_audio_ms": first_ms}


def _named(context: Context, attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Return the attributes with the names of their work, each under our prefix."""
    names = {"session": context.session, "participant": context.participant or "", "utterance": context.utterance or ""}
    return {f"dragoman.{name}": value for name, value in (names | dict(attributes)).items()}
