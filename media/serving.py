"""Answers WebRTC offers and serves each connection, in a task of the room until it is lost, replaced or given up."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, Protocol, TypeVar

from media.boundary import Boundary
from media.events import OfferRefused, RefusalCode, Seam
from media.participant import Participant
from media.rtp.packets import RtpPacket
from media.rtp.statistics import ReportBlock
from media.session_clock import SessionClock
from media.webrtc.network import NetworkOptions
from media.webrtc.peer import Peer, PeerListener, PeerLost
from pipeline.context import bound
from pipeline.owned_tasks import OwnedTasks


class Served(Protocol):
    """A connection to one client, over a peer."""

    @property
    def peer(self) -> Peer: ...

    task: asyncio.Task[None] | None
    """Serves the peer; None once it is given up for a newer one, or ended."""


One = TypeVar("One", bound=Served)


class Serving(ABC, Generic[One]):
    """Connections of one kind in a room. An error of one costs this one, and nothing else in the room."""

    def __init__(
        self, session: str, tasks: OwnedTasks, *, network: NetworkOptions, clock: SessionClock, boundary: Boundary
    ) -> None:
        self._session = session
        self._tasks = tasks
        self._network = network
        self._clock = clock
        self.boundary = boundary

    async def _serve(self, person: Participant, one: One, stream_ids: Sequence[str]) -> str:
        """Return the answer to the offer of `one`, which is served from then on. Raises OfferRefused."""
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        # The sockets are opened in this task, so that all that comes in by them runs in its context.
        with bound(self._session, participant=person.participant):
            one.task = task = self._tasks.start(self._keep(person, one, stream_ids, answered))
        task.add_done_callback(lambda _: _refuse_unanswered(answered, replaced=one.task is None))
        return await answered

    async def _keep(
        self, person: Participant, one: One, stream_ids: Sequence[str], answered: asyncio.Future[str]
    ) -> None:
        try:
            await self._answer_and_serve(person, one, stream_ids, answered)
        except Exception as error:  # noqa: BLE001 - the boundary between a connection and its room: `note` logs it
            self.boundary.note(Seam.CONNECTION, person.participant, error)
            if not answered.done():
                answered.set_exception(OfferRefused(RefusalCode.INTERNAL, "a defect of the server: it is logged there"))
            self.lost(person, one, "failed")

    async def _answer_and_serve(
        self, person: Participant, one: One, stream_ids: Sequence[str], answered: asyncio.Future[str]
    ) -> None:
        async with one.peer as peer:
            try:
                answer = await peer.answer(stream_ids)
            except OfferRefused as refused:
                self._refused(person, one, refused)
                if not answered.done():
                    answered.set_exception(refused)
                return
            if not answered.done():
                answered.set_result(answer)
            try:
                await peer.serve(self._listener(person, one))
            except PeerLost as lost:
                self.lost(person, one, str(lost))

    @abstractmethod
    def _listener(self, person: Participant, one: One) -> PeerListener:
        """Return the listener of a connection that is answered."""

    @abstractmethod
    def _refused(self, person: Participant, one: One, refused: OfferRefused) -> None:
        """Note that the offer of `one` is refused."""

    @abstractmethod
    def connected(self, person: Participant, one: One) -> None:
        """Note that `one` is up."""

    @abstractmethod
    def lost(self, person: Participant, one: One, reason: str) -> None:
        """Note that `one` is gone."""


class MicrophoneListener(PeerListener, ABC, Generic[One]):
    """Passes the sound of one connection on to its participant, while it is their microphone.

    An error in there costs what came, and not the connection.
    """

    def __init__(self, serving: Serving[One], person: Participant, one: One, clock: SessionClock) -> None:
        self._serving = serving
        self._person = person
        self._one = one
        self._clock = clock
        self._contain = serving.boundary.contain

    @property
    @abstractmethod
    def _heard(self) -> bool:
        """True if this connection's microphone is the participant's."""

    def connected(self) -> None:
        self._serving.connected(self._person, self._one)

    def rtp_received(self, packet: RtpPacket, now: float) -> None:
        if self._heard:
            try:
                self._person.receive_packet(packet, now, self._clock.session_ms(now))
            except Exception as error:  # noqa: BLE001 - `note` logs it
                self._serving.boundary.note(Seam.MICROPHONE, self._person.participant, error)

    def rtp_over_budget(self, packet: RtpPacket, now: float) -> None:
        if self._heard:
            self._contain(Seam.MICROPHONE, self._person.participant, self._person.receiver.refuse, packet, now)

    def reception_report(self) -> ReportBlock | None:
        return self._person.reception_report() if self._heard else None

    def report_failed(self, error: Exception) -> None:
        self._serving.boundary.note(Seam.CONNECTION, self._person.participant, error)


def _refuse_unanswered(answered: asyncio.Future[str], *, replaced: bool) -> None:
    if answered.done():
        return
    if replaced:
        answered.set_exception(OfferRefused(RefusalCode.BAD_REQUEST, "the offer was given up for a newer one"))
    else:
        answered.set_exception(OfferRefused(RefusalCode.AT_CAPACITY, "the call's room has closed"))
