"""Readings of the event loop at a scrape: its tasks, and how busy and how late it is."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.call_admission import Admission


class LoopReadings(Collector):
    """Readings of the loop that is scraped."""

    def __init__(self, admission: Admission) -> None:
        self._admission = admission

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily("dragoman_tasks", "Tasks on the event loop", value=len(asyncio.all_tasks()))
        yield GaugeMetricFamily(
            "dragoman_loop_busy_share",
            "Share of one core that the media thread takes, over 5 s",
            value=self._admission.busy_share,
        )
        yield GaugeMetricFamily(
            "dragoman_loop_late_share",
            "Share of 20 ms slots more than a slot late, over 5 s",
            value=self._admission.late_share,
        )
