"""Traces of a server: leads events and timings to the spans of utterances, and these to the collector."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from importlib.metadata import version

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from media.events import RoomEvent
from pipeline.context import Context
from pipeline.timings import Timing
from pipeline.types import Clock
from server.observe.otlp import NoExporter, OtlpExport, SpanCounts
from server.observe.utterance_traces import UtteranceTraces
from server.settings import BadSetting, Settings


class Tracing:
    """An observer of rooms and of timings."""

    def __init__(self, export: OtlpExport, now: Clock) -> None:
        self.counts = export.counts
        self._export = export
        self._now = now
        self._traces = UtteranceTraces(lambda: time.time_ns() - round(now() * 1e9))

    def observe(self, context: Context, event: RoomEvent) -> None:
        """Take in an event of a room; an `Observer`."""
        self._export.send(self._traces.observe(context, event, self._now()))

    def time(self, context: Context, timing: Timing) -> None:
        """Take in a timing; a `TimingObserver`."""
        self._export.send(self._traces.time(context, timing))

    def close(self, session: str) -> None:
        """End the traces of a call whose room is closed."""
        self._export.send(self._traces.close(session))


class TracingReadings(Collector):
    """Readings of what became of spans, at a scrape."""

    def __init__(self, counts: SpanCounts) -> None:
        self._counts = counts

    def collect(self) -> Iterable[Metric]:
        spans = CounterMetricFamily("dragoman_trace_spans", "Spans of traces, by what became of them", labels=["fate"])
        spans.add_metric(["sent"], self._counts.sent)
        spans.add_metric(["refused"], self._counts.refused)
        spans.add_metric(["overflowed"], self._counts.overflowed)
        return [spans]


@asynccontextmanager
async def tracing_of(settings: Settings, now: Clock) -> AsyncIterator[Tracing | None]:
    """Export traces as the settings say; None where they say nothing of it. Raises BadSetting without the extra."""
    if settings.otlp_endpoint is None:
        yield None
        return
    try:
        export = OtlpExport(f"{settings.otlp_endpoint}/v1/traces", dict(settings.otlp_headers), version("dragoman"))
    except (NoExporter, ValueError) as error:  # a ValueError is of one of the standard `OTEL_` variables
        raise BadSetting(f"DRAGOMAN_OTLP_ENDPOINT: {error}") from None
    try:
        yield Tracing(export, now)
    finally:
        await export.close()
