"""Event loop on whose UDP sockets datagrams are lost in both directions: media, DTLS, ICE and SCTP alike."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from typing import Any


class LossyLoop(asyncio.SelectorEventLoop):
    """A loop that loses each datagram with the chance `loss` (0..1), by the dice of `seed`."""

    def __init__(self, loss: float, seed: int) -> None:
        super().__init__()
        self._loss = loss
        self._dice = random.Random(seed)
        self.lost_datagrams = 0

    async def create_datagram_endpoint(
        self, protocol_factory: Callable[[], Any], *arguments: Any, **options: Any
    ) -> tuple[Any, Any]:
        """Open a socket that loses datagrams; the protocol is the factory's own."""
        made: list[Any] = []

        def lossy() -> Any:
            protocol = protocol_factory()
            made.append(protocol)
            return _Lossy(protocol, self.loses)

        transport, _ = await super().create_datagram_endpoint(lossy, *arguments, **options)
        return _LossyTransport(transport, self.loses), made[0]

    def loses(self) -> bool:
        """Throw the dice for one datagram."""
        lost = self._dice.random() < self._loss
        self.lost_datagrams += lost
        return lost


class _Lossy(asyncio.DatagramProtocol):
    def __init__(self, protocol: Any, loses: Callable[[], bool]) -> None:
        self._protocol = protocol
        self._loses = loses

    def connection_made(self, transport: Any) -> None:
        self._protocol.connection_made(_LossyTransport(transport, self._loses))

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if not self._loses():
            self._protocol.datagram_received(data, addr)

    def error_received(self, exc: Exception) -> None:
        self._protocol.error_received(exc)


class _LossyTransport:
    """A datagram transport, but for what it sends."""

    def __init__(self, transport: Any, loses: Callable[[], bool]) -> None:
        self._transport = transport
        self._loses = loses

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def sendto(self, data: bytes, addr: Any = None) -> None:
        if not self._loses():
            self._transport.sendto(data, addr)
