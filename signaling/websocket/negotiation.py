"""One participant's offers and candidates on their way to the room, in order, the newest offer only."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from media.events import OfferRefused
from signaling.ports import Room
from signaling.refusal import Code, Refusal
from signaling.websocket import server_messages
from signaling.websocket.client_messages import Candidate, Offer
from signaling.websocket.connection import ClientConnection

MOST_WAITING = 128
MOST_EARLY = 64


@dataclass(frozen=True, slots=True)
class _Step:
    socket: ClientConnection
    message: Offer | Candidate
    number: int


class Negotiation:
    """A client counts its offers as it likes, and a client that comes back may begin again; the room sees
    one number that only rises. Offers and candidates that are older than the newest offer are ignored."""

    def __init__(self) -> None:
        self._steps: asyncio.Queue[_Step] = asyncio.Queue(MOST_WAITING)
        self._newest = -1
        self._number = 0
        self._early: list[Candidate] = []

    def begin_again(self) -> None:
        """Another socket speaks for this participant from now on."""
        self._newest = -1
        self._early.clear()

    def offer(self, socket: ClientConnection, offer: Offer) -> None:
        """Raises Refusal `rate_limited` when the room does not keep up."""
        if offer.negotiation <= self._newest:
            return
        self._put(_Step(socket, offer, self._number + 1))
        self._newest = offer.negotiation
        self._number += 1
        early, self._early = self._early, []
        for candidate in early:
            self.candidate(socket, candidate)

    def candidate(self, socket: ClientConnection, candidate: Candidate) -> None:
        """Raises Refusal `rate_limited` when the room does not keep up."""
        if candidate.negotiation == self._newest:
            self._put(_Step(socket, candidate, self._number))
        elif candidate.negotiation > self._newest and len(self._early) < MOST_EARLY:
            # Some clients gather faster than they send the offer.
            self._early.append(candidate)

    async def run(self, participant: str, room: Room) -> None:
        """Ends only by cancellation. What `room` raises beyond OfferRefused is its failure, and the session's."""
        while True:
            step = await self._steps.get()
            if step.number < self._number:
                continue
            try:
                match step.message:
                    case Offer(negotiation, sdp):
                        answer = await room.offer(participant, step.number, sdp)
                        step.socket.send(server_messages.answer(negotiation, answer.sdp, answer.tracks))
                    case Candidate(_, candidate):
                        await room.candidate(participant, step.number, candidate)
            except OfferRefused as refused:
                step.socket.send(server_messages.error(Code(refused.code), refused.message, fatal=False))

    def _put(self, step: _Step) -> None:
        try:
            self._steps.put_nowait(step)
        except asyncio.QueueFull:
            raise Refusal(Code.RATE_LIMITED, "offers and candidates come faster than they are taken") from None
