"""Makes counters with a label of a closed set, which are 0 from the start.

Counters that an alert watches must be: Prometheus sees no increase of one that begins with 1.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter


def counter_by(registry: CollectorRegistry, name: str, text: str, label: str, values: Iterable[str]) -> Counter:
    """Return a counter that begins with 0 for each value of its label."""
    counter = Counter(name, text, [label], registry=registry)
    for value in values:
        counter.labels(str(value))
    return counter
