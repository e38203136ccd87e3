"""Answers the WebRTC offers of a room's participants, and decides which of a person's connections is current."""

from __future__ import annotations

from media.boundary import Boundary
from media.connection import Connection
from media.events import MediaConnected, MediaLost, OfferRefused, RefusalCode, Seam, TrackKind
from media.observers import Observers
from media.participant import Participant
from media.serving import MicrophoneListener, Serving
from media.session_clock import SessionClock
from media.tracks import Tracks
from media.webrtc import sdp_offer
from media.webrtc.network import NetworkOptions
from media.webrtc.peer import Peer, PeerListener
from pipeline.owned_tasks import OwnedTasks


class Offers(Serving[Connection]):
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
        super().__init__(session, tasks, network=network, clock=clock, boundary=boundary)
        self._tracks = tracks
        self._observers = observers

    async def answer(self, person: Participant, negotiation: int, text: str) -> tuple[str, Connection]:
        """Answer an offer, which comes from a new peer connection; an older one that is pending is given up.

        Raises OfferRefused.
        """
        offer = sdp_offer.parse_offer(text)
        if person.pending is not None:
            person.pending.disconnect()
            person.pending = None
        peer = Peer(offer, self._network, person.budgets)
        connection = Connection.over(peer, negotiation, tuple(m_line.mid or "0" for m_line in offer.audio))
        originals = range(1, len(connection.mids))
        stream_ids = [
            TrackKind.INTERPRETER,
            *(TrackKind.ORIGINAL if i == 1 else f"{TrackKind.ORIGINAL}-{i}" for i in originals),
        ]
        person.pending = connection
        return await self._serve(person, connection, stream_ids), connection

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

    def _listener(self, person: Participant, one: Connection) -> PeerListener:
        return _ConnectionListener(self, person, one, self._clock)

    def _refused(self, person: Participant, one: Connection, refused: OfferRefused) -> None:
        if person.pending is one:
            person.pending = None

    def connected(self, person: Participant, one: Connection) -> None:
        """Replace the participant's connection by this one, which is up, unless a newer one is pending."""
        if person.pending is not one:
            return
        before, person.connection, person.pending = person.connection, one, None
        one.current = True
        person.sender_statistics = one.peer.statistics
        if before is not None:
            before.disconnect()
        self._tracks.review()
        self._observers.emit(MediaConnected(person.participant))

    def lost(self, person: Participant, one: Connection, reason: str) -> None:
        """Note that the connection is gone; its participant's media is lost if it has no other."""
        one.current = False
        if person.pending is one:
            person.pending = None
            if person.connection is None:
                self._observers.emit(MediaLost(person.participant, reason))
        elif person.connection is one:
            person.connection = None
            self._observers.emit(MediaLost(person.participant, reason))


class _ConnectionListener(MicrophoneListener[Connection]):
    """Passes what comes by one connection on to its participant, while it is their current one."""

    def __init__(self, offers: Offers, person: Participant, connection: Connection, clock: SessionClock) -> None:
        super().__init__(offers, person, connection, clock)
        self._post = connection.peer.send_message  # one object, by which the outbox tells channels apart

    @property
    def _heard(self) -> bool:
        """True if its microphone is the participant's: an encoder that publishes another takes its place."""
        return self._one.current and self._person.published is None

    def channel_opened(self) -> None:
        limit, person = self._one.peer.message_limit, self._person
        self._contain(Seam.SUBTITLES, person.participant, person.channel_opened, self._post, limit)

    def channel_closed(self) -> None:
        self._contain(Seam.SUBTITLES, self._person.participant, self._person.channel_closed, self._post)

    def message_received(self, data: str | bytes) -> None:
        if self._one.current:
            person = self._person
            if not self._contain(Seam.REQUEST, person.participant, person.receive_message, data):
                refusal = RefusalCode.INTERNAL, "a defect of the server: it is logged there"
                self._contain(Seam.SUBTITLES, person.participant, person.refuse, *refusal)
