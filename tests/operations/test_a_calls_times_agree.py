"""A real call over real media: its trace, its figures, its log and its subtitles tell the same time of every stage."""

from __future__ import annotations

import asyncio
import json
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.kit.packet_caller import Caller, calling
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES
from tests.kit.tones import packets
from tests.kit.trace_collector import Collected, collecting

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

MOST_MS = 5.0
KEY = "a key of the collector"
DELAYS = {"STT": 0.06, "MT": 0.05, "TTS": 0.04}
SETTINGS = {
    "DRAGOMAN_LOG_LEVEL": "debug",
    "DRAGOMAN_OTLP_HEADERS": f"x-key={KEY.replace(' ', '%20')}",
    "OTEL_BSP_SCHEDULE_DELAY": "200",
    **{f"DRAGOMAN_{stage}": f'scripted:{{"delay_s": {delay_s}}}' for stage, delay_s in DELAYS.items()},
}
STAGES = ("endpointing", "stt", "mt", "tts")
JOB_STAGES = ("stt", "mt", "tts")


async def test_trace_figures_log_and_subtitles_agree_on_every_stages_time(tmp_path: Path) -> None:
    async with collecting() as collector:
        with Server(tmp_path, **FOR_TONES, **SETTINGS, DRAGOMAN_OTLP_ENDPOINT=collector.url) as server:
            async with calling(server.url) as (ana, ben):
                said = [await utterance(ana, ben, 500, 0.8), await utterance(ben, ana, 600, 0.3)]
                began_at, heard_at = wall(ana.media.mouth.sent[0].at), wall(ben.media.lines[0][0].at)
                await ana.leave()
            figures = await scraped(server.url)
            await asyncio.to_thread(server.stop)  # what is not sent yet is sent at the end
        log = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
        traces = by_trace(collector.spans)
    ends = {end["utteranceId"]: end for end in said}
    utterances = [line for line in log if line["message"] == "utterance ended"]
    assert {line["utterance"] for line in utterances} == ends.keys() and len(utterances) == len(traces) == 2
    traced = {line["utterance"]: stages_of(traces[line["trace"]]) for line in utterances}
    for line in utterances:
        written = {name.removesuffix("_ms"): took for name, took in line.items() if name.endswith("_ms")}
        assert written == close_to(traced[line["utterance"]])
        assert told(ends[line["utterance"]]) == close_to(written)
        assert line["session"] == ana.session_id and line["outcome"] == "spoken"
    for name in (*STAGES, "first_audio"):
        assert {name: figures[name]} == close_to({name: sum(one[name] for one in traced.values())})
    jobs = [line for line in log if line["message"] == "job ended" and line.get("session")]
    for stage in JOB_STAGES:
        for span, field, figure in (("queue", "wait_ms", "wait"), ("run", "run_ms", "run")):
            took = sorted(one.took_ms for one in collector.spans
                          if (one.name, one.attributes.get("dragoman.stage")) == (span, stage))  # fmt: skip
            assert took == pytest.approx(sorted(line[field] for line in jobs if line["stage"] == stage), abs=MOST_MS)
            assert figures[f"{stage} {figure}"] == pytest.approx(sum(took), abs=MOST_MS)
            assert span == "queue" or min(took) >= DELAYS[stage.upper()] * 1000
    for spans in traces.values():
        whole(spans)
    anas = traces[next(line["trace"] for line in utterances if line["participant"] == ana.participant_id)]
    root = one_of(anas, "utterance")
    assert 0 <= root.began_ns / 1e9 - began_at < 0.3, "from the first voiced frame"
    assert -0.03 < heard_at - one_of(anas, "playout").began_ns / 1e9 < 0.2, "the first sound on its way to the ear"
    assert root.ended_ns == one_of(anas, "playout").ended_ns, "to the last sound"
    assert sum(one.attributes.get("dragoman.kind") == "interim" for one in anas) >= 1, "speculative passes, too"
    assert any(one.name == "ahead" for one in anas)
    assert figures["sent"] > 0 and figures["refused"] == 0
    shown = json.dumps([one.attributes for one in collector.spans])
    assert not any(word in shown for word in ("tone", "Ana", "Ben", ana.token, KEY))
    assert all(one["x-key"] == KEY for one in collector.headers) and KEY not in server.log


