"""A light caller: signaling by the independent client, media as packets that were encoded before the call.

It sends nothing while it has nothing to say, and takes RTP at its arrival: dozens of it fit into one process.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aiohttp
from aiortc.rtp import is_rtcp

from clients.sound.microphone import Frame
from clients.webrtc.peer import IceOptions, Peer, PeerEvents
from clients.webrtc.rtp import Packet
from tests.independent.client import Client, Refused
from tests.independent.inbox import Inbox, Message
from tests.kit.contract import channel_message

FRAME_S = 0.02
TICKS = 960
SILENT = 127
PATIENCE = 60.0  # s for anything that a busy machine may delay


@dataclass(frozen=True)
class Sent:
    """One packet of ours: when it left (loop time), and what was in it."""

    at: float
    payload: bytes
    timestamp: int


@dataclass(frozen=True)
class Arrived:
    """One packet of theirs, and when it came (loop time)."""

    at: float
    packet: Packet


class Mouth:
    """Payloads, each in its turn of 20 ms, on one RTP clock; nothing in between."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._zero = self._loop.time()
        self._waiting: deque[Frame] = deque()
        self._more = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()
        self.sent: list[Sent] = []

    def say(self, payloads: Sequence[bytes]) -> float:
        """Queue a talkspurt; the loop time at which its last packet will have left."""
        begin = max(self._now(), self._waiting[-1].timestamp + TICKS if self._waiting else 0)
        for index, payload in enumerate(payloads):
            level = SILENT if len(payload) < 8 else 20
            self._waiting.append(Frame(payload, begin + index * TICKS, level, marker=index == 0))
        self._quiet.clear()
        self._more.set()
        return self._zero + (begin + (len(payloads) - 1) * TICKS) / 48_000

    async def quiet(self) -> None:
        """Until all that was queued has left."""
        await self._quiet.wait()

    async def next(self) -> Frame:
        while not self._waiting:
            self._quiet.set()
            self._more.clear()
            await self._more.wait()
        frame = self._waiting.popleft()
        due = self._zero + frame.timestamp / 48_000
        if (early := due - self._loop.time()) > 0:
            await asyncio.sleep(early)
        self.sent.append(Sent(self._loop.time(), frame.payload, frame.timestamp))
        return frame

    def _now(self) -> int:
        return int((self._loop.time() - self._zero) / FRAME_S + 1) * TICKS


class Media(PeerEvents):
    """One peer connection. `lines` are the packets that came on each audio line, in order of arrival."""

    def __init__(self, lines: int, last_seq: int) -> None:
        self.inbox = Inbox()
        self.mouth = Mouth()
        self.lines: list[list[Arrived]] = [[] for _ in range(lines)]
        self._last_seq = last_seq
        self._open = asyncio.Event()
        self._closed = False
        self.peer = Peer(IceOptions([]), lines, self.mouth.next, self)
        self.lost: Callable[[int], bool] = lambda number: False
        """True for the number (from 0) of a packet of ours that is to be lost."""
        self._numbers = itertools.count()
        self._send_rtp, self.peer._transport._send_rtp = self.peer._transport._send_rtp, self._send_or_lose

    async def offer(self) -> str:
        return await self.peer.offer()

    async def accept(self, answer: str) -> None:
        """Until media and channel are open."""
        async with asyncio.timeout(PATIENCE):
            await self.peer.accept(answer)
            await self.peer.connected()
            await self._open.wait()

    def send(self, type_: str, **fields: object) -> None:
        """One message on the `subtitles` channel."""
        self.peer.send(json.dumps({"type": type_, **fields}))

    async def close(self) -> None:
        if not self._closed:
            self._closed = True
            await self.peer.__aexit__(None, None, None)

    async def vanish(self) -> None:
        """Close without a word to the server, as a device does that lost its network."""
        for protocol in self.peer._transport.transport._connection._protocols:
            protocol.transport.sendto = lambda data, addr=None: None
        await self.close()

    async def _send_or_lose(self, data: bytes) -> None:
        if is_rtcp(data) or not self.lost(next(self._numbers)):
            await self._send_rtp(data)

    def channel_opened(self, peer: Peer) -> None:
        self.send("resume", lastSeq=self._last_seq)
        self._open.set()

    def message_received(self, text: str | bytes) -> None:
        self.inbox.put(channel_message(text))

    def packet_received(self, mid: str, packet: Packet, arrival: float) -> None:
        self.lines[self.peer.mids.index(mid)].append(Arrived(arrival, packet))


