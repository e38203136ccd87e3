"""Answers WebRTC offers and serves each connection in a task until it is lost or replaced."""

from __future__ import annotations

import asyncio

from media.boundary import Boundary
from media.connection import Connection
from media.events import MediaConnected, MediaLost, OfferRefused, RefusalCode, Seam, TrackKind
from media.observers import Observers
from media.participant import Participant
from media.rtp.packets import RtpPacket
from media.rtp.statistics import ReportBlock
from media.session_clock import SessionClock
from media.tracks import Tracks
from media.webrtc import sdp_offer
from media.webrtc.network import NetworkOptions
from media.webrtc.peer import Peer, PeerListener, PeerLost
from pipeline.context import bound
from pipeline.owned_tasks import OwnedTasks


class Offers:
    """Answers the offers of a room's participants, in tasks of the room."""

    def __init__(
        self,
        session: str,
        tasks: OwnedTasks,
        *,
        network: NetworkOptions,
        clock: SessionClock,
        tracks: Tracks,
        observers: Observers,
        boundary: Boundary,
    ) -> None:
        self._session = session
        self._tasks = tasks
        self._network = network
        self._clock = clock
        self._tracks = tracks
        self._observers = observers
        self.boundary = boundary

    async def answer(self, person: Participant, negotiation: int, text: str) -> tuple[str, Connection]:
        """Answer an offer, which comes from a new peer connection; an older one that is pending is given up.

        Raises OfferRefused.
        """
        offer = sdp_offer.parse_offer(text)
        if person.pending is not None:
            person.pending.disconnect()
            person.pending = None
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        peer = Peer(offer, self._network, person.checks)
        connection = Connection.over(peer, negotiation, tuple(m_line.mid or "0" for m_line in offer.audio))
        # The sockets are opened in this task, so that all that comes in by them runs in its context.
        with bound(self._session, participant=person.participant):
            task = self._tasks.start(self._keep(person, connection, answered))
        task.add_done_callback(lambda _: _refuse_unanswered(answered, replaced=connection.task is None))
        connection.task = task
        person.pending = connection
        return await answered, connection

    async def candidate(self, person: Participant, negotiation: int, candidate: dict[str, object] | None) -> None:
        """Add a trickled candidate to the connection of that negotiation; one for an older connection is ignored.

        Raises OfferRefused.
        """
        connection = next(
            (c for c in (person.pending, person.connection) if c is not None and c.negotiation == negotiation), None
        )
        if connection is None:
            return
        text = "" if candidate is None else candidate.get("candidate", "")
        if not isinstance(text, str):
            raise OfferRefused(RefusalCode.BAD_REQUEST, "candidate must be a string")
        if not text:
            await connection.peer.add_candidate(None)
            return
        try:
            parsed = sdp_offer.parse_candidate(text)
        except ValueError as error:
            raise OfferRefused(RefusalCode.BAD_REQUEST, str(error)) from None
        if parsed is not None:
            await connection.peer.add_candidate(parsed)

    async def _keep(self, person: Participant, connection: Connection, answered: asyncio.Future[str]) -> None:
        """Serve one connection. An error costs this connection, and nothing else in the room."""
        try:
            await self._serve(person, connection, answered)
        except Exception as error:  # noqa: BLE001 - the boundary between a connection and its room: `note` logs it
            self.boundary.note(Seam.CONNECTION, person.participant, error)
            if not answered.done():
                answered.set_exception(OfferRefused(RefusalCode.INTERNAL, "a defect of the server: it is logged there"))
            self.lost(person, connection, "failed")

    async def _serve(self, person: Participant, connection: Connection, answered: asyncio.Future[str]) -> None:
        """Answer, connect and serve one connection until it is lost or replaced."""
        m_lines = range(1, len(connection.mids))
        stream_ids = [
            TrackKind.INTERPRETER,
            *(TrackKind.ORIGINAL if i == 1 else f"{TrackKind.ORIGINAL}-{i}" for i in m_lines),
        ]
        async with connection.peer as peer:
            try:
                answer = await peer.answer(stream_ids)
            except OfferRefused as refused:
                if person.pending is connection:
                    person.pending = None
                if not answered.done():
                    answered.set_exception(refused)
                return
            if not answered.done():
                answered.set_result(answer)
            try:
                await peer.serve(_ConnectionListener(self, person, connection, self._clock))
            except PeerLost as lost:
                self.lost(person, connection, str(lost))

    def connected(self, person: Participant, connection: Connection) -> None:
        """Replace the participant's connection by this one, which is up, unless a newer one is pending."""
        if person.pending is not connection:
            return
        before, person.connection, person.pending = person.connection, connection, None
        connection.current = True
        person.sender_statistics = connection.peer.statistics
        if before is not None:
            before.disconnect()
        self._tracks.review()
        self._observers.emit(MediaConnected(person.participant))

    def lost(self, person: Participant, connection: Connection, reason: str) -> None:
        """Note that the connection is gone; its participant's media is lost if it has no other."""
        connection.current = False
        if person.pending is connection:
            person.pending = None
            if person.connection is None:
                self._observers.emit(MediaLost(person.participant, reason))
        elif person.connection is connection:
            person.connection = None
            self._observers.emit(MediaLost(person.participant, reason))


