"""Export of spans to a real OTLP receiver: what arrives, and what a collector costs that refuses, is silent or gone."""

from __future__ import annotations

import asyncio
import builtins
import socket
from collections.abc import Callable
from typing import Any

import pytest

from server.observe import otlp
from server.observe.otlp import MOST_WAITING, OtlpExport
from server.observe.spans import Span, TraceIds
from server.observe.tracing import Tracing, TracingReadings, tracing_of
from server.settings import BadSetting, Settings
from server.settings.reading import read
from tests.kit.trace_collector import collecting

IDS = TraceIds.of("s-1", "u-1")
ROOT = Span("utterance", IDS.trace, IDS.root, None, 1_000, 5_000, {"dragoman.targets": ("es", "fr")})
CHILD = Span("run", IDS.trace, 7, IDS.root, 2_000, 4_000, {"dragoman.attempt": 2, "dragoman.cut": True}, failed=True)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The exporter sends each tenth of a second, and waits for an answer for as long as a slow machine needs."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "60")


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 - another thread counts
            await asyncio.sleep(0.01)


async def test_spans_arrive_whole_with_names_times_and_headers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "calls")
    async with collecting() as collector:
        export = OtlpExport(f"{collector.url}/v1/traces", {"authorization": "Bearer of tidings"}, "1.2.3")
        export.send([CHILD, ROOT])
        await collector.until(2)
        await until(lambda: export.counts.sent == 2)
        await export.close()
    child, root = sorted(collector.spans, key=lambda span: span.name)
    assert (root.trace, root.span, root.parent) == (IDS.name, f"{IDS.root:016x}", "")
    assert (child.trace, child.span, child.parent) == (IDS.name, f"{7:016x}", root.span)
    assert (child.began_ns, child.ended_ns, child.failed, root.failed) == (2_000, 4_000, True, False)
    assert child.attributes == {"dragoman.attempt": 2, "dragoman.cut": True}
    assert root.attributes == {"dragoman.targets": ["es", "fr"]}
    assert root.service == "calls"
    assert collector.headers[0]["authorization"] == "Bearer of tidings"


async def test_a_collector_that_is_gone_costs_spans_and_is_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "0.5")  # it is given up at the first failure
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        export = OtlpExport(f"http://127.0.0.1:{taken.getsockname()[1]}/v1/traces", {}, "1")
        for count in (2, 4):
            export.send([CHILD, ROOT])
            await until(lambda count=count: export.counts.refused == count)  # type: ignore[misc]
        await export.close()
    assert export.counts.sent == 0
    assert [record.message for record in caplog.records if record.levelname != "DEBUG"] == [
        "the collector takes no traces: they are let go, calls go on"
    ]


async def test_a_collector_that_refuses_and_comes_back(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with collecting() as collector:
        export = OtlpExport(f"{collector.url}/v1/traces", {}, "1")
        collector.status = 400
        export.send([ROOT])
        await until(lambda: export.counts.refused == 1)
        collector.status = 200
        export.send([CHILD])
        await until(lambda: export.counts.sent == 1)
        await export.close()
    assert [record.message for record in caplog.records if record.name == otlp.log.name] == [
        "the collector takes no traces: they are let go, calls go on",
        "traces are exported again",
    ]


async def test_of_a_silent_collector_waits_a_bounded_number_and_an_end_does_not_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(otlp, "LAST_WORDS_S", 0.2)
    async with collecting() as collector:
        collector.answers.clear()
        export = OtlpExport(f"{collector.url}/v1/traces", {}, "1")
        export.send([ROOT])
        await until(lambda: export.waiting == 0)  # the thread waits for its answer
        export.send([CHILD] * (MOST_WAITING + 60))
        assert (export.waiting, export.counts.overflowed) == (MOST_WAITING, 60)
        async with asyncio.timeout(50):  # before the exporter itself gives up
            await export.close()
        assert export.counts.sent == 0
        collector.answers.set()


def test_readings_name_every_fate() -> None:
    (family,) = TracingReadings(otlp.SpanCounts(3, 2, 1)).collect()
    assert {sample.labels["fate"]: sample.value for sample in family.samples} == {
        "sent": 3,
        "refused": 2,
        "overflowed": 1,
    }


async def test_traces_are_off_unless_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    for environment in ({}, {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://localhost:4318"}):
        async with tracing_of(read(environment), lambda: 0.0) as tracing:
            assert tracing is None
    async with collecting() as collector:
        settings = read({"DRAGOMAN_OTLP_ENDPOINT": f"{collector.url}/", "DRAGOMAN_OTLP_HEADERS": "x-key=a%20b,y=c"})
        assert settings.otlp_headers == (("x-key", "a b"), ("y", "c")) and "a b" not in repr(settings)
        async with tracing_of(settings, lambda: 0.0) as tracing:
            assert isinstance(tracing, Tracing)


async def test_without_the_extra_the_start_is_refused_and_says_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(BadSetting, match=r"DRAGOMAN_OTLP_ENDPOINT: .*pip install 'dragoman\[trace\]'"):
        async with tracing_of(Settings(otlp_endpoint="http://localhost:4318"), lambda: 0.0):
            raise AssertionError("it runs")


async def test_a_standard_variable_that_is_wrong_is_refused_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1000000")
    with pytest.raises(BadSetting, match=r"DRAGOMAN_OTLP_ENDPOINT: .*batch"):
        async with tracing_of(Settings(otlp_endpoint="http://localhost:4318"), lambda: 0.0):
            raise AssertionError("it runs")


@pytest.mark.parametrize("text", ["novalue with space=1", "=x", "a=%0d%0ainjected:1"])
def test_headers_that_are_none_are_refused_without_their_value(text: str) -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_OTLP_HEADERS") as refused:
        read({"DRAGOMAN_OTLP_HEADERS": text})
    assert "injected" not in str(refused.value)
