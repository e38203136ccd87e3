"""Serves encoders that publish a participant's microphone beside the participant's own connection (WHIP, RFC 9725)."""

from __future__ import annotations

import asyncio
import logging

from media.boundary import Boundary
from media.events import OfferRefused, RefusalCode, Seam
from media.participant import Participant
from media.publication import Publication
from media.rtp.packets import RtpPacket
from media.rtp.statistics import ReportBlock
from media.session_clock import SessionClock
from media.webrtc.network import NetworkOptions
from media.webrtc.peer import Peer, PeerListener, PeerLost
from media.webrtc.sdp_publication import parse_publication
from pipeline.context import bound
from pipeline.owned_tasks import OwnedTasks

log = logging.getLogger(__name__)

STREAM = "microphone"


class Publications:
    """Answers the offers of a room's encoders, in tasks of the room. Each participant has one, the newest."""

    def __init__(
        self, session: str, tasks: OwnedTasks, *, network: NetworkOptions, clock: SessionClock, boundary: Boundary
    ) -> None:
        self._session = session
        self._tasks = tasks
        self._network = network
        self._clock = clock
        self.boundary = boundary

    async def answer(self, person: Participant, name: str, text: str) -> str:
        """Answer an offer. Once its connection is up it is the person's microphone, until it ends; `name` names it.

        An older one that is pending is given up; one that is up goes on until then. Raises OfferRefused.
        """
        offer = parse_publication(text)
        if person.publishing is not None:
            person.publishing.disconnect()
        answered: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        publication = Publication(name, Peer(offer, self._network, person.checks))
        # The sockets are opened in this task, so that all that comes in by them runs in its context.
        with bound(self._session, participant=person.participant):
            publication.task = task = self._tasks.start(self._keep(person, publication, answered))
        task.add_done_callback(lambda _: _refuse_unanswered(answered, replaced=publication.task is None))
        person.publishing = publication
        return await answered

    def end(self, person: Participant, name: str) -> bool:
        """End the person's publication of that name. False where there is none, or none any more."""
        known = (one for one in (person.publishing, person.published) if one is not None)
        found = next((one for one in known if one.name == name), None)
        if found is None:
            return False
        found.disconnect()
        self.lost(person, found, "ended")
        return True

    async def _keep(self, person: Participant, publication: Publication, answered: asyncio.Future[str]) -> None:
        """Serve one publication. An error costs this one, and nothing else in the room."""
        try:
            await self._serve(person, publication, answered)
        except Exception as error:  # noqa: BLE001 - the boundary between a connection and its room: `note` logs it
            self.boundary.note(Seam.CONNECTION, person.participant, error)
            if not answered.done():
                answered.set_exception(OfferRefused(RefusalCode.INTERNAL, "a defect of the server: it is logged there"))
            self.lost(person, publication, "failed")

    async def _serve(self, person: Participant, publication: Publication, answered: asyncio.Future[str]) -> None:
        """Answer, connect and serve one publication until it is lost or replaced."""
        async with publication.peer as peer:
            try:
                answer = await peer.answer([STREAM])
            except OfferRefused as refused:
                self.lost(person, publication, refused.code.value)
                if not answered.done():
                    answered.set_exception(refused)
                return
            if not answered.done():
                answered.set_result(answer)
            try:
                await peer.serve(_PublicationListener(self, person, publication, self._clock))
            except PeerLost as lost:
                self.lost(person, publication, str(lost))

    def connected(self, person: Participant, publication: Publication) -> None:
        """Let the publication be the person's microphone from now on, unless a newer one is pending."""
        if person.publishing is not publication:
            return
        before, person.published, person.publishing = person.published, publication, None
        if before is not None:
            before.disconnect()
        log.info("a microphone is published", extra=self._names(person))

    def lost(self, person: Participant, publication: Publication, reason: str) -> None:
        """Note that a publication is gone: the microphone of the person's own connection is heard again."""
        if person.publishing is publication:
            person.publishing = None
        elif person.published is publication:
            person.published = None
        else:
            return
        log.info("a microphone is published no more", extra={**self._names(person), "reason": reason})

    def _names(self, person: Participant) -> dict[str, str]:
        return {"session": self._session, "participant": person.participant}


class _PublicationListener(PeerListener):
    """Passes the sound of one publication on to its participant, while it is their microphone.

    An error in there costs what came, and not the connection.
    """

    def __init__(
        self, publications: Publications, person: Participant, publication: Publication, clock: SessionClock
    ) -> None:
        self._publications = publications
        self._person = person
        self._publication = publication
        self._clock = clock

    @property
    def _heard(self) -> bool:
        return self._person.published is self._publication

    def connected(self) -> None:
        self._publications.connected(self._person, self._publication)

    def rtp_received(self, packet: RtpPacket, now: float) -> None:
        if self._heard:
            try:
                self._person.receive_packet(packet, now, self._clock.session_ms(now))
            except Exception as error:  # noqa: BLE001 - `note` logs it
                self._publications.boundary.note(Seam.MICROPHONE, self._person.participant, error)

    def rtp_over_budget(self, packet: RtpPacket, now: float) -> None:
        if self._heard:
            person, contain = self._person, self._publications.boundary.contain
            contain(Seam.MICROPHONE, person.participant, person.receiver.refuse, packet, now)

    def reception_report(self) -> ReportBlock | None:
        return self._person.reception_report() if self._heard else None

    def report_failed(self, error: Exception) -> None:
        self._publications.boundary.note(Seam.CONNECTION, self._person.participant, error)


def _refuse_unanswered(answered: asyncio.Future[str], *, replaced: bool) -> None:
    if answered.done():
        return
    if replaced:
        answered.set_exception(OfferRefused(RefusalCode.BAD_REQUEST, "the offer was given up for a newer one"))
    else:
        answered.set_exception(OfferRefused(RefusalCode.AT_CAPACITY, "the call's room has closed"))
