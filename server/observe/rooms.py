"""Readings of the rooms at a scrape: people, the pacer, and loss and jitter of microphones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from media.events import ConnectionQuality
from media.room import Room

LONGEST_ROUND_TRIP_S = 10.0
"""A client's word is believed up to here."""


class RoomReadings(Collector):
    """Readings of all open rooms, and sums over those that were open."""

    def __init__(self) -> None:
        self._rooms: set[Room] = set()
        self._packets = dict.fromkeys(("arrived", "recovered", "concealed"), 0)
        """Packets of rooms that are gone, by their fate."""

    def opened(self, room: Room) -> None:
        """Read a room from now on."""
        self._rooms.add(room)

    def closing(self, room: Room) -> None:
        """Read a room for the last time."""
        self._rooms.discard(room)
        self._packets = _with(self._packets, room.quality().values())

    def collect(self) -> Iterable[Metric]:
        qualities = [quality for room in self._rooms for quality in room.quality().values()]
        yield GaugeMetricFamily("dragoman_rooms", "Rooms that are open", value=len(self._rooms))
        yield GaugeMetricFamily(
            "dragoman_peers_connected",
            "Peer connections that are up",
            value=sum(room.connected for room in self._rooms),
        )
        yield GaugeMetricFamily(
            "dragoman_pacer_lateness_p99_seconds",
            "Lateness that 1 % of the 20 ms slots of the last minute exceeded",
            value=_exceeded([slot for room in self._rooms for slot in room.pacer.lateness], 0.99),
        )
        packets = CounterMetricFamily(
            "dragoman_microphone_packets", "Packets of microphones, by their fate", labels=["fate"]
        )
        for fate, count in _with(self._packets, qualities).items():
            packets.add_metric([fate], count)
        yield packets
        yield GaugeMetricFamily(
            "dragoman_microphone_jitter_p95_seconds",
            "Jitter that 5 % of the microphones exceed",
            value=_exceeded([one.sent_jitter_ms / 1000 for one in qualities if one.sent_packets], 0.95),
        )
        trips = [one.round_trip_ms / 1000 for one in qualities if one.round_trip_ms is not None]
        yield GaugeMetricFamily(
            "dragoman_round_trip_p95_seconds",
            "Round trip to the server that 5 % of the clients exceed",
            value=min(LONGEST_ROUND_TRIP_S, max(0.0, _exceeded(trips, 0.95))),
        )


def _with(packets: dict[str, int], qualities: Iterable[ConnectionQuality]) -> dict[str, int]:
    """Return the packets by their fate, with those of some microphones."""
    counted = Counter(packets)
    for one in qualities:
        counted["arrived"] += one.sent_packets
        counted["recovered"] += one.sent_recovered
        counted["concealed"] += max(0, one.sent_concealed - one.sent_recovered)
    return {fate: counted[fate] for fate in packets}


def _exceeded(values: Sequence[float], share: float) -> float:
    """Return the value that all but `share` of them exceed at most; 0 for none."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else 0.0