class _ConnectionListener(PeerListener):
    """Passes what comes by one connection on to its participant, while it is their current one.

    An error in there costs what came, and not the connection.
    """

    def __init__(self, offers: Offers, person: Participant, connection: Connection, clock: SessionClock) -> None:
        self._offers = offers
        self._person = person
        self._connection = connection
        self._clock = clock
        self._post = connection.peer.send_message  # one object, by which the outbox tells channels apart
        self._contain = offers.boundary.contain

    @property
    def _heard(self) -> bool:
        """True if its microphone is the participant's: an encoder that publishes another takes its place."""
        return self._connection.current and self._person.published is None

    def connected(self) -> None:
        self._offers.connected(self._person, self._connection)

    def rtp_received(self, packet: RtpPacket, now: float) -> None:
        if self._heard:
            try:
                self._person.receive_packet(packet, now, self._clock.session_ms(now))
            except Exception as error:  # noqa: BLE001 - `note` logs it
                self._offers.boundary.note(Seam.MICROPHONE, self._person.participant, error)

    def rtp_over_budget(self, packet: RtpPacket, now: float) -> None:
        if self._heard:
            self._contain(Seam.MICROPHONE, self._person.participant, self._person.receiver.refuse, packet, now)

    def channel_opened(self) -> None:
        limit, person = self._connection.peer.message_limit, self._person
        self._contain(Seam.SUBTITLES, person.participant, person.channel_opened, self._post, limit)

    def channel_closed(self) -> None:
        self._contain(Seam.SUBTITLES, self._person.participant, self._person.channel_closed, self._post)

    def message_received(self, data: str | bytes) -> None:
        if self._connection.current:
            person = self._person
            if not self._contain(Seam.REQUEST, person.participant, person.receive_message, data):
                refusal = RefusalCode.INTERNAL, "a defect of the server: it is logged there"
                self._contain(Seam.SUBTITLES, person.participant, person.refuse, *refusal)

    def reception_report(self) -> ReportBlock | None:
        return self._person.reception_report() if self._heard else None

    def report_failed(self, error: Exception) -> None:
        self._offers.boundary.note(Seam.CONNECTION, self._person.participant, error)


def _refuse_unanswered(answered: asyncio.Future[str], *, replaced: bool) -> None:
    if answered.done():
        return
    if replaced:
        answered.set_exception(OfferRefused(RefusalCode.BAD_REQUEST, "the offer was given up for a newer one"))
    else:
        answered.set_exception(OfferRefused(RefusalCode.AT_CAPACITY, "the call's room has closed"))
