"""Exports spans by OTLP over HTTP, in a thread of OpenTelemetry's SDK.

Spans that cannot be sent are counted and let go.

The SDK and its exporter are the extra `trace`, and are imported only where traces are on. The exporter also heeds the
standard `OTEL_` variables for certificates, compression, timeouts and batches, and for names of the service.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.observe.spans import Span

log = logging.getLogger(__name__)

MOST_WAITING = 4096
"""Spans that wait for the collector, about 4 MB. Those beyond are let go."""
LAST_WORDS_S = 2.0
"""Time that the collector has at the server's end to take what waits."""


class NoExporter(Exception):
    """The extra `trace` is not installed."""


@dataclass(slots=True)
class SpanCounts:
    """Spans by what became of them."""

    sent: int = 0
    """The collector took them."""
    refused: int = 0
    """The collector did not answer, or refused them."""
    overflowed: int = 0
    """Too many were waiting."""


class OtlpExport:
    """Sends spans to one collector. Its methods are called on the event loop, and return at once."""

    def __init__(self, endpoint: str, headers: Mapping[str, str], version: str) -> None:
        """Export to `endpoint`, such as `http://localhost:4318/v1/traces`. Raises NoExporter."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import OTELResourceDetector, Resource
            from opentelemetry.sdk.trace import ReadableSpan
            from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
            from opentelemetry.sdk.util.instrumentation import InstrumentationScope
            from opentelemetry.trace import SpanContext, Status, StatusCode, TraceFlags
        except ImportError as error:
            raise NoExporter("traces need more packages: pip install 'dragoman[trace]'") from error
        self.counts = SpanCounts()
        self.offered = 0
        """Spans that were given to the thread."""
        self._taken = 0
        own = Resource({"service.name": "dragoman", "service.version": version})
        self._resource = own.merge(OTELResourceDetector().detect())  # OTEL_SERVICE_NAME, OTEL_RESOURCE_ATTRIBUTES
        self._scope = InstrumentationScope("dragoman", version)
        self._readable, self._context = ReadableSpan, SpanContext
        self._sampled = TraceFlags(TraceFlags.SAMPLED)
        self._ok, self._error = Status(StatusCode.UNSET), Status(StatusCode.ERROR)
        # It logs each attempt. We log when the collector goes away and comes back, and count.
        logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
        inner = OTLPSpanExporter(endpoint=endpoint, headers=dict(headers) or None)
        export = self

        class Counting(SpanExporter):
            """Counts what the exporter does. Runs in the SDK's thread, which alone writes these numbers."""

            def export(self, spans: Sequence[Any]) -> SpanExportResult:
                export._taken += len(spans)
                try:
                    result = inner.export(spans)
                except Exception:  # noqa: BLE001 - whatever a collector does costs its spans alone
                    result = SpanExportResult.FAILURE
                export._note(len(spans), sent=result is SpanExportResult.SUCCESS)
                return result

            def shutdown(self) -> None:
                inner.shutdown()  # type: ignore[no-untyped-call]

        self._away = False
        self._processor = BatchSpanProcessor(Counting(), max_queue_size=2 * MOST_WAITING)

    @property
    def waiting(self) -> int:
        """Spans that the thread has not taken yet."""
        return self.offered - self._taken

    def send(self, spans: Iterable[Span]) -> None:
        """Queue spans for the thread, unless too many wait."""
        for span in spans:
            if self.waiting >= MOST_WAITING:
                self.counts.overflowed += 1
                continue
            self.offered += 1
            self._processor.on_end(self._converted(span))

    def _converted(self, span: Span) -> Any:
        parent = None if span.parent is None else self._named(span.trace, span.parent)
        return self._readable(
            span.name,
            context=self._named(span.trace, span.span),
            parent=parent,
            resource=self._resource,
            attributes=dict(span.attributes),
            instrumentation_scope=self._scope,
            status=self._error if span.failed else self._ok,
            start_time=span.began_ns,
            end_time=span.ended_ns,
        )

    def _named(self, trace: int, span: int) -> Any:
        return self._context(trace, span, is_remote=False, trace_flags=self._sampled)

    def _note(self, count: int, *, sent: bool) -> None:
        """Count a batch, and log when the collector goes away and comes back."""
        if sent:
            self.counts.sent += count
        else:
            self.counts.refused += count
        if self._away is sent:
            self._away = not sent
            if sent:
                log.info("traces are exported again")
            else:
                log.warning("the collector takes no traces: they are let go, calls go on")

    async def close(self) -> None:
        """Send what waits, within `LAST_WORDS_S`."""
        last = threading.Thread(target=self._processor.shutdown, name="last traces", daemon=True)
        last.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LAST_WORDS_S):
                while last.is_alive():  # noqa: ASYNC110 - a thread sets no event of ours
                    await asyncio.sleep(0.02)
