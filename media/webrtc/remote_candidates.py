"""The client's ICE candidates on their way to the connection: counted, and names under .local looked up."""

from __future__ import annotations

import asyncio

from aioice import Candidate
from aioice.mdns import is_mdns_hostname

from media.webrtc.sdp_offer import MAX_CANDIDATES
from media.webrtc.transports import IceConnection

MAX_NAMES = 8
"""Names under .local of one connection that are looked up."""


class RemoteCandidates:
    """Hands a client's candidates to its connection, up to `MAX_CANDIDATES` of them and `MAX_NAMES` names."""

    def __init__(self, ice: IceConnection) -> None:
        self._ice = ice
        self._count = 0
        self._ended = False
        self._names: asyncio.Queue[Candidate] = asyncio.Queue(MAX_NAMES)
        self._names_left = MAX_NAMES

    async def add(self, candidate: Candidate | None) -> None:
        """Accept a candidate, or None when there will be no more."""
        self._count += 1
        if candidate is None or self._ended or self._count > MAX_CANDIDATES:
            # aioice isn't told of their end: it gives up when it has seen no usable one, and a client whose
            # addresses are hidden, or of no use to us, still comes to us by itself.
            self._ended = self._ended or candidate is None
        elif not is_mdns_hostname(candidate.host):
            await self._ice.add_remote_candidate(candidate)
        elif self._names_left:
            self._names_left -= 1
            self._names.put_nowait(candidate)

    async def look_up_names(self) -> None:
        """Look up names under .local, one after the other, until cancelled or where there is no multicast.

        Each may take a second, and no answer waits for them.
        """
        while True:
            candidate = await self._names.get()
            try:
                await self._ice.add_remote_candidate(candidate)
            except OSError:  # no multicast here
                return
