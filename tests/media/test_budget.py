"""The token bucket, and the budgets that are made of it: of media, and of all else that a client sends."""

from __future__ import annotations

import pytest

from media.rtp.budget import TokenBucket
from media.rtp.peer_budget import CATCH_UP_S, PeerBudget
from media.webrtc import control_budget
from media.webrtc.control_budget import CommonBudget, ControlBudget, QuietBudget
from media.webrtc.network import NetworkOptions
from media.webrtc.transports import IceConnection
from tests.kit.aiortc_peer import Client, Scene
from tests.kit.sdp_offers import chromium

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


class Calls:
    """Connections of one server: those of as many `hostile` participants as are asked for, and a quiet one."""

    def __init__(self, hostile: int) -> None:
        self.now = 100.0
        self._common = CommonBudget()
        self._theirs = [QuietBudget() for _ in range(hostile)]
        self.hostile: list[ControlBudget] = []
        self.offer_anew()
        self.quiet = ControlBudget(lambda: self.now, self._common)

    def offer_anew(self) -> None:
        """Give each hostile participant a new connection in the place of theirs."""
        self.hostile = [ControlBudget(lambda: self.now, self._common, one) for one in self._theirs]

    def flood(self) -> int:
        """Return how many datagrams are let in, of as many as the hostile ones can send at once."""
        return sum(one.admits() + one.admits_check() for one in self.hostile for _ in range(600))


EACH_AT_ONCE = control_budget.QUIET_BURST + control_budget.QUIET_CHECKS_BURST
EACH_PER_S = control_budget.QUIET_PER_S + control_budget.QUIET_CHECKS_PER_S


def test_many_connections_that_flood_share_what_is_beyond_quiet_calls() -> None:
    calls, datagrams, chunks, seconds = Calls(50), 0, 0, 20
    for step in range(2 * seconds * 50):
        calls.now += 0.02
        counts = step >= seconds * 50  # not what is let in at once
        for one in calls.hostile:
            datagrams += (one.admits() + one.admits_check()) * counts
            chunks += 5 * one.admits_chunks(5) * counts
        if step % 10 == 0:
            assert calls.quiet.admits() and calls.quiet.admits_chunks(2), "a flood of others takes nothing of it"
    most = (50 * EACH_PER_S + control_budget.COMMON_PER_S) * seconds
    assert 0.9 * most < datagrams < 1.01 * most
    most = (50 * control_budget.QUIET_CHUNKS_PER_S + control_budget.COMMON_CHUNKS_PER_S) * seconds
    assert 0.9 * most < chunks < 1.01 * most


def test_what_many_get_in_at_once_is_a_handshake_each_and_what_is_common() -> None:
    calls = Calls(50)
    assert calls.flood() == 50 * EACH_AT_ONCE + control_budget.COMMON_BURST <= 7000


def test_a_new_offer_brings_no_new_quiet_budget() -> None:
    calls, seconds = Calls(50), 5
    calls.flood()
    datagrams = chunks = 0
    for _ in range(seconds):
        calls.now += 1
        calls.offer_anew()
        datagrams += calls.flood()
        chunks += sum(5 * one.admits_chunks(5) for one in calls.hostile for _ in range(200))
    assert datagrams <= (50 * EACH_PER_S + control_budget.COMMON_PER_S) * seconds
    at_once = 50 * control_budget.QUIET_CHUNKS_BURST + control_budget.COMMON_CHUNKS_BURST
    assert chunks <= at_once + (50 * control_budget.QUIET_CHUNKS_PER_S + control_budget.COMMON_CHUNKS_PER_S) * seconds


def test_forged_checks_take_nothing_that_is_kept_for_the_client() -> None:
    """An observer of the client's checks knows the username fragment, while others have all that is common."""
    calls, forged = Calls(50), 0
    for step in range(60 * 50):
        calls.now += 0.02
        for one in calls.hostile:
            one.admits()
        forged += calls.quiet.admits_check()
        if step % 10 == 0:
            assert calls.quiet.admits() and calls.quiet.admits_chunks(2)
    assert forged >= control_budget.QUIET_CHECKS_BURST + 59 * control_budget.QUIET_CHECKS_PER_S, "nor the other way"


def test_one_that_floods_has_its_own_bounds_alone() -> None:
    calls = Calls(1)
    [one] = calls.hostile
    at_once = sum(one.admits() for _ in range(10_000))
    assert at_once == control_budget.DATAGRAMS_BURST
    for _ in range(100):
        calls.now += 0.01
        at_once += sum(one.admits() for _ in range(100))
    assert at_once == control_budget.DATAGRAMS_BURST + control_budget.DATAGRAMS_PER_S


async def test_connections_of_one_server_share_it() -> None:
    options = NetworkOptions(["127.0.0.1"])
    one, other = (IceConnection(options, lambda: 100.0) for _ in range(2))
    assert one.control._common is other.control._common is options.common
    assert IceConnection(NetworkOptions(), lambda: 100.0).control._common is not options.common


@pytest.mark.real_time
@pytest.mark.side_by_side
async def test_all_connections_of_a_participant_share_their_budgets() -> None:
    async with Scene() as scene:
        ices = []
        for person, negotiation in (("ann", 1), ("ann", 2), ("bob", 1)):
            await scene.room.offer(person, negotiation, chromium("Aad"))
            pending = scene.room._people[person].pending
            assert pending is not None
            ices.append(pending.peer._ice)
        await scene.room.publish("ann", "w_1", chromium("A"))
        publishing = scene.room._people["ann"].publishing
        assert publishing is not None
        first, second, other, encoder = (*ices, publishing.peer._ice)
        assert first.control._quiet is second.control._quiet is encoder.control._quiet is not other.control._quiet
        assert first._checks is second._checks is encoder._checks is not other._checks


@pytest.mark.real_time
@pytest.mark.side_by_side
async def test_what_is_kept_for_a_participant_is_enough_for_a_handshake() -> None:
    """While others flood, so that nothing is left of what is common."""
    network = NetworkOptions()
    network.common.datagrams = network.common.chunks = TokenBucket(0.0, 0.0)
    async with Scene(network=network) as scene, Client() as ann:
        await ann.join(scene.room, "ann")
        connection = scene.room._people["ann"].connection
        assert connection is not None and connection.peer.refused == 0
