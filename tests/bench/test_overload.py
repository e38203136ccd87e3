"""The judge of the overload bench is judged: delays that are known are found, and verdicts follow figures."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from bench.overload.load import Second, figures
from bench.overload.packet_delays import SeatReceiver
from bench.overload.verdict import markdown, targets

MS = 1_000_000
INTERPRETER, ORIGINAL = 1, 2


class FakeSeat:
    """A seat of a call without a network."""

    def __init__(self) -> None:
        self.sent: list[int] = []
        self.arrived: list[tuple[int, bytes]] = []
        self.first_source = {INTERPRETER}

    def take(self) -> list[tuple[int, bytes]]:
        arrived, self.arrived = self.arrived, []
        return arrived


def packet(source: int, number: int, timestamp: int) -> bytes:
    return struct.pack("!xxHII", number, timestamp & 0xFFFFFFFF, source)


def test_the_generators_own_lateness_is_not_the_servers() -> None:
    """The partner's packets left late and in bursts; each came back 3 ms after, but for every tenth, 30 ms."""
    seat, partner = FakeSeat(), FakeSeat()
    ear = SeatReceiver(seat, partner)  # type: ignore[arg-type]
    found: list[float] = []
    for second in range(3):
        for slot in range(second * 50, second * 50 + 50):
            partner.sent.append((slot * 20 + (35 - slot % 2 * 15 if slot % 8 < 2 else 0)) * MS)
            late = 30 if slot % 10 == 9 else 3
            if slot >= 20:  # before, this seat was not connected yet
                seat.arrived.append((partner.sent[-1] + late * MS, packet(ORIGINAL, slot, slot * 960 - 5000)))
        found += ear.take().original.tolist()
    assert len(found) == 130
    assert sorted({round(delay) for delay in found}) == [3, 30]
    assert sum(delay > 20 for delay in found) == 13
    assert ear.due(0, 1000 * MS) == 49  # the fiftieth left late


def test_the_interpreter_is_late_after_its_quickest_packets() -> None:
    seat = FakeSeat()
    ear = SeatReceiver(seat, FakeSeat())  # type: ignore[arg-type]
    seat.arrived = [((slot * 20 + 25 * (slot == 60)) * MS, packet(INTERPRETER, slot, slot * 960)) for slot in range(75)]
    heard = ear.take()
    assert len(heard.original) == 0
    assert heard.interpreter.max() == pytest.approx(25, abs=0.01)
    one = figures([Second(1.0, 1, 5.0, 1.0, heard, 0)])
    assert (one["late_p50_ms"], one["calls"], one["original_came"]) == (pytest.approx(0, abs=0.01), 1, None)


def report(**changed: Any) -> dict[str, Any]:
    heard = {
        "calls": 30, "cpu": 78.0, "late_p50_ms": 1.0, "late_p99_ms": 8.0, "original_p99_ms": 7.0,
        "interpreter_p99_ms": 9.0, "worst_second_ms": 12.0, "packets": 9, "original_came": 1.0,
    }  # fmt: skip
    return {
        "machine": {"cpu": "a CPU", "kernel": "6", "python": "3.11", "busy_before": 0.01},
        "seconds_taken": 60.0, "admitted": 30, "admitted_after_first_refusal": 2, "refused": 18, "lost": 0,
        "refused_otherwise": [], "first_refusal_s": 28.0, "first_refusal_calls": 28, "asked_on_s": 20.0,
        "before": heard, "after": heard, "back": heard, "back_s": 2.5,
        "seconds": [heard | {"at": 1.0, "generator_late_p99_ms": 1.0}], "attempts": [[0.5, 0.01, 30, "at_capacity"]],
    } | changed  # fmt: skip


LATE = {"late_p99_ms": 20.5, "original_came": 1.0}


@pytest.mark.parametrize(
    ("changed", "failed"),
    [
        ({}, []),
        ({"refused": 0}, ["refused by 503 at_capacity"]),
        ({"refused_otherwise": ["internal"]}, ["other refusals or failures"]),
        ({"lost": 1}, ["peers who lost their connection"]),
        ({"after": LATE}, ["running calls after the first refusal, late p99"]),
        ({"before": {"late_p99_ms": None}}, ["running calls before it, late p99"]),
        ({"back_s": None}, ["half have left: let in again after"]),
        ({"back_s": 10.5}, ["half have left: let in again after"]),
    ],
)
def test_each_target_can_fail(changed: dict[str, Any], failed: list[str]) -> None:
    assert [target.what for target in targets(report(**changed)) if not target.passed] == failed


def test_the_report_is_markdown() -> None:
    found = report()
    found["targets"] = [target.as_json() for target in targets(found)]
    text = markdown(found)
    assert "28 calls (56 peers)" in text
    assert "| 1.0 | 30    | 1       |" in text
