"""Probes a TURN relay as a client would: who gets an allocation, and where it lets them send (RFC 8656)."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass

from aioice.stun import TransactionError, TransactionFailed
from aioice.turn import TurnClientProtocol, TurnClientTcpProtocol, TurnClientUdpProtocol

from turn.credentials import Credential, issue

ELSEWHERE = ("127.0.0.1", "10.255.255.254", "172.31.255.254", "192.168.255.254", "169.254.169.254", "198.51.100.1")
"""Loopback, private networks, the metadata service of clouds, and somebody else (RFC 5737)."""
UNAUTHORIZED = 401
PATIENCE = 5.0
AGREE_S = 60
"""Seconds by which two clocks may differ before a finding says so."""
_YEAR_S = 366 * 24 * 3600


class RelayProblem(Exception):
    """Trouble with a relay, with the remedy in its message."""


@dataclass(frozen=True, slots=True)
class Relay:
    """Address and transport that a `turn:` or `turns:` URL names."""

    host: str
    port: int
    transport: str
    tls: bool

    @classmethod
    def at(cls, url: str) -> Relay:
        scheme, _, rest = url.partition(":")
        address, _, query = rest.partition("?")
        host, colon, port = address.rpartition(":")
        if not colon or address.endswith("]"):
            host, port = address, "5349" if scheme in ("turns", "stuns") else "3478"
        tls = scheme in ("turns", "stuns")
        return cls(host.strip("[]"), int(port), "tcp" if tls or query == "transport=tcp" else "udp", tls)


@dataclass(frozen=True, slots=True)
class Probed:
    """A relay that does as it should. `clock`: how its clock differs from ours; empty where they agree."""

    refused: int
    """Requests that it rightly refused."""
    clock: str = ""


async def probe(url: str, secret: str, media: Sequence[str], ttl: int, wall: Callable[[], float] = time.time) -> Probed:
    """Return the findings of a relay that does as it should. Raises RelayProblem.

    The relay must give an allocation to a credential of ours that is good for `ttl` seconds, as clients get them, and
    to no other. It must relay to one of the `media` addresses, and to nothing ELSEWHERE.
    """
    relay = Relay.at(url)
    good = issue(secret, "doctor", ttl, wall())
    try:
        async with asyncio.timeout(PATIENCE):
            refused = await _refuses_forged(relay, good)
            async with _allocation(relay, good) as client:
                refused += await _keeps_to(client, media)
            return Probed(refused, await _clock(relay, secret, wall()))
    except TimeoutError:
        raise RelayProblem(f"no answer in {PATIENCE:.0f} s; is coturn running, is its port open?") from None
    except ssl.SSLError as error:
        raise RelayProblem(f"its certificate is not believed: {error.reason or error}") from None
    except OSError as error:
        raise RelayProblem(f"{error.strerror or error}; check DRAGOMAN_TURN_URLS") from None
    except TransactionError as error:
        refusal = _described(error)
    with suppress(TransactionError, OSError):
        async with asyncio.timeout(PATIENCE):
            if await _takes(relay, issue(secret, "doctor", _YEAR_S, wall())):
                raise RelayProblem(
                    f"its clock is more than {ttl} s ahead of ours, so that it takes credentials for expired; keep "
                    "both clocks by NTP"
                )
    raise RelayProblem(f"no allocation for our credential ({refusal}); is the secret the same?")


async def _keeps_to(client: TurnClientProtocol, media: Sequence[str]) -> int:
    """Return the number of addresses that are rightly refused. Raises RelayProblem."""
    forbidden = [address for address in ELSEWHERE if address not in media]
    for number, address in enumerate(forbidden):
        if await _relays(client, 0x4000 + number, address):
            raise RelayProblem(f"it relays to {address}: make its configuration with python -m turn")
    for number, address in enumerate(media):
        if await _relays(client, 0x4100 + number, address):
            return len(forbidden)
    raise RelayProblem(f"it does not relay to {', '.join(media)}: set DRAGOMAN_TURN_PEERS")


async def _clock(relay: Relay, secret: str, now: float) -> str:
    """Return how the relay's clock differs from ours, by which of two short credentials it takes."""
    if not await _takes(relay, issue(secret, "doctor", AGREE_S, now)):
        return f"its clock is more than {AGREE_S} s ahead of ours: credentials end early; keep both by NTP"
    if await _takes(relay, issue(secret, "doctor", AGREE_S, now - 2 * AGREE_S)):
        return f"its clock is more than {AGREE_S} s behind ours: credentials end late; keep both by NTP"
    return ""


async def _takes(relay: Relay, credential: Credential) -> bool:
    try:
        async with _allocation(relay, credential):
            return True
    except TransactionFailed as refusal:
        if refusal.response.error_code != UNAUTHORIZED:
            raise
    return False


async def _refuses_forged(relay: Relay, good: Credential) -> int:
    if await _takes(relay, Credential(good.username, "forged")):
        raise RelayProblem("it lets in a forged credential: make its configuration with python -m turn")
    return 1


async def _relays(client: TurnClientProtocol, channel: int, address: str) -> bool:
    try:
        await client.channel_bind(channel, (address, 40_000))
    except TransactionFailed:
        return False
    return True


@asynccontextmanager
async def _allocation(relay: Relay, credential: Credential) -> AsyncIterator[TurnClientProtocol]:
    """Raises TransactionError where none is given, OSError where nobody is there."""
    loop = asyncio.get_running_loop()
    kind = TurnClientUdpProtocol if relay.transport == "udp" else TurnClientTcpProtocol
    address = (relay.host, relay.port)

    def make() -> TurnClientProtocol:
        return kind(address, credential.username, credential.password, lifetime=60, channel_refresh_time=500)

    transport: asyncio.BaseTransport
    if relay.transport == "udp":
        transport, client = await loop.create_datagram_endpoint(make, remote_addr=address)
    else:
        transport, client = await loop.create_connection(make, relay.host, relay.port, ssl=relay.tls or None)
    try:
        await client.connect()
        try:
            yield client
        finally:
            await client.delete()
    finally:
        transport.close()


def _described(error: TransactionError) -> str:
    if isinstance(error, TransactionFailed):
        code, reason = error.response.attributes.get("ERROR-CODE", (0, "refused"))
        return f"{code} {reason}"
    return str(error)
