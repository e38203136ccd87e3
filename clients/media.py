"""The media of a call over all its connections: each offer is a new peer, which replaces the previous one."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any

from clients.devices import KINDS, Devices
from clients.signaling.api import Api
from clients.signaling.backoff import Backoff
from clients.signaling.connection import Message, Refused, SocketLost, parse
from clients.signaling.reconnect import ReconnectingSocket
from clients.webrtc.peer import IceOptions, MediaLost, Peer, PeerEvents
from clients.webrtc.rtp import Packet

CONNECT_TIMEOUT_S = 15.0
"""From the offer to media."""
STATS_INTERVAL_S = 5.0


@dataclass(frozen=True, slots=True)
class MediaOptions:
    m_lines: int = 2
    """Number of audio m-lines to offer."""
    grace: float = 45.0
    """Time for which a lost connection is offered anew, s."""
    relay: bool = False
    """True if only relayed candidates may be used."""


class Media(PeerEvents):
    """Offers after each joining and each loss. The previous connection carries the call until the new one is up."""

    def __init__(self, devices: Devices, options: MediaOptions, socket: ReconnectingSocket) -> None:
        self._loop = asyncio.get_running_loop()
        self._devices = devices
        self._options = options
        self._socket = socket
        self._backoff = Backoff(options.grace)
        self._offer_due = asyncio.Event()
        self._servers: list[dict[str, Any]] = []
        self._servers_fresh = False  # True if they came with the joining that this offer follows
        self._negotiation = 0
        self._answers: dict[int, asyncio.Future[Message]] = {}  # by negotiation
        self._kinds: dict[str, str] = {}  # by mid
        self._attempt: asyncio.Task[None] | None = None
        self._carrier: asyncio.Task[None] | None = None  # the task whose peer carries the call
        self._peer: Peer | None = None  # of the carrier
        self.connections: list[dict[str, Any]] = []  # for the report
        self.connected = False
        self.was_connected = False
        self.refused: Refused | None = None  # the server's refusal of our offers
        self.failed: str | None = None  # the reason why no further offer is made

    def restart(self, servers: list[dict[str, Any]]) -> None:
        """Offer anew with these `iceServers`: a socket was joined."""
        self._servers = servers
        self._servers_fresh = True
        self._offer_due.set()

    def answer(self, message: Message) -> None:
        """Receive an `answer` message."""
        waiting = self._answers.get(message.get("negotiation", self._negotiation))
        if waiting and not waiting.done():
            waiting.set_result(message)

    def refuse(self, refusal: Refused) -> None:
        """Fail the newest offer by an `error` message, where it still waits for its answer."""
        waiting = self._answers.get(self._negotiation)
        if waiting and not waiting.done():
            waiting.set_exception(refusal)

    def assign(self, tracks: Any) -> None:
        """Map m-lines to voices by the `tracks` of a message. Malformed entries are ignored."""
        for track in tracks if isinstance(tracks, list) else []:
            if isinstance(track, dict) and track.get("kind") in KINDS:
                self._kinds[str(track.get("mid"))] = track["kind"]

    def tell(self, message: Message) -> bool:
        """Send a message on the channel. Return False while there is none."""
        return self._peer is not None and self._peer.send(json.dumps(message))

    async def run(self, api: Api) -> None:
        """Keep the media connected until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._report_regularly())
            while True:
                await self._offer_due.wait()
                self._offer_due.clear()
                if not self._socket.joined:
                    continue  # the next joining asks for an offer
                if self._attempt:
                    self._attempt.cancel()
                self._negotiation += 1
                self._attempt = tasks.create_task(self._connect(self._negotiation, api))

    async def _ice_options(self, api: Api) -> IceOptions:
        """Return the `iceServers`, requested anew for a later offer: the relay's credentials expire."""
        if not self._servers_fresh and self._servers:
            self._servers = await self._socket.ice_servers(api) or self._servers
        self._servers_fresh = False
        return IceOptions(self._servers, self._options.relay)

    async def _connect(self, negotiation: int, api: Api) -> None:
        """Run one connection from its offer until it is lost. A successor cancels it."""
        record: dict[str, Any] = {"negotiation": negotiation, "offered": self._epoch()}
        self.connections.append(record)
        try:
            ice = await self._ice_options(api)
            async with Peer(ice, self._options.m_lines, self._devices.microphone.open().next, self) as peer:
                await self._negotiate(peer, negotiation, record)
                self._adopt(peer)
                record["connected"] = self._epoch()
                record["candidates"] = peer.candidate_types()
                record["relay"] = peer.relay
                try:
                    reason = await peer.lost()
                finally:
                    record["ended"] = self._epoch()
                    record["unroutable"] = peer.unroutable
                # The next offer does not wait until this peer is closed: through a dead relay that takes seconds.
                self._detach()
                await self._fail(negotiation, record, reason)
                return
        except SocketLost as problem:
            record["reason"] = str(problem)
            return  # the next joining asks for an offer
        except Refused as refusal:
            self.refused = refusal
            return
        except MediaLost as problem:
            reason = str(problem)
        except TimeoutError:
            reason = f"no connection within {CONNECT_TIMEOUT_S:.0f} s"
        finally:
            self._answers.pop(negotiation, None)
            self._detach()
        await self._fail(negotiation, record, reason)

    async def _fail(self, negotiation: int, record: dict[str, Any], reason: str) -> None:
        """Record the end of a connection or attempt. Offer anew where it was the newest."""
        record["reason"] = reason
        if negotiation == self._negotiation:
            await self._offer_later(reason)

    async def _negotiate(self, peer: Peer, negotiation: int, record: dict[str, Any]) -> None:
        answered: asyncio.Future[Message] = self._loop.create_future()
        self._answers[negotiation] = answered
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            sdp = await peer.offer()
            await self._socket.send({"type": "offer", "negotiation": negotiation, "sdp": sdp})
            await self._socket.send({"type": "candidate", "negotiation": negotiation, "candidate": None})
            message = await answered
            record["answered"] = self._epoch()
            self._kinds = dict(zip(peer.mids, KINDS, strict=False))
            self.assign(message.get("tracks"))
            await peer.accept(str(message.get("sdp")))
            await peer.connected()

    def _adopt(self, peer: Peer) -> None:
        """Let this attempt carry the call, and end the previous connection."""
        if self._carrier:
            self._carrier.cancel()
        self._carrier, self._attempt = self._attempt, None
        self._peer = peer
        self.connected = self.was_connected = True
        self._backoff.succeeded()
        self._devices.journal.note("connected")

    def _detach(self) -> None:
        """Note that the connection of the current task is over."""
        if self._attempt is asyncio.current_task():
            self._attempt = None
        if self._carrier is asyncio.current_task():
            self._carrier = self._peer = None
            self.connected = False

    async def _offer_later(self, reason: str) -> None:
        wait = self._backoff.next(self._loop.time())
        if wait is None:
            self.failed = reason
            return
        await asyncio.sleep(wait)
        # An error only after the wait: a server that ends the call may close the media first.
        self._devices.journal.error("media", "media_lost", reason)
        self._offer_due.set()

    def packet_received(self, mid: str, packet: Packet, arrival: float) -> None:
        """Hand an audio packet to the receiver of its voice."""
        receiver = self._devices.receivers.get(self._kinds.get(mid, KINDS[0]))
        if receiver:
            receiver.receive(packet, arrival)

    def channel_opened(self, peer: Peer) -> None:
        """Ask the server for the subtitles that were missed."""
        peer.send(json.dumps({"type": "resume", "lastSeq": self._devices.subtitles.resume()}))

    def message_received(self, text: str | bytes) -> None:
        """Hand a channel message to the subtitles."""
        message = parse(text)
        if message is None:
            self._devices.journal.error("subtitles", "bad_request", "a message that is no JSON object")
        else:
            self._devices.subtitles.receive(message)

    async def _report_regularly(self) -> None:
        """Send `client_stats` at regular intervals, once the round-trip time is known."""
        while True:
            await asyncio.sleep(STATS_INTERVAL_S)
            if not (peer := self._peer) or (round_trip := await peer.round_trip()) is None:
                continue
            counts = [receiver.counts() for receiver in self._devices.receivers.values()]
            stats = {
                "type": "client_stats",
                "rttMs": round(round_trip * 1000, 1),
                "jitterMs": max(count["jitterMs"] for count in counts),
                "packetsLost": sum(count["lost"] for count in counts),
                "concealedMs": 0,  # a recording conceals nothing and waits for nothing
                "playoutDelayMs": 0,
            }
            peer.send(json.dumps(stats))

    def _epoch(self) -> float:
        return round(self._devices.journal.epoch(self._loop.time()), 4)
