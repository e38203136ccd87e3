"""Serves encoders that publish a participant's microphone beside the participant's own connection (WHIP, RFC 9725)."""

from __future__ import annotations

import logging

from media.events import OfferRefused
from media.participant import Participant
from media.publication import Publication
from media.serving import MicrophoneListener, Serving
from media.webrtc.peer import Peer, PeerListener
from media.webrtc.sdp_publication import parse_publication

log = logging.getLogger(__name__)

STREAM = "microphone"


class Publications(Serving[Publication]):
    """Answers the offers of a room's encoders, in tasks of the room. Each participant has one, the newest."""

    async def answer(self, person: Participant, name: str, text: str) -> str:
        """Answer an offer. Once its connection is up it is the person's microphone, until it ends; `name` names it.

        An older one that is pending is given up; one that is up goes on until then. Raises OfferRefused.
        """
        offer = parse_publication(text)
        if person.publishing is not None:
            person.publishing.disconnect()
        person.publishing = publication = Publication(name, Peer(offer, self._network, person.budgets))
        return await self._serve(person, publication, [STREAM])

    def end(self, person: Participant, name: str) -> bool:
        """End the person's publication of that name. False where there is none, or none any more."""
        known = (one for one in (person.publishing, person.published) if one is not None)
        found = next((one for one in known if one.name == name), None)
        if found is None:
            return False
        found.disconnect()
        self.lost(person, found, "ended")
        return True

    def _listener(self, person: Participant, one: Publication) -> PeerListener:
        return _PublicationListener(self, person, one, self._clock)

    def _refused(self, person: Participant, one: Publication, refused: OfferRefused) -> None:
        self.lost(person, one, refused.code.value)

    def connected(self, person: Participant, one: Publication) -> None:
        """Let the publication be the person's microphone from now on, unless a newer one is pending."""
        if person.publishing is not one:
            return
        before, person.published, person.publishing = person.published, one, None
        if before is not None:
            before.disconnect()
        log.info("a microphone is published", extra=self._names(person))

    def lost(self, person: Participant, one: Publication, reason: str) -> None:
        """Note that a publication is gone: the microphone of the person's own connection is heard again."""
        if person.publishing is one:
            person.publishing = None
        elif person.published is one:
            person.published = None
        else:
            return
        log.info("a microphone is published no more", extra={**self._names(person), "reason": reason})

    def _names(self, person: Participant) -> dict[str, str]:
        return {"session": self._session, "participant": person.participant}


class _PublicationListener(MicrophoneListener[Publication]):
    @property
    def _heard(self) -> bool:
        return self._person.published is self._one
