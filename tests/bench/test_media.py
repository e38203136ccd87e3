"""The judge of the media bench is judged: what it says of audio whose fate is known; plans, ramps, verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from bench.media import figures
from bench.media.fewer_peers import Side, side_by_side
from bench.media.plan import FULL, QUICK
from bench.media.profiling import REST, summarise
from bench.media.ramp import next_size, on_time
from bench.media.received_tones import Arrivals, Hearing, Said, judge
from bench.media.table import markdown
from bench.rtp_load import stimulus
from bench.rtp_load.pace import Pace
from media.rtp.opus import Decoder, Encoder
from media.rtp.packets import RtpPacket
from testing.lossy_wire import LossyWire, isolated

SLOTS = 400
CALM = 75
MS = 1_000_000


def lossy_fates(*lost: int) -> list[float | None]:
    return [None if slot in lost else 0.0 for slot in range(SLOTS)]


def echoed(fates: Sequence[float | None], *, mends: bool, delay_ms: float, later: int = SLOTS) -> Arrivals:
    """The packets that come back from a server that decodes and encodes, in a time that is known.

    From the slot `later` on everything comes 200 ms later still.
    """
    sent = stimulus.code(SLOTS).packets
    decoder, encoder = Decoder(16_000), Encoder(16_000)
    back: list[tuple[int, RtpPacket]] = []

    def give(pcm: bytes, slot: int) -> None:
        arrival = round((slot * 20 + delay_ms + (200 if slot >= later else 0)) * MS)
        back.append((arrival, RtpPacket(111, len(back), slot * 960, 1, False, encoder.encode(pcm))))

    for slot, fate in enumerate(fates):
        if fate is None:
            continue
        if mends and slot and fates[slot - 1] is None:
            give(decoder.recover(sent[slot], 320), slot - 1)
        give(decoder.decode(sent[slot]), slot)
    return back


def verdict(fates: Sequence[float | None], arrivals: Arrivals) -> Hearing:
    times = np.arange(SLOTS, dtype=np.int64) * 20 * MS
    return judge(Said(stimulus.code(SLOTS), times, fates, CALM), arrivals, encodings=2)


def test_an_undisturbed_echo_is_heard_whole_and_its_delay_is_found() -> None:
    found = verdict(lossy_fates(), echoed(lossy_fates(), mends=True, delay_ms=3.0))
    assert found.unheard == 0
    assert found.filled == pytest.approx(found.slots, abs=1)
    assert np.median(found.delays) == pytest.approx(3.0, abs=0.7)
    assert found.longest_stall_ms <= 4


def test_a_loss_mended_by_fec_is_recovered_and_the_delay_returns() -> None:
    fates = lossy_fates(120, 180, 240)
    found = verdict(fates, echoed(fates, mends=True, delay_ms=1.0))
    assert (found.lost, found.isolated, found.recovered, found.returned) == (3, 3, 3, 3)


def test_a_loss_left_out_is_not_heard_and_only_its_neighbour_may_suffer() -> None:
    fates = lossy_fates(120, 180)
    found = verdict(fates, echoed(fates, mends=False, delay_ms=1.0))
    assert found.recovered == 0
    assert 2 <= found.unheard <= 4  # without concealment a decoder stumbles over the packet after a hole


def test_a_delay_that_stays_has_not_returned_and_a_gap_is_a_stall() -> None:
    fates = lossy_fates(150)
    found = verdict(fates, echoed(fates, mends=True, delay_ms=1.0, later=151))
    assert found.returned == 0
    assert found.longest_stall_ms == pytest.approx(200, abs=5)
    assert found.stalls == 1


def test_the_wire_is_calm_first_then_loses_its_share_and_repeats_itself() -> None:
    wire = LossyWire(loss=0.1, jitter_ms=30, calm=50)
    fates = wire.journey(5000, seed=3)
    assert fates == wire.journey(5000, seed=3) != wire.journey(5000, seed=4)
    assert fates[:50] == [0.0] * 50
    assert sum(fate is None for fate in fates) / 4950 == pytest.approx(0.1, abs=0.02)
    assert max(fate for fate in fates if fate is not None) < 0.030


def test_isolated_losses_have_neighbours_that_came() -> None:
    assert isolated([0.0, None, 0.0, None, None, 0.0]) == [1]


def test_lateness_counts_from_the_quickest_packet_across_the_wrap_of_timestamps() -> None:
    pace = Pace()
    stamps = (np.arange(100, dtype=np.int64) * 960 + 0xFFFFFFFF - 9600) & 0xFFFFFFFF
    arrivals = np.arange(100, dtype=np.int64) * 20 * MS
    arrivals[60:] += 30 * MS
    late = pace.late_ms(arrivals, stamps)
    assert late[:60] == pytest.approx(0.0, abs=0.01)
    assert late[60:] == pytest.approx(30.0, abs=0.01)


def test_a_ramp_leaps_once_and_keeps_calls_whole() -> None:
    step = {"peers": 8, "cpu": 16.0, "late_p99_ms": 3.0, "share": 1.0}
    assert next_size(step, 1, True) == 35
    assert next_size({**step, "peers": 36}, 2, False) % 2 == 0
    assert on_time(step, 20)
    assert not on_time({**step, "late_p99_ms": 20.5}, 20)
    assert not on_time({**step, "share": 0.9}, 20)


def test_a_profile_is_summed_by_area_and_hides_where_things_are_installed() -> None:
    summary = summarise("main (a.py:1);Encoder.encode (/srv/x/media/opus.py:117) 3\nmain (a.py:1) 1\n")
    assert summary["areas"] == {"Opus encoding": 0.75, REST: 0.25}
    assert "/srv" not in str(summary)


@pytest.mark.parametrize("plan", [FULL, QUICK])
def test_rounds_become_figures_targets_and_tables(plan: Any) -> None:
    hearing = verdict(lossy_fates(120), echoed(lossy_fates(120), mends=True, delay_ms=1.0))
    counted = {name: getattr(hearing, name) for name in Hearing.__slots__}
    phases = [
        {
            "name": phase["name"],
            "cpu_per_peer": 2.0,
            "generator_late_p99_ms": 1.0,
            "others_on_core": 0.5,
            "groups": [{**group, "hearing": counted} for group in phase["groups"]],
        }
        for phase in plan.echo_phases(0, 2)
    ]
    measured = figures.figures_of([phases])
    sides = {"aiortc": [Side(8, 1.0, 4.0), Side(4, 1.2, 4.0)], "pipecat": []}
    report = {
        "quick": plan.quick,
        "rounds": 1,
        "peers": plan.peers,
        "seconds": 1.0,
        "machine": {"cpu": "any", "kernel": "6", "python": "3", "busy_before": 0.0},
        "versions": {},
        "echo": {"dragoman": measured, "aiortc": measured},
        "call": {},
        "ratios": {"echo": figures.ratios_of(sides), "call": {}},
        "beside": {"echo": figures.beside(sides), "call": {}},
        "silent_call": {"dragoman": 0.9, "aiortc": None},
        "pacer": {},
    }
    found = {target.what: target for target in figures.targets(report)}
    assert found["echo CPU / aiortc's"].passed is True
    assert found["echo CPU / Pipecat's"].passed is None
    assert found["2 % loss: isolated losses recovered by FEC"].passed is True
    report["targets"] = [target.as_json() for target in found.values()]
    text = markdown(report)
    assert "loss 2 %: longest stall, ms" in text
    assert "| 4 or 8 | 1.10 (1.00–1.20)" in text and "dragoman 0.90, aiortc –" in text


def _clean(cpu: float | None) -> list[dict[str, Any]]:
    return [{"name": "clean", "failed": "no"} if cpu is None else {"name": "clean", "cpu_per_peer": cpu}]


@pytest.mark.parametrize(
    ("theirs", "found"),
    [
        ({8: 9.0}, Side(8, 2.0, 9.0)),
        ({8: 12.4, 4: 14.0}, Side(4, 3.0, 14.0)),
        ({8: 12.4, 4: 24.0, 2: 30.0}, Side(2, 4.0, 30.0)),
        ({8: 12.4, 4: 24.0, 2: 49.0}, None),
        ({8: 12.4, 4: None}, None),
        ({8: None}, None),
    ],
)
def test_a_server_that_fills_its_core_is_measured_with_fewer_peers(
    theirs: dict[int, float | None], found: Side | None
) -> None:
    ours = {8: 2.0, 4: 3.0, 2: 4.0}
    side = side_by_side(_clean(theirs[8]), 8, lambda peers: _clean(ours[peers]), lambda peers: _clean(theirs[peers]))
    assert side == found
