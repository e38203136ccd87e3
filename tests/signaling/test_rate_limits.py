"""Sliding windows: exact, bounded, and on the clock that they are given."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.counts import SharedCounts, Times
from signaling import rate_limits
from signaling.rate_limits import LocalRateLimiter, Rate, SlidingWindow, retry_after


def test_the_window_slides() -> None:
    limit = LocalRateLimiter(Rate(3, 60))
    assert [limit.consume("a", now) for now in (0, 10, 20)] == [0, 0, 0]
    assert limit.consume("a", 30) == 30
    assert limit.consume("a", 59.5) == 0.5
    assert limit.consume("a", 60) == 0
    assert limit.consume("a", 60) == 10
    assert limit.consume("b", 30) == 0


def test_asking_is_free_and_counting_is_not() -> None:
    limit = LocalRateLimiter(Rate(2, 10))
    assert [limit.wait("a", 0) for _ in range(5)] == [0] * 5
    assert len(limit) == 0
    limit.count("a", 0)
    limit.count("a", 1)
    assert limit.wait("a", 2) == 8
    limit.count("a", 2)
    assert limit.wait("a", 10) == 0


def test_a_refused_one_does_not_lengthen_the_wait() -> None:
    window = SlidingWindow(Rate(1, 10))
    assert window.consume(0) == 0
    assert [window.consume(now) for now in (1, 2, 9)] == [9, 8, 1]
    assert window.consume(10) == 0


def test_nothing_at_all() -> None:
    limit = LocalRateLimiter(Rate(0, 10))
    assert limit.wait("a", 0) == 10
    assert limit.consume("a", 0) == 10


def test_memory_is_bounded_and_the_quiet_are_forgotten_first() -> None:
    limit = LocalRateLimiter(Rate(1, 60), keys=3)
    for key in "abcabd":
        limit.consume(key, 0)
    assert len(limit) == 3
    assert limit.wait("c", 0) == 0
    assert limit.wait("a", 0) == 60


@given(st.lists(st.integers(0, 100), max_size=60).map(sorted), st.integers(1, 5))
def test_never_more_than_the_rate_in_any_window(times: list[int], count: int) -> None:
    window = SlidingWindow(Rate(count, 10))
    passed = [now for now in times if window.consume(now) <= 0]
    for start in passed:
        assert sum(start <= now < start + 10 for now in passed) <= count


@pytest.mark.parametrize(("wait", "header"), [(0.001, 1), (1, 1), (1.2, 2), (3599.5, 3600)])
def test_retry_after_is_whole_seconds(wait: float, header: int) -> None:
    assert retry_after(wait) == header


def test_what_is_charged_beyond_the_limit_takes_the_place_of_later_events() -> None:
    window = SlidingWindow(Rate(2, 10))
    window.count(0.0)
    for _ in range(4):
        window.charge(0.0)
    assert [window.wait(now) for now in (0.0, 10.0, 19.0)] == [20.0, 10.0, 1.0]
    assert window.consume(20.5) == 0 and window.consume(20.5) == 9.5, "one of the third pair was charged"
    assert window.consume(40.5) == 0 and window.consume(40.5) == 0 and window.consume(40.5) == 10


def test_what_is_charged_reaches_a_bounded_time_ahead() -> None:
    window = SlidingWindow(Rate(2, 10))
    for _ in range(1000):
        window.charge(0.0)
    assert window.wait(0.0) == 10 * rate_limits.MOST_AHEAD
    nobody = SlidingWindow(Rate(0, 10))
    nobody.charge(0.0)
    assert nobody.wait(0.0) == 10


async def test_many_nodes_allow_in_the_long_run_what_one_does() -> None:
    """An address that tries all nodes at once gets more of them once, and waits for it."""
    now, said = 0.0, list[Times]()

    class Between:
        """Exchange of one node: it is told what the others have said since it was told last."""

        def __init__(self) -> None:
            self._read = 0

        async def exchange(self, mine: Sequence[Times]) -> Sequence[Times]:
            heard, own = said[self._read :], list(mine)
            said.extend(own)
            self._read = len(said)
            return heard

    nodes = [SharedCounts(Between(), lambda: now) for _ in range(8)]
    limits = [one.limiter("wrong_codes", Rate(10, 60)) for one in nodes]
    allowed = 0
    for second in range(3600):
        now = float(second)
        allowed += sum(one.consume("192.0.2.1", now) <= 0 for one in limits for _ in range(20))
        for one in nodes * 2:
            await one.exchange()
    assert 600 <= allowed <= 600 + 8 * 10
