"""Whether one participant is here: a socket, media, and the grace in which they may come back.

No clock inside: `now` is an argument, in seconds of any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Presence:
    """`deadline` is when a missing participant counts as lost; None while nothing is missing.

    Who never had media does not miss any. Coming half-way back (the socket, then the media) starts the
    grace anew, so that a client that is reconnecting is not cut off in the middle of it.
    """

    grace: float
    socket: bool = False
    media: bool = False
    had_media: bool = False
    deadline: float | None = None

    @property
    def connected(self) -> bool:
        """What the partner is told: `partner_connected` and `partner_disconnected` are its edges."""
        return self.socket and self.media

    @property
    def whole(self) -> bool:
        return self.socket and (self.media or not self.had_media)

    def socket_up(self, now: float) -> None:
        self.socket = True
        self.rearm(now)

    def socket_down(self, now: float) -> None:
        self.socket = False
        self._miss(now)

    def media_up(self, now: float) -> None:
        self.media = self.had_media = True
        self.rearm(now)

    def media_down(self, now: float) -> None:
        self.media = False
        self._miss(now)

    def rearm(self, now: float) -> None:
        """The full grace again if something is missing, none if nothing is."""
        self.deadline = None if self.whole else now + self.grace

    def _miss(self, now: float) -> None:
        if not self.whole and self.deadline is None:
            self.deadline = now + self.grace
