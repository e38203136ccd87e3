"""A collector of traces: a real OTLP/HTTP receiver, which decodes what it is sent, and may refuse it or be silent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


@dataclass(frozen=True, slots=True)
class Collected:
    """A span as it arrived. Its times are nanoseconds since 1970, its ids hexadecimal."""

    name: str
    trace: str
    span: str
    parent: str
    began_ns: int
    ended_ns: int
    attributes: dict[str, Any]
    failed: bool
    service: str

    @property
    def took_ms(self) -> float:
        return (self.ended_ns - self.began_ns) / 1e6


class Collector:
    """`spans` in order of arrival, and the `headers` of each request."""

    def __init__(self) -> None:
        self.url = ""
        self.spans: list[Collected] = []
        self.headers: list[dict[str, str]] = []
        self.status = 200
        """The status of its answers."""
        self.answers = asyncio.Event()
        """Silent until this is set."""
        self.answers.set()

    async def take(self, request: web.Request) -> web.Response:
        body = await request.read()
        await self.answers.wait()
        if self.status != 200:
            return web.Response(status=self.status)
        assert request.headers["Content-Type"] == "application/x-protobuf"
        self.headers.append({name.lower(): value for name, value in request.headers.items()})
        for of_resource in ExportTraceServiceRequest.FromString(body).resource_spans:
            service = _values(of_resource.resource.attributes)["service.name"]
            for scope in of_resource.scope_spans:
                self.spans += [_collected(span, service) for span in scope.spans]
        return web.Response(content_type="application/x-protobuf")

    async def until(self, count: int) -> None:
        """Return once that many spans have arrived."""
        async with asyncio.timeout(60):
            while len(self.spans) < count:
                await asyncio.sleep(0.02)


def _collected(span: Any, service: str) -> Collected:
    return Collected(
        span.name,
        span.trace_id.hex(),
        span.span_id.hex(),
        span.parent_span_id.hex(),
        span.start_time_unix_nano,
        span.end_time_unix_nano,
        _values(span.attributes),
        span.status.code == 2,
        service,
    )


def _values(attributes: Any) -> dict[str, Any]:
    return {one.key: _value(one.value) for one in attributes}


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    return [_value(one) for one in value.array_value.values] if kind == "array_value" else getattr(value, kind)


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """Run a collector on a free port."""
    collector = Collector()
    app = web.Application()
    app.add_routes([web.post("/v1/traces", collector.take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield collector
    finally:
        collector.answers.set()
        await runner.cleanup()
