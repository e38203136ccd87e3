"""A real coturn, configured by us: who gets an allocation, how many, and where it may send."""

import asyncio
import time
from pathlib import Path

import pytest
from aioice.stun import TransactionFailed
from aioice.turn import create_turn_endpoint

from tests.kit.coturn_process import RunningCoturn, running_coturn
from tests.kit.moved_clock import until
from tests.kit.turn_client import allocation
from turn.credentials import Credential, issue

pytestmark = pytest.mark.udp

UNAUTHORIZED, FORBIDDEN, QUOTA_REACHED = 401, 403, 486  # RFC 8489, section 14.8; RFC 8656, section 19


async def refusal(server: RunningCoturn, credential: Credential) -> int:
    """Return the STUN error code with which an allocation is refused."""
    with pytest.raises(TransactionFailed) as refused:
        async with allocation(server, credential):
            pass
    code: int = refused.value.response.error_code
    return code


class Received(asyncio.DatagramProtocol):
    """Collects what arrives; echoes it in capitals where `echo` is set."""

    def __init__(self, echo: bool = False) -> None:
        self.echo = echo
        self.datagrams: asyncio.Queue[bytes] = asyncio.Queue()

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]
        self.transport = transport

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        self.datagrams.put_nowait(data)
        if self.echo:
            self.transport.sendto(data.upper(), address)


@pytest.mark.parametrize("transport", ["udp", "tcp"])
async def test_media_goes_through_the_relay(coturn: RunningCoturn, transport: str) -> None:
    credential = issue(coturn.secret, f"speaker-{transport}", 60, time.time())
    loop = asyncio.get_running_loop()
    peer, server = await loop.create_datagram_endpoint(lambda: Received(echo=True), ("127.0.0.1", 0))
    relayed, client = await create_turn_endpoint(
        Received, coturn.address, credential.username, credential.password, transport=transport
    )
    try:
        relayed.sendto(b"good morning", peer.get_extra_info("sockname"))
        assert await asyncio.wait_for(server.datagrams.get(), 60) == b"good morning"
        assert await asyncio.wait_for(client.datagrams.get(), 60) == b"GOOD MORNING"
        assert relayed.get_extra_info("sockname")[0] == "127.0.0.1"
    finally:
        relayed.close()
        peer.close()
        await until(lambda: len(asyncio.all_tasks()) == 1)  # `close` gives the allocation back in a task of its own


async def test_another_secret_is_refused(coturn: RunningCoturn) -> None:
    forged = issue("another-secret-0123456789", "alice", 60, time.time())
    assert await refusal(coturn, forged) == UNAUTHORIZED


async def test_an_expired_credential_is_refused(coturn: RunningCoturn) -> None:
    expired = issue(coturn.secret, "alice", 60, time.time() - 120)
    assert await refusal(coturn, expired) == UNAUTHORIZED


async def test_a_postponed_expiry_is_refused(coturn: RunningCoturn) -> None:
    expired = issue(coturn.secret, "alice", 60, time.time() - 120)
    postponed = Credential(f"{int(time.time()) + 60}:alice", expired.password)
    assert await refusal(coturn, postponed) == UNAUTHORIZED


async def test_another_name_on_a_credential_is_refused(coturn: RunningCoturn) -> None:
    hers = issue(coturn.secret, "alice", 60, time.time())
    his = Credential(hers.username.replace("alice", "bob"), hers.password)
    assert await refusal(coturn, his) == UNAUTHORIZED


async def test_the_quota_counts_the_user_and_not_the_credential(coturn: RunningCoturn) -> None:
    now = time.time()
    async with (
        allocation(coturn, issue(coturn.secret, "greedy", 60, now)),
        allocation(coturn, issue(coturn.secret, "greedy", 61, now)),
    ):
        assert await refusal(coturn, issue(coturn.secret, "greedy", 62, now)) == QUOTA_REACHED
        async with allocation(coturn, issue(coturn.secret, "modest", 60, now)):
            pass


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.2",  # loopback, but not the media server
        "10.0.0.1",  # RFC 1918
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",  # shared address space, RFC 6598
        "169.254.169.254",  # cloud metadata
        "224.0.0.1",  # multicast
        "255.255.255.255",
        "0.0.0.0",  # this host
        "198.51.100.1",  # anyone
        "203.0.113.1",
    ],
)
async def test_it_relays_to_nobody_but_the_media_server(coturn: RunningCoturn, address: str) -> None:
    async with allocation(coturn, issue(coturn.secret, f"at-{address}", 60, time.time())) as client:
        with pytest.raises(TransactionFailed) as refused:
            await client.channel_bind(0x4000, (address, 40_000))
        assert refused.value.response.error_code == FORBIDDEN
        await client.channel_bind(0x4001, ("127.0.0.1", 40_000))  # allowed, though inside the denied range


async def test_production_never_relays_to_loopback(tmp_path: Path) -> None:
    with running_coturn(tmp_path, peers=("127.0.0.1", "192.0.2.0/29"), loopback_peers=False) as server:
        async with allocation(server, issue(server.secret, "alice", 60, time.time())) as client:
            with pytest.raises(TransactionFailed) as refused:
                await client.channel_bind(0x4000, ("127.0.0.1", 40_000))
            assert refused.value.response.error_code == FORBIDDEN
            await client.channel_bind(0x4001, ("192.0.2.7", 40_000))  # the last address of its network
            with pytest.raises(TransactionFailed):
                await client.channel_bind(0x4002, ("192.0.2.8", 40_000))


def test_coturn_knows_every_line_that_we_write(tmp_path: Path) -> None:
    with running_coturn(tmp_path) as server:
        log = server.log.read_text()
    assert "White listing: 127.0.0.1" in log
    assert "Black listing: 0.0.0.0-255.255.255.255" in log
    for complaint in ("Bad configuration format", "Unknown argument", "ERROR"):
        assert complaint not in log
    assert server.secret not in log


async def test_a_secret_is_replaced_while_calls_go_on(tmp_path: Path) -> None:
    """Credentials of both secrets are good, so the relay and the server need not change in the same moment."""
    with running_coturn(tmp_path, former_secret="the-former-secret-0123456789") as server:
        for secret in (server.secret, "the-former-secret-0123456789"):
            async with allocation(server, issue(secret, "alice", 60, time.time())):
                pass
        assert await refusal(server, issue("a-third-secret-0123456789", "alice", 60, time.time())) == UNAUTHORIZED
