"""Negotiation of one participant: offers and candidates in order, and only the newest offer is answered."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from media.events import OfferRefused
from signaling.ports import Room
from signaling.refusal import Code, Refusal
from signaling.websocket import server_messages
from signaling.websocket.client_messages import Candidate, Offer
from signaling.websocket.connection import ClientConnection

MAX_QUEUED = 128
MAX_EARLY = 64
"""Candidates that are kept until their offer comes."""


@dataclass(frozen=True, slots=True)
class _Step:
    connection: ClientConnection
    message: Offer | Candidate
    number: int
    """Number of the offer, as the room counts."""


class Negotiation:
    """Offers and candidates under one rising number.

    Clients number their offers as they like, and may begin again after a reconnection. Offers and candidates that
    are older than the newest offer are ignored.
    """

    def __init__(self) -> None:
        self._steps: asyncio.Queue[_Step] = asyncio.Queue(MAX_QUEUED)
        self._newest = -1  # as the client counts
        self._number = 0
        self._early: list[Candidate] = []

    def begin_again(self) -> None:
        """Expect numbers from 0 again: another socket speaks for the participant."""
        self._newest = -1
        self._early.clear()

    def offer(self, connection: ClientConnection, offer: Offer) -> None:
        """Queue an offer. Raises Refusal `rate_limited` when the room does not keep up."""
        if offer.negotiation <= self._newest:
            return
        self._put(_Step(connection, offer, self._number + 1))
        self._newest = offer.negotiation
        self._number += 1
        early, self._early = self._early, []
        for candidate in early:
            self.candidate(connection, candidate)

    def candidate(self, connection: ClientConnection, candidate: Candidate) -> None:
        """Queue a candidate. Raises Refusal `rate_limited` when the room does not keep up."""
        if candidate.negotiation == self._newest:
            self._put(_Step(connection, candidate, self._number))
        elif candidate.negotiation > self._newest and len(self._early) < MAX_EARLY:
            # Some clients gather faster than they send the offer.
            self._early.append(candidate)

    async def run(self, participant: str, room: Room) -> None:
        """Hand everything that is queued to `room`, until cancelled.

        Errors of `room` other than OfferRefused end the session.
        """
        while True:
            step = await self._steps.get()
            if step.number < self._number:
                continue
            try:
                match step.message:
                    case Offer(negotiation, sdp):
                        answer = await room.offer(participant, step.number, sdp)
                        step.connection.send(server_messages.answer(negotiation, answer.sdp, answer.tracks))
                    case Candidate(_, candidate):
                        await room.candidate(participant, step.number, candidate)
            except OfferRefused as refused:
                step.connection.send(server_messages.error(Code(refused.code), refused.message, fatal=False))

    def _put(self, step: _Step) -> None:
        try:
            self._steps.put_nowait(step)
        except asyncio.QueueFull:
            raise Refusal(Code.RATE_LIMITED, "offers and candidates come faster than they are handled") from None
