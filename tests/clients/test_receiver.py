"""Packets to a timeline: gaps, wrap-around, reordering, loss, drift."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from clients.webrtc.receiver import Receiver
from clients.webrtc.rtp import Packet, Reordering, StreamStatistics

ZERO = 100.0
LOUD = b"loud"
QUIET = b"quiet"


class FakeDecoder:
    def decode(self, payload: bytes) -> Any:
        if payload == b"junk":
            raise ValueError
        return np.full(960, 5000 if payload == LOUD else 0, np.int16)


class Timeline:
    def __init__(self) -> None:
        self.pieces: list[tuple[int, int]] = []
        self.ear = Receiver(FakeDecoder, self.write)
        self.ear.pair(ZERO)

    def write(self, start: int, samples: Any) -> None:
        self.pieces.append((start, len(samples)))

    def take(self, frame: int, at: float, payload: bytes = LOUD, **changes: Any) -> None:
        """Frame number `frame` of a stream whose sequence and timestamp wrap after ten frames."""
        given: dict[str, Any] = {"ssrc": 1, "marker": False}
        given["sequence"] = (65526 + frame) & 0xFFFF
        given["timestamp"] = (2**32 - 9600 + 960 * frame) & 0xFFFFFFFF
        self.ear.receive(Packet(payload=payload, **(given | changes)), ZERO + at)

    @property
    def starts(self) -> list[int]:
        return [start for start, _ in self.pieces]


def test_audio_lies_where_its_timestamps_say_across_the_wrap() -> None:
    line = Timeline()
    for frame in range(20):
        line.take(frame, 1.0 + 0.02 * frame + (0.015 if frame % 3 else 0.0))  # jitter leaves no trace
    assert line.starts == [48000 + 960 * frame for frame in range(20)]
    assert line.ear.voiced == [[1.0, 1.4]] and line.ear.has_voice
    assert line.ear.counts()["lost"] == 0 and line.ear.counts()["expected"] == 20


def test_a_reordered_packet_finds_its_place() -> None:
    line = Timeline()
    for position, frame in enumerate([0, 1, 3, 2, 4]):
        line.take(frame, 1.0 + 0.02 * position)
    assert line.starts == [48000 + 960 * frame for frame in range(5)]
    assert line.ear.counts()["reordered"] == 1 and line.ear.counts()["lost"] == 0


def test_a_lost_packet_leaves_silence_and_no_new_talkspurt() -> None:
    line = Timeline()
    for frame in [0, 1, 2, 6, 7, 8, 9]:
        line.take(frame, 1.0 + 0.02 * frame)
    line.ear.flush()
    assert line.starts == [48000 + 960 * frame for frame in [0, 1, 2, 6, 7, 8, 9]]
    assert line.ear.counts()["lost"] == 3 and len(line.ear.talkspurts) == 1


def test_gaps_that_may_be_heard_are_told() -> None:
    line = Timeline()
    for frame, late in enumerate([0.0, 0.0, 0.05, 0.2, 0.2, 0.2]):
        line.take(frame, 1.0 + 0.02 * frame + late)
    (spurt,) = line.ear.summary()["talkspurts"]
    assert spurt["gaps"] == [[1.26, 170.0]] and spurt["longestGapMs"] == 170.0


def test_duplicates_are_counted_and_not_played() -> None:
    line = Timeline()
    line.take(0, 1.0)
    line.take(0, 1.01)
    assert line.starts == [48000] and line.ear.counts()["duplicates"] == 1 and line.ear.counts()["lost"] == 0


def test_each_talkspurt_is_placed_by_its_own_first_arrival() -> None:
    line = Timeline()
    line.take(0, 1.0, marker=True)
    line.take(1, 1.02)
    # 100 frames of silence were not sent; the clock says 3.02, the network 30 ms more
    line.take(2, 3.07, marker=True, timestamp=(2**32 - 9600 + 960 * 102) & 0xFFFFFFFF)
    assert line.starts == [48000, 48960, round(3.07 * 48000)]
    first, second = line.ear.summary()["talkspurts"]
    assert second["clockErrorMs"] == 30.0 and second["marker"] and first["packets"] == 2


def test_a_gap_without_its_marker_is_a_new_talkspurt_too() -> None:
    line = Timeline()
    line.take(0, 1.0)
    line.take(1, 3.0, timestamp=(2**32 - 9600 + 960 * 100) & 0xFFFFFFFF)
    assert len(line.ear.talkspurts) == 2


def test_markers_on_every_packet_open_nothing() -> None:
    line = Timeline()
    for frame in range(10):
        line.take(frame, 1.0 + 0.02 * frame + (0.01 if frame == 5 else 0), marker=True)
    assert len(line.ear.talkspurts) == 1


def test_what_comes_much_too_late_is_placed_anew() -> None:
    line = Timeline()
    line.take(0, 1.0)
    line.take(1, 1.6)  # 580 ms late: a listener would have run dry
    line.take(2, 1.62)
    assert line.starts == [48000, round(1.6 * 48000), round(1.62 * 48000)]


def test_a_burst_is_played_at_its_own_pace() -> None:
    line = Timeline()
    for frame in range(50):
        line.take(frame, 1.0 + 0.001 * frame)
    assert line.starts == [48000 + 960 * frame for frame in range(50)]


def test_a_new_stream_never_overwrites_the_one_before() -> None:
    line = Timeline()
    for frame in range(50):
        line.take(frame, 1.0 + 0.001 * frame)
    line.take(50, 1.1, ssrc=2)
    assert line.starts[-1] == 48000 + 960 * 50


def test_nothing_counts_before_the_pairing() -> None:
    line = Timeline()
    line.take(0, -0.01)
    line.take(1, 0.01)
    assert line.starts == [480] and line.ear.before_pairing == 1


def test_junk_is_counted() -> None:
    line = Timeline()
    line.take(0, 1.0, b"junk")
    line.take(1, 1.02, QUIET)
    assert line.ear.undecodable == 1 and not line.ear.has_voice and line.starts == [48960]


def test_jitter_follows_rfc_3550() -> None:
    statistics = StreamStatistics()
    for frame, late in enumerate([0.0, 0.016, 0.0]):
        statistics.add(Packet(1, frame, 960 * frame, False, b""), 0.02 * frame + late)
    first = 768 / 16
    assert abs(statistics.jitter - (first + (768 - first) / 16)) < 1e-6


@given(st.permutations(range(8)), st.integers(0, 65535))
def test_any_order_of_arrival_is_counted_right(order: list[int], start: int) -> None:
    statistics = StreamStatistics()
    for number in order:
        statistics.add(Packet(1, (start + number) & 0xFFFF, 0, False, b""), 0.0)
    assert (statistics.expected, statistics.received, statistics.lost) == (8, 8, 0)


@given(st.lists(st.integers(0, 30), unique=True, min_size=1))
def test_reordering_gives_everything_once_and_in_order(numbers: list[int]) -> None:
    reordering: Reordering[int] = Reordering()
    out = [item for number in numbers for item in reordering.push(number, number)] + reordering.flush()
    assert out == sorted(out) and len(set(out)) == len(out)
    assert len(out) + reordering.late == len(numbers)
