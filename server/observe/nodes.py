"""Readings of one of several nodes at a scrape: writes that wait for the nodes' Redis, and sessions taken over."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Writes(Protocol):
    """Writes of a node's sessions: `nodes.ledger.Ledger`."""

    @property
    def waiting(self) -> int: ...


class TakeOvers(Protocol):
    """Sessions that came from other processes: `nodes.directory.SharedDirectory`."""

    @property
    def taken_over(self) -> int: ...


class NodeReadings(Collector):
    """Readings of this node."""

    def __init__(self, writes: Writes, take_overs: TakeOvers) -> None:
        self._writes = writes
        self._take_overs = take_overs

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "dragoman_directory_writes_waiting",
            "Changes of sessions here that wait to be written to the nodes' Redis",
            value=self._writes.waiting,
        )
        yield CounterMetricFamily(
            "dragoman_sessions_taken_over",
            "Sessions that this node has taken over from nodes that were gone",
            value=self._take_overs.taken_over,
        )
