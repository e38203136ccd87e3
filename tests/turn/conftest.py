"""The coturn that the tests of this folder share."""

from collections.abc import Iterator

import pytest

from tests.kit.coturn_process import RunningCoturn, running_coturn


@pytest.fixture(scope="session")
def coturn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCoturn]:
    """Return a coturn that may relay to 127.0.0.1 and nowhere else, and gives each user two allocations."""
    with running_coturn(tmp_path_factory.mktemp("coturn"), allocations_of_one_user=2) as server:
        yield server
