"""Chromium, and the page without a server: what the tests of this folder share."""

from pathlib import Path

import pytest

from tests.kit.page_fixtures import browsers, modules, playwright, run_in_one_loop, running, shell, site_url

__all__ = ["browsers", "modules", "playwright", "running", "shell", "site_url"]

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests of this folder run in one event loop."""
    run_in_one_loop(item for item in items if item.path.is_relative_to(HERE))
