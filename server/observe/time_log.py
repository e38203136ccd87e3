"""Log of times: one line for each utterance that ended, and at level `debug` one for each step and each job."""

from __future__ import annotations

import logging
from typing import Any

from media.events import RoomEvent
from pipeline.context import Context
from pipeline.events import UtteranceEnded
from pipeline.timings import JobTimed, StepTimed, Timing
from server.observe.spans import TraceIds

STAGES = {"endpoint_ms": "endpointing", "stt_ms": "stt", "translation_ms": "mt", "tts_ms": "tts"}
"""Names of stages in figures and logs, by the field of `Latency`."""

log = logging.getLogger(__name__)


def log_utterance(context: Context, event: RoomEvent) -> None:
    """Log the end of an utterance with its time in each stage; an `Observer`."""
    if not isinstance(event, UtteranceEnded):
        return
    latency = event.latency
    times = {f"{stage}_ms": getattr(latency, field) for field, stage in STAGES.items()}
    times["first_audio_ms"] = latency.first_audio_ms
    log.info(
        "utterance ended",
        extra={
            **_names(context),
            "trace": TraceIds.of(context.session, event.utterance).name,
            "target": event.target,
            "outcome": event.outcome.value,
            **({} if event.reason is None else {"reason": event.reason}),
            **{name: round(took_ms, 1) for name, took_ms in times.items() if took_ms is not None},
        },
    )


def log_timing(context: Context, timing: Timing) -> None:
    """Log a step or a job that is over; a `TimingObserver`, for the level `debug`."""
    match timing:
        case StepTimed():
            took_ms = (timing.ended_at - timing.began_at) * 1000
            fields = {"step": timing.name.value, "kind": timing.kind, "span": timing.span}
            ended = {"took_ms": round(took_ms, 1), "result": timing.result.value}
            log.debug("step ended", extra={**_names(context), **fields, **ended})
        case JobTimed():
            began_at = timing.ended_at if timing.started_at is None else timing.started_at
            fields = {"stage": timing.stage, "engine": timing.engine, "span": context.span or ""}
            waited_ms, took_ms = (began_at - timing.queued_at) * 1000, (timing.ended_at - began_at) * 1000
            times = {"wait_ms": round(waited_ms, 1), "run_ms": round(took_ms, 1), "result": timing.result.value}
            log.debug("job ended", extra={**_names(context), **fields, **times})


def _names(context: Context) -> dict[str, Any]:
    return {"session": context.session, "participant": context.participant, "utterance": context.utterance}
