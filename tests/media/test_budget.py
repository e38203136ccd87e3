"""The token bucket, and the budget of media that it makes of two."""

from __future__ import annotations

import pytest

from media.rtp.budget import TokenBucket
from media.rtp.peer_budget import CATCH_UP_S, PeerBudget

Step = tuple[float, float, bool]
"""An amount, a time in seconds, and True where the amount is granted."""


@pytest.mark.parametrize(
    ("rate", "burst", "steps"),
    [
        pytest.param(1.0, 2.0, [(1, 0, True), (1, 0, True), (1, 0, False)], id="a burst"),
        pytest.param(1.0, 2.0, [(2, 0, True), (1, 0.5, False), (1, 1.0, True), (1, 1.5, False)], id="the rate"),
        pytest.param(1.0, 2.0, [(2, 0, True), (2, 100, True), (1, 100, False)], id="no more than the burst is saved"),
        pytest.param(1.0, 2.0, [(3, 0, False), (2, 0, True)], id="what is refused costs nothing"),
        pytest.param(1.0, 2.0, [(2, 50, True), (1, 10, False), (1, 11, True)], id="a clock that was set back"),
        pytest.param(0.0, 2.0, [(2, 0, True), (0.1, 1e9, False)], id="no rate"),
        pytest.param(1.25, 4.0, [(4, 0, True), (1.25, 1, True), (1.25, 1.5, False)], id="fractions"),
    ],
)
def test_grants(rate: float, burst: float, steps: list[Step]) -> None:
    bucket = TokenBucket(rate, burst)
    assert [bucket.consume(amount, now) for amount, now, _ in steps] == [granted for _, _, granted in steps]


def test_looking_takes_nothing() -> None:
    bucket = TokenBucket(1.0, 1.0)
    assert bucket.holds(1, 0.0) and bucket.holds(1, 0.0) and not bucket.holds(2, 0.0)
    assert bucket.consume(1, 0.0) and not bucket.holds(1, 0.5)


def test_a_packet_too_large_takes_nothing_of_the_number_of_packets() -> None:
    guard = PeerBudget()
    assert not any(guard.admits(1_000_000, 0.0) for _ in range(2000))
    assert all(guard.admits(40, 0.0) for _ in range(100 * int(CATCH_UP_S)))


def test_a_peers_budget_admits_a_call_and_no_flood() -> None:
    guard = PeerBudget()
    assert all(guard.admits(80, n * 0.02) for n in range(1000))
    guard = PeerBudget()
    assert all(guard.admits(400 + 50, n * 0.02) for n in range(5000)), "an encoder's 160 kbit/s, and headers"
    guard = PeerBudget()
    passed = sum(guard.admits(40, n * 0.001) for n in range(10_000))
    assert passed == pytest.approx(100 * 10 + 100 * CATCH_UP_S, abs=2)
    guard = PeerBudget()
    sizes = sum(1200 for n in range(1000) if guard.admits(1200, n * 0.01))
    assert sizes == pytest.approx(32_000 * 10 + 32_000 * CATCH_UP_S, abs=1300)


def test_a_peers_budget_forgives() -> None:
    guard = PeerBudget()
    assert not all(guard.admits(40, 0.0) for _ in range(700))
    assert not guard.admits(40, 0.005)
    assert guard.admits(40, 0.02)


def test_reports_cost_no_media() -> None:
    guard = PeerBudget()
    assert not all(guard.admits_report(0.0) for _ in range(200))
    assert all(guard.admits(80, 0.0) for _ in range(250))
