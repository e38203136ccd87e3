"""Figures of what is kept of calls, read at each scrape."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.keeping.writer import CallWriter


class KeptCallsReadings(Collector):
    """Readings of the writer of calls."""

    def __init__(self, writer: CallWriter) -> None:
        self._writer = writer

    def collect(self) -> Iterable[Metric]:
        lost = CounterMetricFamily(
            "dragoman_history_lost",
            "Entries of histories that were said while all consented, and that could not be kept",
            value=self._writer.lost,
        )
        waiting = GaugeMetricFamily(
            "dragoman_history_waiting", "Entries of histories that wait to be written", value=self._writer.waiting
        )
        trouble = GaugeMetricFamily(
            "dragoman_history_off", "1 while the accounts' database does not answer, and histories are off",
            value=float(self._writer.trouble),
        )  # fmt: skip
        return [lost, waiting, trouble]
