"""What signaling needs from whoever wires it, as callables and Protocols."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

from media.events import Answer, CallMetrics, Observer
from signaling.languages import Languages
from signaling.refusal import Code, Refusal


class Room(Protocol):
    """A session's media, as signaling sees it: `media.room.Room`."""

    def add(self, participant: str, language: str) -> None: ...

    def begin(self, started_at_ms: int) -> None: ...

    async def offer(self, participant: str, negotiation: int, sdp: str) -> Answer: ...

    async def candidate(self, participant: str, negotiation: int, candidate: dict[str, object] | None) -> None: ...

    def set_language(self, participant: str, language: str) -> None: ...

    def set_detection(self, participant: str, on: bool) -> None: ...

    def set_voice(self, participant: str, voice: str) -> None: ...

    def refuse(self, participant: str, code: str, message: str) -> None: ...

    def metrics(self) -> CallMetrics: ...

    async def finish(self, timeout: float) -> None: ...


OpenRoom = Callable[[str, Observer], AbstractAsyncContextManager[Room]]
"""Opens the room of a session id, whose events the observer gets, for as long as the scope lasts."""


@dataclass(frozen=True, slots=True)
class IceServers:
    """RTCIceServer dictionaries (W3C WebRTC, 4.2.4) and the seconds for which their credentials hold."""

    servers: Sequence[dict[str, object]] = ()
    expires_in: int = 3600


def _no_ice_servers(user: str) -> IceServers:
    return IceServers()


def _no_voices(language: str | None) -> list[dict[str, str]]:
    return []


def _ready() -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Dependencies:
    """`ice_servers` is asked with the participant's user id. `voices` lists `{id, language, name, licence}` of a
    language, or of all.
    `has_room` says whether one more session would leave those that run on time. `wall` is Unix epoch
    seconds; `steady` never goes back."""

    open_room: OpenRoom
    languages: Callable[[], Languages]
    ice_servers: Callable[[str], IceServers] = _no_ice_servers
    voices: Callable[[str | None], list[dict[str, str]]] = _no_voices
    ready: Callable[[], bool] = _ready
    has_room: Callable[[], bool] = _ready
    wall: Callable[[], float] = time.time
    steady: Callable[[], float] = time.monotonic

    def require_voice(self, voice: str) -> None:
        """Raises Refusal `not_found` for a voice that there is not; none at all leaves the choice to us."""
        if voice and not any(one["id"] == voice for one in self.voices(None)):
            raise Refusal(Code.NOT_FOUND, "this server has no such voice; GET /voices tells which it has")

    def now_ms(self) -> int:
        """Unix epoch milliseconds."""
        return int(self.wall() * 1000)
