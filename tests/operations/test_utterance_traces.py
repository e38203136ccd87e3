"""Spans of an utterance's trace, made from events and timings alone: on a virtual clock every length is exact."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import pytest

from media.observers import context_of
from pipeline.context import NOWHERE, Context, bound, current
from pipeline.engines.scripted import ScriptedSynthesizer, ScriptedTranscriber, ScriptedTranslator
from pipeline.errors import EngineError, LaneBusy
from pipeline.events import Event, Latency, Outcome, PlaybackState, SpeechPlayed, UtteranceEnded, UtteranceStarted
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.timings import JobTimed, Result, StepName, StepTimed, TimedStep, Timing, Timings, UtteranceTimed
from server.observe.spans import Span, TraceIds
from server.observe.utterance_traces import UtteranceTraces
from testing.virtual_clock import virtually
from tests.kit.interpreter_scene import Scene

EPOCH_NS = 1_700_000_000_000_000_000
FINALS_ONLY = InterpreterOptions(passes=RecognitionOptions(interim_every_s=1e9, first_interim_s=1e9, ahead=False))
WORK = Context("s-1", "ann", "u-1")


def new_traces() -> UtteranceTraces:
    return UtteranceTraces(lambda: EPOCH_NS)


class Traced:
    """A scene whose events and timings make spans."""

    def __init__(self, scene: Scene) -> None:
        self.spans: list[Span] = []
        self.traces = new_traces()
        scene.on_event = self._event
        scene._stages.timings.observe(self._timing)

    def _event(self, event: Event) -> None:
        now = asyncio.get_running_loop().time()
        self.spans += self.traces.observe(context_of("s-1", event), event, now)

    def _timing(self, context: Context, timing: Timing) -> None:
        self.spans += self.traces.time(context, timing)


def tree(spans: list[Span]) -> list[str]:
    """Return the spans of one trace as indented lines in order of their beginnings: name, what, from, for (ms)."""
    (root,) = [span for span in spans if span.parent is None]
    assert {span.trace for span in spans} == {root.trace}
    lines: list[str] = []

    def show(span: Span, depth: int) -> None:
        what = [str(span.attributes[f"dragoman.{name}"]) for name in ("kind", "stage", "result") if
                f"dragoman.{name}" in span.attributes]  # fmt: skip
        since_ms, took_ms = ((at - span_from) / 1e6 for at, span_from in (
            (span.began_ns, root.began_ns), (span.ended_ns, span.began_ns)
        ))  # fmt: skip
        lines.append(" ".join(["  " * depth + span.name, *what, f"{since_ms:.0f}+{took_ms:.0f}"]))
        children = [one for one in spans if one.parent == span.span]
        for child in sorted(children, key=lambda one: (one.began_ns, one.name)):
            show(child, depth + 1)

    show(root, 0)
    assert len(lines) == len(spans), "each span is part of the tree"
    return lines


@virtually
async def test_an_utterance_from_its_first_voiced_frame_to_its_last_sound() -> None:
    stt, mt, tts = ScriptedTranscriber(delay_s=0.3), ScriptedTranslator(delay_s=0.1), ScriptedSynthesizer(delay_s=0.05)
    with bound("s-1", participant="ann"):
        async with Scene(stt=stt, mt=mt, tts=tts, settings=FINALS_ONLY) as scene:
            traced = Traced(scene)
            await scene.silence(1.0)
            await scene.tone(440, 1.0)
            await scene.silence(3.0)
    (end,) = scene.of(UtteranceEnded)
    sound_ms = sum(speech.duration_ms for speech in scene.ears[0].heard)
    assert tree(traced.spans) == [
        f"utterance 0+{980 + 500 + 450 + sound_ms:.0f}",
        "  endpointing 980+500",
        "  pass whole done 1480+300",
        "    queue stt 1480+0",
        "    run stt done 1480+300",
        "  recognition 1480+300",
        "  translation done 1780+100",
        "    queue mt 1780+0",
        "    run mt done 1780+100",
        "  synthesis done 1880+50",
        "    queue tts 1880+0",
        "    run tts done 1880+50",
        f"  playout 1930+{sound_ms:.0f}",
    ]
    root = next(span for span in traced.spans if span.parent is None)
    assert root.attributes == {
        "dragoman.session": "s-1",
        "dragoman.participant": "ann",
        "dragoman.utterance": end.utterance,
        "dragoman.targets": ("es",),
        "dragoman.outcomes": ("spoken",),
        "dragoman.first_audio_ms": end.latency.first_audio_ms,
    }
    assert (root.trace, root.span) == (TraceIds.of("s-1", end.utterance).trace, TraceIds.of("s-1", end.utterance).root)
    assert len(traced.traces) == 0


@virtually
async def test_work_ahead_of_time_is_a_step_of_its_own_with_its_result() -> None:
    stt, mt = ScriptedTranscriber({"en": ["One sentence."] * 9}, delay_s=0.02), ScriptedTranslator(delay_s=0.05)
    with bound("s-1", participant="ann"):
        async with Scene(stt=stt, mt=mt, tts=ScriptedSynthesizer(delay_s=0.03)) as scene:
            traced = Traced(scene)
            await scene.silence(1.0)
            await scene.tone(440, 1.0)
            await scene.silence(3.0)
    lines = tree(traced.spans)
    (ahead,) = [place for place, line in enumerate(lines) if line.startswith("  ahead hit")]
    assert [line.split()[0] for line in lines[ahead + 1 : ahead + 7]] == [
        "translation", "queue", "run", "synthesis", "queue", "run",
    ]  # fmt: skip
    assert not any(line.startswith(("  translation", "  synthesis")) for line in lines), "nothing was made twice"
    assert sum(line.startswith("  pass interim") for line in lines) > 1
    (end,) = scene.of(UtteranceEnded)
    (translation,) = [line for line in lines if "translation" in line]
    assert end.latency.translation_ms == pytest.approx(float(translation.rpartition("+")[2]), abs=0.6)


def timed(result: Result = Result.DONE, **changes: Any) -> JobTimed:
    fields: dict[str, Any] = {"stage": "mt", "engine": "mt x", "queued_at": 1.0, "started_at": 1.5, "ended_at": 2.0}
    return JobTimed(**(fields | {"attempt": 1, "result": result} | changes))


def test_a_job_that_never_ran_has_a_wait_and_no_run() -> None:
    (queue,) = new_traces().time(WORK, timed(Result.GIVEN_UP, started_at=None))
    assert (queue.name, queue.failed, queue.attributes["dragoman.result"]) == ("queue", False, "given_up")
    queue, run = new_traces().time(WORK, timed(Result.FAILED, attempt=2))
    assert (queue.failed, run.failed, run.attributes["dragoman.attempt"]) == (False, True, 2)


def test_work_for_no_utterance_makes_no_span() -> None:
    for context in (NOWHERE, Context("s-1"), Context("s-1", "ann"), Context("", None, "u-1")):
        assert list(new_traces().time(context, timed())) == []


def test_what_comes_after_the_end_still_joins_its_trace() -> None:
    traces = new_traces()
    list(traces.observe(WORK, UtteranceStarted("u-1", "ann"), 1.0))
    end = UtteranceEnded("u-1", "ann", "es", (), Outcome.NOTHING_SAID, Latency())
    assert list(traces.observe(WORK, end, 3.0)) == [], "its recognition is not over"
    spans = list(traces.time(WORK, UtteranceTimed(0.5, 1.0, 1.5, None, targets=1)))
    assert [(span.name, span.began_ns - EPOCH_NS, span.ended_ns - EPOCH_NS) for span in spans] == [
        ("endpointing", 1_000_000_000, 1_500_000_000),
        ("utterance", 500_000_000, 1_500_000_000),
    ]
    late, _ = traces.time(WORK, timed())
    assert (late.trace, late.parent) == (spans[1].trace, spans[1].span)
    assert list(traces.observe(WORK, end, 4.0)) == [] and len(traces) == 0


def test_an_utterance_ends_with_its_last_language() -> None:
    traces = new_traces()
    list(traces.observe(WORK, UtteranceStarted("u-1", "ann"), 1.0))
    list(traces.time(WORK, UtteranceTimed(0.5, 1.0, 1.5, (1.5, 1.6), targets=2)))
    ends = [UtteranceEnded("u-1", "ann", target, (), Outcome.SPOKEN, Latency()) for target in ("es", "fr")]
    assert list(traces.observe(WORK, ends[0], 2.0)) == []
    (root,) = traces.observe(WORK, ends[1], 2.5)
    assert root.attributes["dragoman.targets"] == ("es", "fr")


def test_a_call_that_ends_leaves_no_trace_open() -> None:
    traces = new_traces()
    other = Context("s-2", "bo", "u-1")
    for context in (WORK, other):
        list(traces.observe(context, UtteranceStarted("u-1", "ann"), 1.0))
        list(traces.time(context, timed()))
    list(traces.observe(Context("s-1", "ann", "u-2"), UtteranceStarted("u-2", "ann"), 1.0))
    (root,) = traces.close("s-1")
    assert (root.parent, root.attributes["dragoman.cut"]) == (None, True), "of one without any time nothing is known"
    assert len(traces) == 1
    assert list(traces.close("s-1")) == []


def test_a_segment_that_was_skipped_has_no_playout() -> None:
    traces = new_traces()
    list(traces.observe(WORK, UtteranceStarted("u-1", "ann"), 1.0))

    def played(state: str, at: float, listener: str = "bob") -> list[Span]:
        return list(traces.observe(WORK, SpeechPlayed("u-1", "ann", listener, 0, PlaybackState(state)), at))

    assert played("skipped", 2.0) == [] and played("start", 3.0) == [] and played("start", 3.5, "eve") == []
    spans = [*played("end", 4.0), *played("end", 5.0, "eve")]
    assert [(one.attributes["dragoman.listener"], one.ended_ns - one.began_ns) for one in spans] == [
        ("bob", 1_000_000_000),
        ("eve", 1_500_000_000),
    ]


@pytest.mark.parametrize(
    ("error", "result"),
    [
        (None, Result.DONE),
        (LaneBusy("full"), Result.REFUSED),
        (EngineError("no"), Result.FAILED),
        (ValueError("a defect"), Result.FAILED),
        (asyncio.CancelledError(), Result.GIVEN_UP),
    ],
)
def test_a_step_tells_how_it_ended(error: BaseException | None, result: Result) -> None:
    told: list[tuple[Context, Timing]] = []
    timings, moments = Timings(), iter([1.0, 2.5])
    timings.observe(lambda context, timing: told.append((context, timing)))
    step = TimedStep(timings, lambda: next(moments), StepName.PASS, "whole")
    inside = None
    with contextlib.suppress(BaseException), bound("s-1", utterance="u-1"), step:
        inside = current()
        if error is not None:
            raise error
    assert inside == Context("s-1", None, "u-1", None, step.span)
    assert told == [(Context("s-1", None, "u-1"), StepTimed(StepName.PASS, step.span, 1.0, 2.5, result, "whole"))]
    assert step.took_ms == 1500


def test_where_nobody_observes_steps_they_have_their_length_and_no_name() -> None:
    told: list[Timing] = []
    timings, moments = Timings(), iter([1.0, 2.5])
    timings.observe_jobs(lambda context, timing: told.append(timing))
    with bound("s-1", utterance="u-1") as outside, TimedStep(timings, lambda: next(moments), StepName.PASS) as step:
        assert current() == outside
    assert step.took_ms == 1500
    timings.tell(WORK, timed())
    assert told == [timed()], "a job is, as before"


@pytest.mark.throws
def test_an_observer_that_raises_costs_no_other_a_timing() -> None:
    seen: list[Timing] = []
    timings = Timings()
    timings.observe(lambda context, timing: 1 / 0)  # type: ignore[arg-type, return-value]
    timings.observe(lambda context, timing: seen.append(timing))
    timings.tell(WORK, timed())
    assert seen == [timed()]


def test_one_file_knows_opentelemetry() -> None:
    root = Path(__file__).parents[2]
    folders = ("pipeline", "media", "signaling", "accounts", "storage", "server", "wire")
    files = [path for folder in folders for path in (root / folder).rglob("*.py")]
    found = [path for path in files if "from opentelemetry" in path.read_text("utf-8")]
    assert [str(path.relative_to(root)) for path in found] == ["server/observe/otlp.py"]
