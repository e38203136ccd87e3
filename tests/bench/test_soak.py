"""Figures of a soak: slopes, what became of sentences, verdicts; and a loop that loses datagrams."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from bench.soak.figures import counted, sentences, slope_per_hour, slopes
from bench.soak.lossy_loop import LossyLoop
from bench.soak.process_size import engines, process_size
from bench.soak.unit_limits import UnitLimits
from bench.soak.verdict import MOST_PER_HOUR, judged, markdown

ME, YOU = "p_me", "p_you"


def test_a_slope_is_that_of_the_trend_and_not_of_one_jump() -> None:
    steady = [(float(at), 100.0) for at in range(0, 3600, 60)]
    assert slope_per_hour(steady) == 0
    assert slope_per_hour([(at, value + at / 360) for at, value in steady]) == 10
    assert slope_per_hour([*steady[:30], (1830.0, 900.0), *steady[31:]]) == 0, "one engine was away for a moment"
    assert slope_per_hour(steady[:1]) is None


def test_a_slope_leaves_out_the_time_in_which_caches_fill() -> None:
    samples = [{"at": float(at), "server_mb": min(at, 600.0)} for at in range(0, 3600, 60)]
    assert slopes(samples, ["server_mb"]) == {"server_mb": 0.0}


def _said(*at: float) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = [{"person": ME, "entered": "1", "at": 0.0}, {"connected": True, "at": 1.0}]
    return lines + [
        {"sentence": "en-1", "startMs": round(one * 1000), "endMs": round(one * 1000) + 2000, "at": one} for one in at
    ]


def _told(*ends: tuple[int, str], of: str = ME) -> list[dict[str, Any]]:
    return [{"connected": True, "at": 1.0}] + [
        {"end": outcome, "utterance": f"{start:010d}-{of}", "of": of, "at": 99.0} for start, outcome in ends
    ]


def test_a_sentence_is_what_its_utterances_became() -> None:
    speaker = _said(5.0, 20.0, 40.0)
    assert sentences(speaker, _told((5100, "spoken"), (20300, "refused")), 100.0) == ["spoken", "refused", "lost"]
    assert sentences(speaker, _told((5100, "spoken"), (6000, "failed")), 10.0) == ["failed"], "the rest was cut"
    assert sentences(speaker, _told((5100, "nothing_said"), (6000, "spoken")), 10.0) == ["spoken"]
    assert sentences(speaker, _told((5100, "spoken"), of=YOU), 30.0) == ["lost"], "an utterance of somebody else"
    assert sentences(_said(0.5), _told(), 100.0) == [], "the other was not in the call yet"
    assert counted([(speaker, _told((5100, "spoken")), 30.0)]) == {"spoken": 1}


def _report(**changes: Any) -> dict[str, Any]:
    size = {"server_mb": 100.0, "engines_mb": 200.0, "files": 20.0, "threads": 9.0, "tasks": 12.0, "connections": 2}
    return {
        "seconds": 3600, "calls": 60, "refused": 1, "places": 2, "loss": 0.01, "crashed": 20,
        "others": 0.1, "enforced": "", "sentences": {"spoken": 98, "refused": 2},
        "faults": {"count": 60, "unseen": 0, "stayed": 0, "red_s": 0.3, "green_s": 3.0, "gauge_s": 1.2},
        "exceptions": 0, "contained": 0.0, "first_s": 0.7, "tenth_s": 0.6,
        "before": size, "after": size, "slopes_per_hour": dict.fromkeys(MOST_PER_HOUR, 0.0),
        "limits": {"files": 65536, "all_threads": 2048, "memory_mb": 19000},
        "most": {"files": 60, "all_threads": 40, "memory_mb": 600},
    } | changes  # fmt: skip


def _failed(**changes: Any) -> list[str]:
    return [one.what for one in judged(_report(**changes)) if one.passed is False]


def test_the_verdict() -> None:
    assert _failed() == []
    assert _failed(sentences={"spoken": 98, "failed": 1}) == ["sentences lost, of 99"]
    assert _failed(sentences={"spoken": 98, "lost": 1}) == ["sentences lost, of 99"]
    assert _failed(sentences={}) == ["sentences lost, of 0"], "nothing was said at all"
    assert _failed(sentences={"spoken": 50, "refused": 50}) == ["sentences told as not understood"]
    grown = dict.fromkeys(MOST_PER_HOUR, 0.0) | {"server_mb": 60.0}
    assert _failed(slopes_per_hour=grown) == ["server_mb, an hour"]
    assert _failed(slopes_per_hour=grown, seconds=180) == [], "a slope of three minutes says nothing"
    before = _report()["before"]
    assert _failed(after=before | {"files": 26.0}) == ["files left by calls that are over"]
    assert _failed(after=before | {"threads": 10.0}) == ["threads left by calls that are over"]
    assert _failed(after=before | {"files": 24.0, "threads": 10.0, "connections": 3}) == [], "one more connection"
    assert _failed(after=before | {"files": 25.0, "threads": 11.0, "connections": 3}) == [
        "files left by calls that are over",
        "threads left by calls that are over",
    ]
    assert _failed(most=_report()["most"] | {"memory_mb": 19500}) == ["memory_mb at most"]
    late = _report()["faults"] | {"red_s": 6.0, "unseen": 1}
    assert _failed(faults=late) == ["/ready red after a kill, s, longest", "kills that /ready did not show"]
    assert _failed(first_s=1.0) == ["first sound of the first utterance after ready, s"]
    assert _failed(first_s=None) == ["first sound of the first utterance after ready, s"]


def test_the_report_is_a_document() -> None:
    report = _report()
    text = markdown(report | {"targets": [one.as_json() for one in judged(report)]})
    assert "2 refused, 98 spoken" in text and "| server_mb, an hour" in text


def test_the_limits_are_those_of_the_unit(tmp_path: Path) -> None:
    limits = UnitLimits.read()
    assert (limits.files, limits.tasks) == (65536, 2048)
    assert limits.memory_high_mb > 0
    assert limits.prefix[0] == "prlimit"
    unit = tmp_path / "unit"
    unit.write_text("[Service]\nLimitNOFILE=1\n")
    with pytest.raises(KeyError):
        UnitLimits.read(unit)


def test_sizes_are_read_of_a_process_that_lives() -> None:
    size = process_size(os.getpid())
    assert size["rss"] > 10_000 and size["threads"] >= 1 and size["files"] >= 3
    assert engines(os.getpid()) == []
    assert process_size(2**22 + 1) == {} and engines(2**22 + 1) == []


class _Counting(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.received = 0

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.received += 1


@pytest.mark.udp
@pytest.mark.parametrize(("loss", "received"), [(0.0, 200), (1.0, 0)])
def test_a_lossy_loop_loses_its_share(loss: float, received: int) -> None:
    async def sent() -> int:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, LossyLoop)
        ear, counting = await loop.create_datagram_endpoint(_Counting, local_addr=("127.0.0.1", 0))
        mouth, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, remote_addr=ear.get_extra_info("sockname")
        )
        for _ in range(200):
            mouth.sendto(b"a datagram")
            await asyncio.sleep(0)
        deadline = loop.time() + 30
        while received and counting.received < received and loop.time() < deadline:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        mouth.close()
        ear.close()
        assert loop.lost_datagrams == 200 - received
        return int(counting.received)

    with asyncio.Runner(loop_factory=lambda: LossyLoop(loss, 1)) as runner:
        assert runner.run(sent()) == received
