"""DTLS records: of a handshake that begins, and at a connection that stands, together with SRTP that is forged."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiortc.rtcdtlstransport import RTCDtlsParameters

from media.webrtc.transports import Certificate, DtlsTransport
from tests.operations.fuzz.target import Datagram, Run, Target, datagrams, joined

STANDING, AS_CLIENT = 1, 2
"""Flags of an input's first datagram: the handshake is over; we began it."""


class Wire:
    """The names of an ICE connection that a DTLS transport uses: datagrams that are there, then the end."""

    def __init__(self) -> None:
        self.inbox: deque[bytes] = deque()
        self.other: Wire | None = None
        self.arrived = asyncio.Event()
        self.ended = False
        self.on_srtp: Any = None
        self.sent = 0

    async def recv(self) -> bytes:
        while not self.inbox:
            if self.ended:
                raise ConnectionError("the end")
            self.arrived.clear()
            await self.arrived.wait()
        return self.inbox.popleft()

    async def send(self, data: bytes) -> None:
        self.sent += len(data)
        if self.other is not None:
            self.other.put(data)

    def put(self, data: bytes) -> None:
        self.inbox.append(data)
        self.arrived.set()

    def note_alive(self) -> None:
        raise AssertionError("forged SRTP passed for a sign of life")

    def now(self) -> float:
        return 1000.0


class Heard:
    """A receiver above DTLS, which nothing that is forged may reach."""

    async def _handle_data(self, data: bytes) -> None:
        raise AssertionError("a forged record passed for the client's")


async def connected() -> tuple[Any, Any, list[Any]]:
    """Return a transport with its wire, connected with another one, and all that has to live as long."""
    wires, certificates = [Wire(), Wire()], [Certificate.generateCertificate() for _ in range(2)]
    wires[0].other, wires[1].other = wires[1], wires[0]
    both: Any = [DtlsTransport(wire, certificate) for wire, certificate in zip(wires, certificates, strict=True)]  # type: ignore[arg-type]
    both[0]._set_role("server")
    both[1]._set_role("client")
    prints = [RTCDtlsParameters(fingerprints=one.getFingerprints()) for one in certificates]
    await asyncio.gather(both[0].start(prints[1]), both[1].start(prints[0]))
    for one in both:
        assert one.connected
        one._task.cancel()
        await asyncio.wait({one._task})
        one._set_state(type(one._state).CONNECTED)
    wires[0].other = None
    both[0]._register_data_receiver(Heard())
    return both[0], wires[0], both


async def handshake(data: bytes, flags: int, certificate: Any) -> None:
    wire = Wire()
    wire.ended = True
    wire.inbox.extend(one for _, _, one in datagrams(data) if one)
    transport: Any = DtlsTransport(wire, certificate)  # type: ignore[arg-type]
    transport._set_role("client" if flags & AS_CLIENT else "server")
    await transport.start(RTCDtlsParameters(fingerprints=certificate.getFingerprints()))
    assert not transport.connected
    assert wire.sent < 16384, "a handshake that says more than any"
    await transport.stop()
    transport.detach()


async def stand(data: bytes, transport: Any, wire: Wire) -> None:
    for _, _, one in datagrams(data):
        if one and 127 < one[0] < 192:
            wire.on_srtp(one)
        elif one:
            wire.put(one)
            await transport._recv_next()


@contextmanager
def opened() -> Iterator[Run]:
    with asyncio.Runner() as runner:
        certificate = Certificate.generateCertificate()
        transport, wire, _alive = runner.run(connected())

        def run(data: bytes) -> None:
            flags = data[0] if data else 0
            if flags & STANDING:
                runner.run(stand(data, transport, wire))
            else:
                runner.run(handshake(data, flags, certificate))

        yield run


RECORD = b"\x17\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x09\x00\x20"
ALERT = b"\x15\xfe\xfd\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x02\x28"

TARGET = Target(
    "dtls",
    opened,
    (),
    [
        joined(Datagram(STANDING, 0, RECORD + bytes(32)), Datagram(0, 0, ALERT)),
        joined(Datagram(STANDING, 0, b"\x80\x6f" + bytes(40)), Datagram(0, 0, b"\x81\xc9\x00\x07" + bytes(44))),
        joined(Datagram(AS_CLIENT, 0, b"\x16\xfe\xff" + bytes(8) + b"\x00\x0c\x02" + bytes(11)), ALERT),
        joined(ALERT, RECORD),
    ],
    [b"\x16\xfe\xfd", b"\x16\xfe\xff", b"\x14\xfe\xfd", b"\x15\xfe\xfd", b"\x19\xfe\xfd", ALERT, b"\x00\x01", b"\x3f"],
    quick=400,
    longest=3000,
)
