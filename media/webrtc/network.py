"""Our UDP sockets: which addresses and ports are bound, and which peers may exchange packets with them.

A client names addresses, and ICE makes us send to them. Left alone, that is a way to aim our packets at third
parties and at what stands beside us. So candidates are filtered and counted. Checks to addresses from which nobody
has proved to be the client are rationed (RFC 8445, 19.5.1).
"""

from __future__ import annotations

import asyncio
import copy
import random
import socket
import struct
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Any

from aioice import Candidate
from aioice.candidate import candidate_foundation
from aioice.ice import Connection, StunProtocol
from aioice.stun import Class, Message

from media.rtp.budget import TokenBucket
from media.webrtc.control_budget import CommonBudget, ControlBudget, QuietBudget

MAX_REMOTE = 32
"""Remote addresses of one connection that are tried; the others are ignored."""
MOST_STUN = 3
"""Highest first byte of STUN; DTLS and SRTP have higher ones (RFC 7983)."""
MAX_PROVEN = 32
"""Addresses from which one client may prove that it is there, such as those of a phone on the move."""
CHECKS_BURST, CHECKS_PER_S = 240.0, 20.0
"""STUN messages to addresses that nobody has proved to be at, for all connections of one participant."""
LEAST_PORT = 1024
RECEIVE_BUFFER = 262_144

Address = tuple[str, int]


@dataclass(frozen=True, slots=True)
class NetworkOptions:
    """`addresses` are the local ones that media is received on; none means all of the machine's.

    `advertised` stand in answers in place of the local ones of the same family, as behind a one-to-one NAT, which
    must keep the ports. `ports` are the first and last UDP port; none leaves the choice to the kernel. `common` is the
    budget that all connections with these options share.
    """

    addresses: Sequence[str] = ()
    advertised: Sequence[str] = ()
    ports: tuple[int, int] | None = None
    common: CommonBudget = field(default_factory=CommonBudget, repr=False, compare=False)

    def advertise(self, candidates: Iterable[Candidate]) -> list[Candidate]:
        """Return the candidates that stand in the answer, for our local `candidates`."""
        found: list[Candidate] = []
        for candidate in candidates:
            family = ip_address(candidate.host).version
            outside = [address for address in self.advertised if ip_address(address).version == family]
            found += [_at(candidate, address) for address in outside] if outside else [candidate]
        return found


def check_budget() -> TokenBucket:
    """Return a participant's budget of STUN messages to unproven addresses."""
    return TokenBucket(CHECKS_PER_S, CHECKS_BURST)


@dataclass(frozen=True, slots=True)
class ParticipantBudgets:
    """Budgets that all connections of one participant share: a new offer brings no new ones.

    `checks` is that of STUN messages to unproven addresses.
    """

    checks: TokenBucket = field(default_factory=check_budget)
    quiet: QuietBudget = field(default_factory=QuietBudget)


class MediaSocket(StunProtocol):
    """A socket of ours, which lets in from unproven addresses nothing but STUN.

    An address is proven by one who knows the password of the answer, and answers or asks by it (RFC 8445, 7.3). STUN
    from elsewhere must answer a check of ours, or name the answer's username fragment: nobody else's is even read.
    """

    def __init__(
        self,
        receiver: Connection,
        checks: TokenBucket,
        control: ControlBudget,
        now: Callable[[], float],
        proved: Callable[[], None] = lambda: None,
    ) -> None:
        """`checks` is spent on what we send at loop time `now`, `control` on what comes; `proved` is called at each
        check that was signed."""
        super().__init__(receiver)
        self._checks = checks
        self._control = control
        self._user = f"{receiver.local_username}:".encode()
        self._now = now
        self._proved = proved
        self._proven: set[Address] = set()
        self.withheld = 0
        """STUN messages that were not sent, for want of budget."""
        self.strangers = 0
        """Datagrams dropped because of the address that they came from."""

    def prove(self, addr: Address) -> None:
        """Note that the client is at `addr`."""
        self._proven.add(addr)

    def datagram_received(self, data: bytes | str, addr: tuple[Any, ...]) -> None:
        stun = bool(data) and data[0] <= MOST_STUN  # type: ignore[operator]
        proven = addr[:2] in self._proven
        if not proven and not (stun and self._introduces(data)):  # type: ignore[arg-type]
            self.strangers += 1
            return
        if not stun:  # aioice would try to read each packet of media as STUN
            self.receiver.data_received(data, self.local_candidate.component)  # type: ignore[arg-type]
            return
        if not (self._control.admits() if proven else self._control.admits_check()):
            return
        try:
            super().datagram_received(data, addr)
        except (struct.error, KeyError):
            # aioice lets out that STUN has an attribute cut short, or lacks one, whoever sent it.
            self.strangers += 1

    def _introduces(self, data: bytes) -> bool:
        """True if STUN from an unproven address may be the client's."""
        return len(self._proven) < MAX_PROVEN and (self._user in data or data[8:20] in self.transactions)

    def send_stun(self, message: Message, addr: Address) -> None:
        if message.message_class == Class.RESPONSE:
            self._proven.add(addr)  # success is only ever sent to who signed the request with our password
            self._proved()
        elif addr not in self._proven and not self._checks.consume(1, self._now()):
            self.withheld += 1
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
    """True if a client's candidate may be tried.

    A client can have such an address, and no service of somebody else's listens on such a port. A client at any
    other can still come to us by itself.
    """
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
    """Return the same candidate as it is seen from outside."""
    outside = copy.copy(candidate)
    outside.host = address
    outside.foundation = candidate_foundation(candidate.type, candidate.transport, address)
    return outside
