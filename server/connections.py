"""Decides whether one more connection of an address is served, before anything is read from it.

Each holds a file descriptor and memory, and each pass of the event loop serves one request of every connection: many
of one address would make each pass long, and every voice late.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import TypeAlias

from signaling.http.address_limits import SITE_FACTOR, AddressLimit, counted_as, parsed, site_of
from signaling.rate_limits import LocalRateLimiter, Rate

log = logging.getLogger(__name__)

LOG_EVERY_S = 60.0
"""Time between two lines of the log about connections that are refused."""

MakeProtocol: TypeAlias = Callable[[], asyncio.Protocol]


class Connections:
    """Open connections of each address, and of each IPv6 /48. Those of trusted proxies are not counted."""

    def __init__(
        self, most: int, new: Rate, trusted: Sequence[IPv4Network | IPv6Network], now: Callable[[], float]
    ) -> None:
        """`most` are open at a time, `new` ones come; of a /48 `SITE_FACTOR` times as many. `now`: loop time, s."""
        self._most = most
        self._new = AddressLimit(lambda name, rate: LocalRateLimiter(rate), "connections", new)
        self._trusted = trusted
        self._now = now
        self._open: Counter[str] = Counter()
        self._refused = 0
        self._logged_at = float("-inf")

    def __repr__(self) -> str:
        return f"<Connections {self._open.total()} counted, {self._refused} refused since the last line of the log>"

    def __len__(self) -> int:
        """Return the number of addresses and sites with open connections."""
        return len(self._open)

    def enter(self, host: str) -> bool:
        """Count a connection of `host`. False for one too many, which is not counted."""
        keys = self._keys(host)
        if not keys:
            return True
        full = any(self._open[key] >= self._most * factor for key, factor in zip(keys, (1, SITE_FACTOR), strict=False))
        if full or self._new.consume(keys[0], self._now()) > 0:
            self._refuse()
            return False
        self._open.update(keys)
        return True

    def leave(self, host: str) -> None:
        """Note the end of a connection that `enter` has counted."""
        for key in self._keys(host):
            self._open[key] -= 1
            if self._open[key] <= 0:
                del self._open[key]

    def _keys(self, host: str) -> Sequence[str]:
        """Return what a connection is counted under: its address and, of IPv6, its site. Nothing for a proxy."""
        address = parsed(host)
        if address is None or any(address in network for network in self._trusted):
            return ()
        counted = counted_as(address)
        return tuple(dict.fromkeys((counted, site_of(counted))))

    def _refuse(self) -> None:
        self._refused += 1
        if self._now() - self._logged_at >= LOG_EVERY_S:
            log.warning("connections are refused: too many of one address", extra={"connections": self._refused})
            self._logged_at, self._refused = self._now(), 0


class Doorway(asyncio.Protocol):
    """Protocol of one connection: passes everything on to the server's, if the connection is admitted."""

    def __init__(self, make: MakeProtocol, connections: Connections, host: str | None = None) -> None:
        """`host`: whose connection `enter` has counted already; None: it is counted once it is there."""
        self._make = make
        self._connections = connections
        self._host = host
        self._inner: asyncio.Protocol | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._host is None:
            host = str((transport.get_extra_info("peername") or ("",))[0])
            if not self._connections.enter(host):
                assert isinstance(transport, asyncio.Transport)
                transport.abort()
                return
            self._host = host
        self._inner = self._make()
        self._inner.connection_made(transport)

    def data_received(self, data: bytes) -> None:
        if self._inner is not None:
            self._inner.data_received(data)

    def eof_received(self) -> bool | None:
        return None if self._inner is None else self._inner.eof_received()

    def pause_writing(self) -> None:
        if self._inner is not None:
            self._inner.pause_writing()

    def resume_writing(self) -> None:
        if self._inner is not None:
            self._inner.resume_writing()

    def connection_lost(self, error: Exception | None) -> None:
        if self._inner is not None:
            self._inner.connection_lost(error)
        self.leave()

    def leave(self) -> None:
        """Note the end of the connection. Again is nothing."""
        host, self._host, self._inner = self._host, None, None
        if host is not None:
            self._connections.leave(host)
