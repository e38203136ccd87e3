"""`dragoman doctor` tries the relay out as a client would, and tells what is wrong with it."""

import time
from pathlib import Path

import pytest

from server.cli.turn_probe import ELSEWHERE, Probed, RelayProblem, probe
from tests.kit.coturn_process import RunningCoturn, running_coturn

pytestmark = pytest.mark.udp

MEDIA = "192.0.2.1"
HOUR_S = 3600


async def test_a_good_relay_refuses_all_that_it_should(tmp_path: Path) -> None:
    with running_coturn(tmp_path, peers=(MEDIA,), loopback_peers=False) as server:
        for transport in ("udp", "tcp"):
            found = await probe(server.url(transport), server.secret, [MEDIA], HOUR_S)
            assert found == Probed(1 + len(ELSEWHERE))


@pytest.mark.parametrize(
    ("ahead_s", "said"),
    [
        (300, "its clock is more than 60 s ahead of ours"),
        (-300, "its clock is more than 60 s behind ours"),
        (20, ""),
        (-20, ""),
    ],
)
async def test_a_relay_with_another_clock_works_and_is_told(tmp_path: Path, ahead_s: float, said: str) -> None:
    """The relay has this machine's clock; that of the server is the one that is moved."""
    with running_coturn(tmp_path, peers=(MEDIA,), loopback_peers=False) as server:
        found = await probe(server.url(), server.secret, [MEDIA], HOUR_S, lambda: time.time() - ahead_s)
    assert found.refused == 1 + len(ELSEWHERE)
    assert found.clock.startswith(said) and bool(found.clock) == bool(said)


async def test_a_clock_that_takes_every_credential_for_expired_is_no_wrong_secret(coturn: RunningCoturn) -> None:
    with pytest.raises(RelayProblem, match=r"its clock is more than 3600 s ahead of ours.*NTP"):
        await probe(coturn.url(), coturn.secret, [MEDIA], HOUR_S, lambda: time.time() - 2 * HOUR_S)


async def test_a_relay_that_does_not_know_the_media_server_is_told(tmp_path: Path) -> None:
    with (
        running_coturn(tmp_path, peers=("192.0.2.2",), loopback_peers=False) as server,
        pytest.raises(RelayProblem, match=r"192\.0\.2\.1.*DRAGOMAN_TURN_PEERS"),
    ):
        await probe(server.url(), server.secret, [MEDIA], HOUR_S)


async def test_a_way_into_our_own_network_is_told(coturn: RunningCoturn) -> None:
    with pytest.raises(RelayProblem, match=r"relays to 127\.0\.0\.1"):
        await probe(coturn.url(), coturn.secret, [MEDIA], HOUR_S)


async def test_another_secret_is_told(coturn: RunningCoturn) -> None:
    with pytest.raises(RelayProblem, match=r"401.*is the secret the same"):
        await probe(coturn.url(), "another-secret-0123456789", [MEDIA], HOUR_S)


async def test_a_relay_that_is_not_there_is_told() -> None:
    with pytest.raises(RelayProblem, match=r"coturn|DRAGOMAN_TURN_URLS"):
        await probe("turn:127.0.0.1:9?transport=tcp", "a-secret-0123456789", [MEDIA], HOUR_S)
