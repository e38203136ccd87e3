"""Where media is received, and with whom it may be exchanged: our sockets, what clients are told of them, and
which of a client's candidates are tried.

A client names addresses, and ICE makes us send to them. Left alone, that is a way to aim our packets at third
parties and at what stands beside us, so candidates are filtered and counted, and checks to addresses from which
nobody has proved to be the client are rationed (RFC 8445, 19.5.1).
"""

from __future__ import annotations

import asyncio
import copy
import random
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

from aioice import Candidate
from aioice.candidate import candidate_foundation
from aioice.ice import Connection, StunProtocol
from aioice.stun import Class, Message

MAX_REMOTE = 32
"""Remote addresses of one connection that are tried; the others are ignored."""
MAX_PROVEN = 32
"""Addresses from which one client may prove that it is there, such as those of a phone on the move."""
MAX_NAMES = 8
"""Names under .local of one connection that are looked up."""
CHECKS_BURST, CHECKS_PER_S = 240.0, 20.0
LEAST_PORT = 1024
RECEIVE_BUFFER = 262_144

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """`addresses` are the local ones that media is received on; none means all of the machine's.

    `advertised` are told to clients instead of the local ones of the same family, as behind a one-to-one NAT,
    which must keep the ports. `ports` are the first and last UDP port; none leaves the choice to the kernel.
    """

    addresses: Sequence[str] = ()
    advertised: Sequence[str] = ()
    ports: tuple[int, int] | None = None

    def told(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """The candidates that stand in the answer."""
        found: list[Candidate] = []
        for candidate in candidates:
            family = ip_address(candidate.host).version
            outside = [address for address in self.advertised if ip_address(address).version == family]
            found += [_at(candidate, address) for address in outside] if outside else [candidate]
        return found


class Allowance:
    """How many STUN messages may go to addresses that nobody has proved to be at: a burst, then so many a second.

    It is one for all connections of a participant, so that a new offer is no new allowance.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._left = CHECKS_BURST
        self._at = now()
        self.refused = 0

    def take(self) -> bool:
        now = self._now()
        self._left = min(CHECKS_BURST, self._left + (now - self._at) * CHECKS_PER_S)
        self._at = now
        if self._left < 1:
            self.refused += 1
            return False
        self._left -= 1
        return True


class MediaSocket(StunProtocol):
    """A socket of ours. Whatever is not STUN is let in only from where the client proved to be: whoever knows
    the password of the answer, and answers or asks by it (RFC 8445, 7.3)."""

    def __init__(self, receiver: Connection, allowance: Allowance, proved: Callable[[], None] = lambda: None) -> None:
        super().__init__(receiver)
        self._allowance = allowance
        self._proved = proved  # called at each check that was signed
        self._proven: set[Address] = set()
        self.strangers = 0
        """Datagrams dropped because of where they came from."""

    def prove(self, addr: Address) -> None:
        self._proven.add(addr)

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        here = (addr[0], addr[1])
        # The first two bits tell STUN (RFC 7983) from DTLS and SRTP.
        if here not in self._proven and (not data or data[0] > 3 or len(self._proven) >= MAX_PROVEN):  # type: ignore[operator]
            self.strangers += 1
            return
        try:
            super().datagram_received(data, addr)
        except struct.error:
            if data[0] > 3:  # type: ignore[operator]
                raise
            self.strangers += 1  # STUN with an attribute cut short: aioice lets that out, whoever sent it

    def send_stun(self, message: Message, addr: Address) -> None:
        if message.message_class == Class.RESPONSE:
            self._proven.add(addr)  # success is only ever sent to who signed the request with our password
            self._proved()
        elif addr not in self._proven and not self._allowance.take():
            return
        super().send_stun(message, addr)


async def bind(make: Callable[[], MediaSocket], address: str, ports: tuple[int, int] | None) -> MediaSocket:
    """Open a socket on a port of the range, from a random one upwards. Raises OSError when none is free."""
    first, last = ports or (0, 0)
    start = random.randrange(last - first + 1)
    for step in range(last - first + 1):
        port = first + (start + step) % (last - first + 1)
        try:
            transport, opened = await asyncio.get_running_loop().create_datagram_endpoint(
                make, local_addr=(address, port)
            )
        except OSError as error:
            problem = error
            continue
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        return opened
    raise problem


def usable(host: str, port: int, *, loopback: bool) -> bool:
    """Whether a client's candidate may be tried: an address that a client can have, and a port that no service
    of somebody else's listens on. Whoever has such an address or port can still come to us by themselves."""
    try:
        address = ip_address(host)
    except ValueError:
        return False
    inner = getattr(address, "ipv4_mapped", None) or address
    if inner.is_loopback:
        return loopback and port >= LEAST_PORT
    unusable = inner.is_multicast or inner.is_unspecified or inner.is_link_local or inner.is_reserved
    return port >= LEAST_PORT and not unusable


def _at(candidate: Candidate, address: str) -> Candidate:
    """The same candidate as it is seen from outside."""
    outside = copy.copy(candidate)
    outside.host = address
    outside.foundation = candidate_foundation(candidate.type, candidate.transport, address)
    return outside