async def utterance(speaker: Caller, listener: Caller, hz: float, seconds: float) -> dict[str, Any]:
    """Say a tone. Return its `utterance_end`, once the listener has it."""
    await speaker.speak(packets(hz, seconds))
    end = await listener.media.inbox.wait_for("utterance_end", sourceUserId=speaker.participant_id, timeout=20)
    return dict(end)


def wall(at: float) -> float:
    """Return the seconds since 1970 of a moment of the loop."""
    return time.time() - asyncio.get_running_loop().time() + at


async def scraped(url: str) -> dict[str, float]:
    """Return the sums of the figures' histograms in ms, and the counts of spans."""
    async with aiohttp.ClientSession() as http, http.get(f"{url}/metrics") as answer:
        families = text_string_to_metric_families(await answer.text())
    samples = {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}
    found = {stage: samples["dragoman_stage_seconds_sum", stage] * 1000 for stage in STAGES}
    found["first_audio"] = samples["dragoman_first_audio_seconds_sum",] * 1000
    for stage in JOB_STAGES:
        for what in ("wait", "run"):
            found[f"{stage} {what}"] = samples[f"dragoman_job_{what}_seconds_sum", stage] * 1000
    return found | {fate: samples["dragoman_trace_spans_total", fate] for fate in ("sent", "refused")}


def by_trace(spans: Iterable[Collected]) -> dict[str, list[Collected]]:
    found: dict[str, list[Collected]] = defaultdict(list)
    for span in spans:
        found[span.trace].append(span)
    return found


def one_of(spans: Iterable[Collected], name: str) -> Collected:
    (found,) = [span for span in spans if span.name == name]
    return found


def stages_of(spans: list[Collected]) -> dict[str, float]:
    """Return the ms of each stage by a trace's spans: of what was made ahead of time, what became of use."""
    root = one_of(spans, "utterance")
    hits = {span.span for span in spans if span.attributes.get("dragoman.result") == "hit"}

    def first(name: str) -> float:
        used = [span for span in spans if span.name == name and span.parent in {root.span, *hits}]
        return min(used, key=lambda span: span.began_ns).took_ms

    endpointing = one_of(spans, "endpointing")
    return {
        "endpointing": endpointing.took_ms,
        "stt": one_of(spans, "recognition").took_ms,
        "mt": first("translation"),
        "tts": first("synthesis"),
        "first_audio": (one_of(spans, "playout").began_ns - endpointing.began_ns) / 1e6,
    }


def told(end: Mapping[str, Any]) -> dict[str, float]:
    """Return the ms of each stage by the subtitles' `utterance_end`."""
    names = {"endpointMs": "endpointing", "sttMs": "stt", "translationMs": "mt", "ttsMs": "tts"}
    latency = end["latency"]
    return {name: latency[field] for field, name in (names | {"firstAudioMs": "first_audio"}).items()}


def close_to(wanted: Mapping[str, float]) -> Any:
    return pytest.approx(dict(wanted), abs=MOST_MS)


def whole(spans: list[Collected]) -> None:
    """Assert that each span has its place in its trace, and each job its wait and its run within a step."""
    named = {span.span: span for span in spans}
    root = one_of(spans, "utterance")
    assert len(named) == len(spans), "no id twice"
    for span in spans:
        assert span.service == "dragoman" and span.attributes["dragoman.utterance"]
        if span is root:
            continue
        parent = named[span.parent]
        assert span.began_ns >= root.began_ns and span.ended_ns >= span.began_ns
        if span.name in ("queue", "run"):
            assert parent.name in ("pass", "translation", "synthesis")
            assert span.began_ns >= parent.began_ns - 1e6 and span.ended_ns <= parent.ended_ns + 1e6
