"""One encoder's connection: a peer that sends a microphone, and nothing else."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from media.webrtc.peer import Peer


@dataclass(slots=True)
class Publication:
    """A peer whose sound is a participant's microphone while it is up."""

    name: str
    peer: Peer
    task: asyncio.Task[None] | None = None
    """Serves the peer; None once it is cancelled."""

    def disconnect(self) -> None:
        """Stop serving the peer, which closes it."""
        task, self.task = self.task, None  # a cancelled task holds frames that hold the publication
        if task is not None:
            task.cancel()
