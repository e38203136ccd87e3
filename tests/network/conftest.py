"""Real networks for the tests of this folder; where there can be none, the tests say so and are skipped."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from namespaces import missing, remove_stale

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if HERE in item.path.parents]
    for item in ours:
        item.add_marker("network")
    if ours and (reason := missing()):
        print(f"\ntests/network is skipped: {reason}", file=sys.stderr)
        for item in ours:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def no_stale_namespaces() -> None:
    """What a killed run left behind is removed before the first test."""
    remove_stale()
