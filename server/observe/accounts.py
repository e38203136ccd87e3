"""Readings of the accounts for Prometheus, at each scrape: what of the audit log and of the letters is lost."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from accounts.audit import Audit
from accounts.letters.mail import Mail


class AccountsReadings(Collector):
    """Readings of the two lines that nobody waits for."""

    def __init__(self, audit: Audit, mail: Mail) -> None:
        self._audit = audit
        self._mail = mail

    def collect(self) -> Iterable[Metric]:
        entries = CounterMetricFamily(
            "dragoman_audit_lost", "Entries of the audit log that were not written", value=self._audit.lost
        )
        letters = CounterMetricFamily("dragoman_letters_lost", "Letters that were not sent", value=self._mail.lost)
        return [entries, letters]
