"""Publications of one live session: encoders that send a participant's microphone into its room (WHIP, RFC 9725)."""

from __future__ import annotations

from collections.abc import Callable

from media.events import OfferRefused, RefusalCode
from signaling.rate_limits import Rate, SlidingWindow, retry_after
from signaling.refusal import Code, Refusal
from signaling.sessions.participants import Participants
from signaling.sessions.registry import random_id
from signaling.sessions.room_driver import RoomDriver

OFFERS = Rate(12, 60)
"""Offers of one participant's encoders. It is a limit of their own: an encoder that tries again and again takes none
of the offers by which the participant's own connection comes back."""
RETRY_S = 5
"""Seconds after which a server whose ports are all taken may have one again."""


class Publications:
    """Starts and ends publications. A participant has one at a time: the room lets the newest take over."""

    def __init__(self, participants: Participants, room: RoomDriver, steady: Callable[[], float]) -> None:
        self._participants = participants
        self._room = room
        self._steady = steady
        self._offers: dict[str, SlidingWindow] = {}

    async def start(self, participant: str, sdp: str) -> tuple[str, str]:
        """Answer an encoder's offer. Return the publication's id, and the answer.

        Raises Refusal `not_admitted`, `rate_limited`, `bad_sdp`, `no_audio`, `bad_request`, `session_ended`, or
        `at_capacity` where no port is left, and for a participant whose socket has not joined here.
        """
        self._participants.require_admitted(participant)
        wait = self._offers.setdefault(participant, SlidingWindow(OFFERS)).consume(self._steady())
        if wait > 0:
            raise Refusal(Code.RATE_LIMITED, "too many offers", retry_after=retry_after(wait))
        publication = random_id("w")
        try:
            return publication, await self._room.publish(participant, publication, sdp)
        except OfferRefused as refused:
            self._participants.require_live()  # the room may have closed meanwhile: the end of the call is why
            later = RETRY_S if refused.code is RefusalCode.AT_CAPACITY else None
            raise Refusal(Code(refused.code), refused.message, retry_after=later) from None

    def end(self, participant: str, publication: str) -> None:
        """End a publication of the participant's. Raises Refusal `not_found`."""
        if not self._room.unpublish(participant, publication):
            raise Refusal(Code.NOT_FOUND, "you have no such publication, or it has ended")
