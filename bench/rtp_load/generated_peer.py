"""One peer of the load generator: stock aiortc until it is connected, a bare socket from then on.

Packets are encrypted and sent when their time comes; what arrives is kept as it is, with the kernel's own
time of arrival, and decrypted when the measurement is over. So the generator's load is not in the figures.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import socket
import struct
import time
from typing import Any

import aiohttp
import pylibsrtp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

from media.rtp import packets
from media.webrtc.sdp_offer import LEVEL_URI, MID_URI

_SO_TIMESTAMPNS = 35  # Linux; the socket module doesn't name it
_TIMESPEC = struct.Struct("qq")
_ROOM = socket.CMSG_SPACE(_TIMESPEC.size)
CONNECT_TIMEOUT = 20.0


class NotConnected(Exception):
    """The server answered with an error, or media never came up."""


class Client:
    """`await connect(...)`, then `send`; `arrived` holds (nanoseconds of the wall clock, datagram)."""

    def __init__(self, lines: int) -> None:
        self._connection = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.arrived: list[tuple[int, bytes]] = []
        self._lines = [
            self._connection.addTransceiver("audio", direction="recvonly" if line else "sendrecv")
            for line in range(lines)
        ]
        self._connection.createDataChannel("subtitles")
        self._first_sequence = secrets.randbits(15)
        self._first_timestamp = secrets.randbits(31)
        self._sent = 0

    async def connect(self, http: aiohttp.ClientSession, url: str, call: str) -> None:
        """Negotiate by one POST and wait until media can flow. Raises NotConnected."""
        offer = await self.offer()
        posted = {"sdp": offer, "type": "offer", "call": call, "webrtc_id": call + secrets.token_hex(4)}
        async with http.post(url, json=posted) as response:
            answer = await response.json()
        if response.status != 200 or "sdp" not in answer:
            raise NotConnected(f"{response.status}: {answer}")
        await self.accept(offer, answer["sdp"])

    async def offer(self) -> str:
        """Return the complete offer."""
        await self._connection.setLocalDescription(await self._connection.createOffer())
        return self._connection.localDescription.sdp

    async def accept(self, offer: str, answer: str) -> None:
        """Accept the answer to our offer, and wait until media can flow. Raises NotConnected."""
        connection = self._connection
        await connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        deadline = time.monotonic() + CONNECT_TIMEOUT
        while connection.connectionState != "connected":
            if time.monotonic() > deadline or connection.connectionState in ("failed", "closed"):
                raise NotConnected(connection.connectionState)
            await asyncio.sleep(0.01)
        self._take_over(offer, answer)

    def _take_over(self, offer: str, answer: str) -> None:
        sender = self._lines[0].sender
        transport = sender.transport
        self._encrypt = transport._tx_srtp.protect
        self._decrypt = transport._rx_srtp.unprotect
        self._ssrc = sender._ssrc
        self._payload_type = int(re.findall(r"a=rtpmap:(\d+) opus/48000/2", offer)[0])
        ids = {uri: int(number) for number, uri in re.findall(r"a=extmap:(\d+) (\S+)", offer)}
        mid = str(self._lines[0].mid).encode()
        self._extensions = packets.HeaderExtensions(ids.get(MID_URI), mid, ids.get(LEVEL_URI))
        self._ssrcs = [
            {int(ssrc) for ssrc in re.findall(r"a=ssrc:(\d+)", section)}
            for section in answer.split("m=")[1:]
            if section.startswith("audio")
        ]
        self._heard: list[list[tuple[int, packets.RtpPacket]]] = [[] for _ in self._ssrcs]
        connection = transport.transport._connection
        pair = connection._nominated[1]
        self._address = pair.remote_addr
        below: Any = pair.protocol.transport
        self._socket: socket.socket = below._sock
        # aioice nominates every pair that works, and the server may have settled on another of them than we.
        for protocol in connection._protocols:
            self._read_from(protocol)

    def _read_from(self, protocol: Any) -> None:
        sock: socket.socket = protocol.transport._sock
        sock.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        loop: Any = asyncio.get_running_loop()
        loop._remove_reader(sock.fileno())  # the public methods refuse a transport's own socket
        loop._add_reader(sock.fileno(), self._readable, sock, protocol.datagram_received)

    def _readable(self, sock: socket.socket, other: Any) -> None:
        while True:
            try:
                data, ancillary, _, address = sock.recvmsg(2048, _ROOM)
            except (BlockingIOError, InterruptedError, ConnectionRefusedError):
                return
            if not 127 < data[0] < 192:
                other(data, address)
            elif not packets.is_rtcp(data):
                seconds, rest = _TIMESPEC.unpack(ancillary[0][2]) if ancillary else (0, time.time_ns())
                self.arrived.append((seconds * 1_000_000_000 + rest, data))

    def send(self, slot: int, payload: bytes, level: int) -> int:
        """Send the packet of a 20 ms slot now; return the time of sending, in ns of the wall clock."""
        packet = packets.build(
            self._payload_type,
            self._first_sequence + slot,
            self._first_timestamp + slot * 960,
            self._ssrc,
            payload,
            marker=slot == 0,
            extension=self._extensions.encode(level, voiced=True),
        )
        encrypted = self._encrypt(packet)
        now = time.time_ns()
        try:
            self._socket.sendto(encrypted, self._address)
        except BlockingIOError:
            return 0
        return now

    def take(self) -> list[tuple[int, bytes]]:
        """Return the datagrams that arrived since the last call, each with its arrival (ns)."""
        arrived, self.arrived = self.arrived, []
        return arrived

    def heard(self) -> list[list[tuple[int, packets.RtpPacket]]]:
        """Return all packets that have arrived, decrypted, for each line in order of arrival."""
        lines = self._heard
        for arrival, data in self.take():  # a packet can be decrypted once only (replay, RFC 3711)
            try:
                packet = packets.parse(self._decrypt(data))
            except (pylibsrtp.Error, ValueError):
                continue
            line = next((n for n, known in enumerate(self._ssrcs) if packet.ssrc in known), 0)
            if packet.payload:
                lines[line].append((arrival, packet))
        return lines

    async def close(self) -> None:
        """Leave; a server that doesn't answer any more holds nothing up."""
        await asyncio.wait([asyncio.ensure_future(self._connection.close())], timeout=3)
