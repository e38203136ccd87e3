"""One connection of a participant: its peer, and the voices that we send on it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from media.events import TrackMapping
from media.rtp.forwarder import Forwarder
from media.rtp.sender import VoiceSender
from media.webrtc.peer import Peer


@dataclass(slots=True)
class Connection:
    """A peer and what we send on it: the interpreter's voice on the first m-line, a forwarder for each m-line."""

    peer: Peer
    negotiation: int
    mids: tuple[str, ...]
    voice: VoiceSender | None
    """None where the client offered no m-line to hear it on."""
    forwarders: tuple[Forwarder | None, ...]
    tracks: tuple[TrackMapping, ...] = ()
    """The voices on its m-lines, by what the client was last informed of."""
    task: asyncio.Task[None] | None = None
    """Serves the peer; None once it is cancelled."""
    current: bool = False
    """True from connecting until the connection is lost or replaced."""

    @classmethod
    def over(cls, peer: Peer, negotiation: int, mids: tuple[str, ...]) -> Connection:
        """Return the connection over a peer that has answered an offer with audio m-lines `mids`."""
        voice = VoiceSender(peer.streams[0]) if peer.streams[0] is not None else None
        forwarders = tuple(None if stream is None else Forwarder(stream) for stream in peer.streams)
        return cls(peer, negotiation, mids, voice, forwarders)

    @property
    def deaf(self) -> bool:
        """True if the interpreter can't be heard on it."""
        return self.voice is None

    def disconnect(self) -> None:
        """Stop serving the peer, which closes it."""
        self.current = False
        task, self.task = self.task, None  # a cancelled task holds frames that hold the connection
        if task is not None:
            task.cancel()