class Caller(Client):
    """One user in one session; `media` is the newest connection."""

    async def create(self, language: str, *, admit: bool | None = None, solo: Message | None = None) -> Message:
        """Try again while the server is busy: it shares this machine with all its clients."""
        async with asyncio.timeout(PATIENCE):
            while True:
                try:
                    return await super().create(language, admit=admit, solo=solo)
                except Refused as refused:
                    if refused.code != "at_capacity":
                        raise
                await asyncio.sleep(0.5)

    async def offer(self, *, lines: int = 2) -> Media:  # type: ignore[override]
        media = Media(lines, self.last_seq)
        before, self._peer = self._peer, media  # type: ignore[assignment]
        self._peers.append(media)  # type: ignore[arg-type]
        answer = await self.negotiate(await media.offer())
        await media.accept(answer["sdp"])
        if before is not None:
            await before.close()
        return media

    @property
    def media(self) -> Media:
        return self.peer  # type: ignore[return-value]

    async def speak(self, payloads: Sequence[bytes]) -> float:
        """Say it in real time; the loop time at which its last packet left."""
        end = self.media.mouth.say(payloads)
        await self.media.mouth.quiet()
        return end

    async def vanish(self) -> None:
        """Socket and media are gone, and nobody said goodbye."""
        for signal in self._signals:
            connection = signal.socket._response.connection
            if connection is not None and connection.transport is not None:
                connection.transport.abort()
        for media in self._peers:
            await media.vanish()  # type: ignore[attr-defined]


@asynccontextmanager
async def calling(url: str) -> AsyncIterator[tuple[Caller, Caller]]:
    """Ana, in English, and Ben, in Spanish, are in a call; the media of both is up."""
    async with Caller(url) as ana, Caller(url) as ben:
        await enter(ana, ben)
        yield ana, ben


async def enter(ana: Caller, ben: Caller) -> None:
    """Run a call as `calling` does, of two who know the server and no more."""
    await ana.sign_in("Ana")
    await ben.sign_in("Ben")
    await ana.create("en")
    await ben.join(ana.session_code, "es")
    for one in (ana, ben):
        await one.connect()
    async with asyncio.TaskGroup() as group:
        for one in (ana, ben):
            group.create_task(one.offer())
    await ana.signal.inbox.wait_for("partner_connected", timeout=PATIENCE)


async def come_back(person: Caller, *, may_move: bool = False) -> Message:
    """Return to the session as any client does, again and again, by the address that it has; return `session_joined`.

    `may_move`: a server may answer by `moved`, and not only by `at_capacity`.
    """
    async with asyncio.timeout(PATIENCE):
        while True:
            try:
                signal = await person.open()
            except aiohttp.ClientError:
                await asyncio.sleep(0.1)
                continue
            fields = {"sessionId": person.session_id, "token": person.resume_token, "language": person.language}
            await signal.send("join_session", protocol=1, **fields)
            answer = await signal.inbox.nth(0)
            if answer["type"] == "session_joined":
                break
            assert (may_move and answer["type"] == "moved") or answer["code"] == "at_capacity", answer
            await asyncio.sleep(0.1)
    person.joined, person.resume_token = answer, answer["resumeToken"]
    await person.offer()
    return answer


async def until(condition: Callable[[], bool]) -> None:
    """Wait for it; raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while True:
            if condition():
                return
            await asyncio.sleep(0.05)
