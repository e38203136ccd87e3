"""`dragoman doctor` tries the relay out as a client would, and tells what is wrong with it."""

from pathlib import Path

import pytest

from server.cli.turn_probe import ELSEWHERE, RelayProblem, probe
from tests.kit.coturn_process import RunningCoturn, running_coturn

pytestmark = pytest.mark.udp

MEDIA = "192.0.2.1"


async def test_a_good_relay_refuses_all_that_it_should(tmp_path: Path) -> None:
    with running_coturn(tmp_path, peers=(MEDIA,), loopback_peers=False) as server:
        for transport in ("udp", "tcp"):
            assert await probe(server.url(transport), server.secret, [MEDIA]) == 1 + len(ELSEWHERE)


async def test_a_relay_that_does_not_know_the_media_server_is_told(tmp_path: Path) -> None:
    with (
        running_coturn(tmp_path, peers=("192.0.2.2",), loopback_peers=False) as server,
        pytest.raises(RelayProblem, match=r"192\.0\.2\.1.*DRAGOMAN_TURN_PEERS"),
    ):
        await probe(server.url(), server.secret, [MEDIA])


async def test_a_way_into_our_own_network_is_told(coturn: RunningCoturn) -> None:
    with pytest.raises(RelayProblem, match=r"relays to 127\.0\.0\.1"):
        await probe(coturn.url(), coturn.secret, [MEDIA])


async def test_another_secret_is_told(coturn: RunningCoturn) -> None:
    with pytest.raises(RelayProblem, match="401"):
        await probe(coturn.url(), "another-secret-0123456789", [MEDIA])


async def test_a_relay_that_is_not_there_is_told() -> None:
    with pytest.raises(RelayProblem, match=r"coturn|DRAGOMAN_TURN_URLS"):
        await probe("turn:127.0.0.1:9?transport=tcp", "a-secret-0123456789", [MEDIA])
