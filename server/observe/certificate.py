"""Readings of the server's own certificate at a scrape: when it expires, and what became of those that came after."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from server.tls.renewal import Renewal


class CertificateReadings(Collector):
    """Readings of the certificate that is served, and of its files."""

    def __init__(self, renewal: Renewal) -> None:
        self._renewal = renewal

    def collect(self) -> Iterable[Metric]:
        yield GaugeMetricFamily(
            "dragoman_certificate_expiry_time_seconds",
            "Unix time at which the certificate that is served expires",
            value=self._renewal.served.expires_at,
        )
        changes = CounterMetricFamily(
            "dragoman_certificate_changes",
            "Changes of the certificate's files, by whether what they hold is served",
            labels=["result"],
        )
        changes.add_metric(["taken"], self._renewal.taken)
        changes.add_metric(["refused"], self._renewal.refused)
        yield changes
