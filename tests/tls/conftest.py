"""Chromium, for those of this folder's tests that open the page."""

from pathlib import Path

import pytest

from tests.kit.page_fixtures import playwright, run_in_one_loop, running

__all__ = ["playwright", "running"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the page run in one event loop."""
    ours = [item for item in items if item.path.is_relative_to(HERE) and item.path.name.startswith("test_page_")]
    run_in_one_loop(ours)
