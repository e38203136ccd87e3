"""Fixtures of tests over several processes: a real Redis for each test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.redis_server import RedisServer, running_redis


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test's own."""
    with running_redis(tmp_path) as server:
        yield server
