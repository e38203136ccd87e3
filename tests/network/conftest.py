"""Real networks for the tests of this folder; where there can be none, the tests say so and are skipped."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.kit.network_namespaces import missing, remove_stale

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    ours = [item for item in items if item.path.is_relative_to(HERE)]
    for item in ours:
        item.add_marker("network")
    if ours and (reason := missing()):
        print(f"\ntests/network is skipped: {reason}", file=sys.stderr)
        for item in ours:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session", autouse=True)
def no_stale_namespaces() -> None:
    """Remove the leftovers of a killed run before the first test."""
    remove_stale()


@pytest.fixture(scope="session")
def stage(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[ModuleType, Future[Any]]]:
    """Long scenes are played side by side: `play(folder)` of every module with a test that wants it `played`, but for
    those that say `ALONE`."""
    modules = {item.module: None for item in request.session.items if "played" in getattr(item, "fixturenames", ())}  # type: ignore[attr-defined]
    wanted = [module for module in modules if not _alone(module)]
    with ThreadPoolExecutor(max(1, len(wanted))) as pool:
        yield {module: pool.submit(module.play, tmp_path_factory.mktemp(module.__name__)) for module in wanted}


@pytest.fixture
def played(
    request: pytest.FixtureRequest, stage: dict[ModuleType, Future[Any]], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """Return the result of `play` of the test's module."""
    module = request.module
    if not _alone(module):
        return stage[module].result(timeout=230)
    late = wait(stage.values(), timeout=230).not_done
    assert not late, f"{len(late)} other scenes still play: nothing can be measured beside them"
    return module.play(tmp_path_factory.mktemp(module.__name__))


def _alone(module: ModuleType) -> bool:
    """Return True if a scene wants the machine for itself.

    Such a scene measures milliseconds; starting servers of others would disturb it."""
    return getattr(module, "ALONE", False)
