"""Presence of one participant: a socket, media, and the grace period in which one who vanished may come back.

No clock inside: `now` is an argument, in seconds of any steady clock.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Presence:
    """Presence of a participant.

    Media that never came is not missing. A client that has its socket back, but not yet its media, gets the whole
    grace again. Otherwise it might be cut off while it reconnects.
    """

    grace_s: float
    socket: bool = False
    media: bool = False
    had_media: bool = False
    deadline: float | None = None
    """Time at which the missing participant counts as lost; None while nothing is missing."""

    @property
    def connected(self) -> bool:
        """True if the participant is reached: `partner_connected` and `partner_disconnected` are its edges."""
        return self.socket and self.media

    @property
    def whole(self) -> bool:
        """True if nothing is missing."""
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
        """Give the full grace again if something is missing, none if nothing is."""
        self.deadline = None if self.whole else now + self.grace_s

    def _miss(self, now: float) -> None:
        if not self.whole and self.deadline is None:
            self.deadline = now + self.grace_s
