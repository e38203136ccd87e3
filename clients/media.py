"""Media of a call over all its connections: each offer is a new peer, which replaces the one before."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from clients.backoff import Backoff
from clients.microphone import Microphone
from clients.peer import IceSettings, MediaLost, Peer
from clients.receiver import Receiver
from clients.report import Journal
from clients.rtp import Packet
from clients.signaling import Message, Refused, SocketLost, parse
from clients.subtitles import Subtitles

CONNECT_TIMEOUT = 15.0  # s from the offer to media
KINDS = ("interpreter", "original")  # of the audio lines in their order, unless `tracks` says otherwise
STATS_INTERVAL = 5.0  # s

Renew = Callable[[], Awaitable[list[dict[str, Any]] | None]]


class Media:
    """Offers whenever it is asked to or the connection is lost, and keeps the old one until the new is up.

    `joined()` says whether there is a socket, `send(message)` uses it and raises SocketLost without.
    """

    def __init__(
        self,
        microphone: Microphone,
        ears: dict[str, Receiver],
        subtitles: Subtitles,
        journal: Journal,
        lines: int,
        joined: Callable[[], bool],
        send: Callable[[Message], Awaitable[None]],
        grace: float,
        relay: bool,
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._microphone = microphone
        self._ears = ears
        self._subtitles = subtitles
        self._journal = journal
        self._lines = lines
        self._joined = joined
        self._send = send
        self._backoff = Backoff(grace)
        self._wanted = asyncio.Event()
        self._relay = relay
        self._servers: list[dict[str, Any]] = []
        self._fresh = False  # the servers came with this very joining
        self._negotiation = 0
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._kinds: dict[str, str] = {}  # by mid
        self._attempt: asyncio.Task[None] | None = None
        self._life: asyncio.Task[None] | None = None
        self._peer: Peer | None = None  # of the life
        self.connections: list[dict[str, Any]] = []  # for the report
        self.connected = False
        self.was_connected = False
        self.refused: Refused | None = None  # the server will not take our offers
        self.failed: str | None = None  # why we gave up

    def want(self, servers: list[dict[str, Any]]) -> None:
        """A socket was joined, and these `iceServers` were told: offer."""
        self._servers = servers
        self._fresh = True
        self._wanted.set()

    def answer(self, message: Message) -> None:
        """The socket's `answer`."""
        waiting = self._answers.get(message.get("negotiation", self._negotiation))
        if waiting and not waiting.done():
            waiting.set_result(message)

    def refuse(self, refusal: Refused) -> None:
        """The socket's `error` that may be about our offer."""
        waiting = self._answers.get(self._negotiation)
        if waiting and not waiting.done():
            waiting.set_exception(refusal)

    def assign(self, tracks: Any) -> None:
        """`tracks`: what each line carries from now on."""
        for track in tracks if isinstance(tracks, list) else []:
            if isinstance(track, dict) and track.get("kind") in KINDS:
                self._kinds[str(track.get("mid"))] = track["kind"]

    async def run(self, renew: Renew) -> None:
        """Until cancelled. `renew` asks for `iceServers` anew: in a long call the relay's credentials expire."""
        async with asyncio.TaskGroup() as lives:
            lives.create_task(self._report_regularly())
            while True:
                await self._wanted.wait()
                self._wanted.clear()
                if not self._joined():
                    continue  # the next socket will want an offer
                if self._attempt:
                    self._attempt.cancel()
                self._negotiation += 1
                self._attempt = lives.create_task(self._live(self._negotiation, renew))

    async def _ice(self, renew: Renew) -> IceSettings:
        if not self._fresh and self._servers:
            self._servers = await renew() or self._servers
        self._fresh = False
        return IceSettings(self._servers, self._relay)

    async def _live(self, negotiation: int, renew: Renew) -> None:
        """One connection, from its offer until it is lost or replaced (then it is cancelled)."""
        record: dict[str, Any] = {"negotiation": negotiation, "offered": self._now()}
        self.connections.append(record)
        try:
            async with Peer(
                await self._ice(renew),
                self._lines,
                self._microphone.open().next,
                self._take_packet,
                self._resume,
                self._take_message,
            ) as peer:
                await self._negotiate(peer, negotiation, record)
                self._replace(peer)
                record["connected"] = self._now()
                record["candidates"] = peer.candidate_types()
                record["relay"] = peer.relay
                try:
                    reason = await peer.lost()
                finally:
                    record["ended"] = self._now()
                    record["unroutable"] = peer.unroutable
                # The next offer doesn't wait for the end of this one: through a dead relay it takes seconds.
                self._forget()
                await self._give_notice(negotiation, record, reason)
                return
        except SocketLost as problem:
            record["reason"] = str(problem)
            return  # as above
        except Refused as refusal:
            self.refused = refusal
            return
        except MediaLost as problem:
            reason = str(problem)
        except TimeoutError:
            reason = f"no connection within {CONNECT_TIMEOUT:.0f} s"
        finally:
            self._answers.pop(negotiation, None)
            self._forget()
        await self._give_notice(negotiation, record, reason)

    async def _give_notice(self, negotiation: int, record: dict[str, Any], reason: str) -> None:
        """A connection, or an attempt, has failed: if it was the newest, another one is due."""
        record["reason"] = reason
        if negotiation == self._negotiation:
            await self._come_back(reason)

    async def _negotiate(self, peer: Peer, negotiation: int, record: dict[str, Any]) -> None:
        answered: asyncio.Future[Message] = self._loop.create_future()
        self._answers[negotiation] = answered
        async with asyncio.timeout(CONNECT_TIMEOUT):
            sdp = await peer.offer()
            await self._send({"type": "offer", "negotiation": negotiation, "sdp": sdp})
            await self._send({"type": "candidate", "negotiation": negotiation, "candidate": None})
            message = await answered
            record["answered"] = self._now()
            self._kinds = dict(zip(peer.mids, KINDS, strict=False))
            self.assign(message.get("tracks"))
            await peer.accept(str(message.get("sdp")))
            await peer.connected()

    def _replace(self, peer: Peer) -> None:
        """This attempt is the call's connection now; the one before ends."""
        if self._life:
            self._life.cancel()
        self._life, self._attempt = self._attempt, None
        self._peer = peer
        self.connected = self.was_connected = True
        self._backoff.succeeded()
        self._journal.note("connected")

    def _forget(self) -> None:
        """The connection of the current task is over."""
        if self._attempt is asyncio.current_task():
            self._attempt = None
        if self._life is asyncio.current_task():
            self._life = self._peer = None
            self.connected = False

    async def _come_back(self, reason: str) -> None:
        wait = self._backoff.next(self._loop.time())
        if wait is None:
            self.failed = reason
            return
        await asyncio.sleep(wait)
        # Only now it is an error: a server that ends the call may close the media first.
        self._journal.error("media", "media_lost", reason)
        self._wanted.set()

    def _take_packet(self, mid: str, packet: Packet, arrival: float) -> None:
        ear = self._ears.get(self._kinds.get(mid, KINDS[0]))
        if ear:
            ear.arrive(packet, arrival)

    def _resume(self, peer: Peer) -> None:
        """A peer's channel is open."""
        peer.send(json.dumps({"type": "resume", "lastSeq": self._subtitles.resume()}))

    def _take_message(self, text: str | bytes) -> None:
        message = parse(text)
        if message is None:
            self._journal.error("subtitles", "bad_request", "a message that is no JSON object")
        else:
            self._subtitles.take(message)

    async def _report_regularly(self) -> None:
        """client_stats, as every client is to send them, as soon as the round trip is known."""
        while True:
            await asyncio.sleep(STATS_INTERVAL)
            if not (peer := self._peer) or (round_trip := await peer.round_trip()) is None:
                continue
            counts = [ear.counts() for ear in self._ears.values()]
            stats = {
                "type": "client_stats",
                "rttMs": round(round_trip * 1000, 1),
                "jitterMs": max(count["jitterMs"] for count in counts),
                "packetsLost": sum(count["lost"] for count in counts),
                "concealedMs": 0,  # nothing is concealed and nothing waits: we record, we don't play
                "playoutDelayMs": 0,
            }
            peer.send(json.dumps(stats))

    def _now(self) -> float:
        return round(self._journal.epoch(self._loop.time()), 4)
