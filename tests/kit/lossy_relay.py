"""A line that loses: a relay of UDP before one port of the server, which drops some of the RTP to the client."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiortc.rtp import is_rtcp

Address = tuple[str, int]
CANDIDATE = re.compile(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+) typ host.*$", re.MULTILINE)


class LossyRelay:
    """The line of one client, whose packets come to the server from a port of the relay. Both ways are counted."""

    def __init__(self, loss: float, seed: int) -> None:
        """`loss`: share of the RTP packets to the client."""
        self.loss = loss
        self.carried = 0
        """RTP packets to the client that came to the relay."""
        self.lost = 0
        self._chance = random.Random(seed)
        self._client: Address | None = None
        self._transports: list[asyncio.DatagramTransport] = []

    async def before(self, answer: str) -> str:
        """Return the server's answer with the relay's port in the place of the server's. One address is left in it."""
        candidates = [found for found in CANDIDATE.finditer(answer) if ":" not in found[1]]
        host, port = candidates[0][1], int(candidates[0][2])
        to_client = await self._open(lambda data, _: self._to_server(data), (host, 0))
        to_server = await self._open(lambda data, _: self._to_client(data), (host, 0), (host, port))
        self._transports = [to_client, to_server]
        mine = to_client.get_extra_info("sockname")[1]
        rest = CANDIDATE.sub(lambda one: "" if one[0] != candidates[0][0] else one[0], answer)
        return re.sub(r"\n+", "\n", rest.replace("\r", "")).replace(f"{host} {port} typ", f"{host} {mine} typ")

    async def _open(
        self, arrived: Callable[[bytes, Address], None], local: Address, remote: Address | None = None
    ) -> asyncio.DatagramTransport:
        relay = self

        class Side(asyncio.DatagramProtocol):
            def datagram_received(self, data: bytes, address: Address) -> None:
                if remote is None:
                    relay._client = address
                arrived(data, address)

        transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
            Side, local_addr=local, remote_addr=remote
        )
        return transport

    def _to_server(self, data: bytes) -> None:
        self._transports[1].sendto(data)

    def _to_client(self, data: bytes) -> None:
        if 128 <= data[0] <= 191 and not is_rtcp(data):
            self.carried += 1
            if self._chance.random() < self.loss:
                self.lost += 1
                return
        if self._client is not None:
            self._transports[0].sendto(data, self._client)

    def close(self) -> None:
        for transport in self._transports:
            transport.close()


@asynccontextmanager
async def lossy_relay(loss: float, seed: int = 1) -> AsyncIterator[LossyRelay]:
    """Yield a line that is closed with the scope."""
    relay = LossyRelay(loss, seed)
    try:
        yield relay
    finally:
        relay.close()
