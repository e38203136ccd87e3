"""Dependencies of signaling as callables and Protocols; whoever wires the server gives them."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from accounts.accounts import Accounts
from accounts.keeping.running import KeptCalls
from media.events import Answer, CallMetrics, Observer, RoomEvent
from pipeline.events import EngineStage, Event
from pipeline.lanes.engine_set import EngineSet
from signaling.history_off import HistoryOff
from signaling.languages import Languages
from signaling.rate_limits import LocalRateLimiter, Rate, RateLimiter
from signaling.readiness import Degraded
from signaling.refusal import Code, Refusal
from signaling.session_states import SessionStep
from storage.records import SessionRecord


class Room(Protocol):
    """A session's media, as signaling sees it: `media.room.Room`."""

    def add(self, participant: str, language: str) -> None: ...

    def hear_self(self, participant: str, language: str) -> None: ...

    def begin(self, started_at_ms: int) -> None: ...

    def unread(self) -> Mapping[str, object]: ...

    def go_on(self, participant: str, unread: object) -> None: ...

    async def offer(self, participant: str, negotiation: int, sdp: str) -> Answer: ...

    async def candidate(self, participant: str, negotiation: int, candidate: dict[str, object] | None) -> None: ...

    async def publish(self, participant: str, publication: str, sdp: str) -> str: ...

    def unpublish(self, participant: str, publication: str) -> bool: ...

    def set_language(self, participant: str, language: str) -> None: ...

    def set_detection(self, participant: str, on: bool) -> None: ...

    def set_voice(self, participant: str, voice: str) -> None: ...

    def refuse(self, participant: str, code: str, message: str) -> None: ...

    def metrics(self) -> CallMetrics: ...

    async def finish(self, timeout: float) -> None: ...


OpenRoom = Callable[[str, Observer], AbstractAsyncContextManager[Room]]
"""(session id, observer of the room's events) → the room, for as long as the scope lasts."""


WriteSubtitles = Callable[[Event], Mapping[str, object] | None]
"""An event of a session → the message of the subtitles channel for it, without its number; None where there is none."""


class History(Protocol):
    """Keeper of what is said in those sessions in which every participant has consented.

    Called on the event loop: nothing here may block or raise.
    """

    def off(self, session: str) -> HistoryOff | None:
        """Return why nothing of a session is kept now; participants are shown `history` `on` only without a reason."""
        ...

    def open(self, session: str, changed: Callable[[], None]) -> None:
        """Begin with a session. `changed` is called whenever its `off` changes."""
        ...

    def append(self, session: SessionRecord, event: RoomEvent) -> None:
        """Keep what an event says. All participants consent."""
        ...

    def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        """Delete what the participant said, in a call that runs or in one that has ended.

        `until`: Unix epoch ms. An earlier process kept later words after a new consent: they stay.
        """
        ...

    def close(self, session: str) -> None:
        """End with a session. A second call does nothing."""
        ...


class NoHistory:
    """History of a server that keeps nothing."""

    def off(self, session: str) -> HistoryOff | None:
        """Return `not_offered`."""
        return HistoryOff.NOT_OFFERED

    def open(self, session: str, changed: Callable[[], None]) -> None:
        """Do nothing."""

    def append(self, session: SessionRecord, event: RoomEvent) -> None:
        """Discard the event."""

    def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        """Do nothing: nothing is kept."""

    def close(self, session: str) -> None:
        """Do nothing."""


class CallLog(Protocol):
    """Keeper of calls and their usage, without a word of theirs. Nothing here may block or raise."""

    def paired(self, session: SessionRecord) -> None:
        """Note that a call began."""
        ...

    def observe(self, session: SessionRecord, event: RoomEvent) -> None:
        """Meter an event of its room."""
        ...

    def handed_over(self, session: SessionRecord) -> None:
        """Note that another process goes on with the session."""
        ...

    def ended(self, session: SessionRecord, ended_at: int, reason: str, metrics: Mapping[str, object]) -> None:
        """Note the end of a session, at `ended_at` (Unix epoch ms). `metrics`: those of `session_ended`."""
        ...


class NoCallLog:
    """Log of calls of a server without accounts."""

    def paired(self, session: SessionRecord) -> None:
        """Do nothing."""

    def observe(self, session: SessionRecord, event: RoomEvent) -> None:
        """Do nothing."""

    def handed_over(self, session: SessionRecord) -> None:
        """Do nothing."""

    def ended(self, session: SessionRecord, ended_at: int, reason: str, metrics: Mapping[str, object]) -> None:
        """Do nothing."""


class Tally(Protocol):
    """Counter of what befalls sessions, for the operator's figures. Nothing here may block or raise."""

    def reached(self, *, again: bool) -> None:
        """Count a participant who has a socket and media now, `again` if they had both before."""
        ...

    def lost(self) -> None:
        """Count a participant who had a socket and media, and lacks one of them now."""
        ...

    def ended(self, step: SessionStep, lasted_s: float | None) -> None:
        """Count the end of a session. `lasted_s` counts from its pairing; None if there was none."""
        ...


class NoTally:
    """Tally of a server without figures."""

    def reached(self, *, again: bool) -> None:
        """Do nothing."""

    def lost(self) -> None:
        """Do nothing."""

    def ended(self, step: SessionStep, lasted_s: float | None) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True)
class IceServers:
    """RTCIceServer dictionaries (W3C WebRTC, 4.2.4), and the time for which their credentials hold."""

    servers: Sequence[dict[str, object]] = ()
    expires_in: int = 3600
    """Seconds."""


def _no_ice_servers(user: str) -> IceServers:
    return IceServers()


def _no_voices(language: str | None) -> list[dict[str, str]]:
    return []


def _yes() -> bool:
    return True


def _no_subtitles(session: str) -> WriteSubtitles:
    return lambda event: None


def _local_rate_limiter(name: str, rate: Rate) -> RateLimiter:
    return LocalRateLimiter(rate)


@dataclass(frozen=True, slots=True)
class Dependencies:
    """Everything that signaling needs from the rest of the server."""

    open_room: OpenRoom
    languages: Callable[[], Languages]
    ice_servers: Callable[[str], IceServers] = _no_ice_servers
    """(user id) → the user's ICE servers."""
    voices: Callable[[str | None], list[dict[str, str]]] = _no_voices
    """(language, None for all) → `{id, language, name, licence}` of each voice."""
    ready: Callable[[], bool] = _yes
    """True while each stage has an engine that works."""
    stages: Callable[[], Mapping[EngineStage, bool]] = dict
    """Each stage, and if it has an engine that works."""
    away: Callable[[], Collection[Degraded]] = tuple
    """Parts beside the accounts that are away while calls go on."""
    takes_back: Callable[[], bool] = _yes
    """True while somebody who vanished could come back. Else nobody counts as lost."""
    has_room: Callable[[], bool] = _yes
    """True if one more session would leave the running ones on time."""
    subtitles: Callable[[str], WriteSubtitles] = _no_subtitles
    """(session id) → the writer of what its viewers read."""
    history: History = field(default_factory=NoHistory)
    engines: EngineSet | None = None
    """The calls' engines, whose spare time is the operator's; None: the operator has no calls."""
    accounts: Accounts | None = None
    """None for a server of guests only."""
    call_log: CallLog = field(default_factory=NoCallLog)
    tally: Tally = field(default_factory=NoTally)
    kept_calls: KeptCalls | None = None
    """Calls and histories to be read; None for a server of guests only."""
    rate_limiter: Callable[[str, Rate], RateLimiter] = _local_rate_limiter
    """(name of the limit, unique on a server; its rate) → the limiter."""
    wall: Callable[[], float] = time.time
    """Clock in Unix epoch seconds, which may be set."""
    steady: Callable[[], float] = time.monotonic
    """Clock in seconds that never goes back."""

    def require_voice(self, voice: str) -> None:
        """Raise Refusal `not_found` for a voice that does not exist. An empty one is the server's choice."""
        if voice and not any(one["id"] == voice for one in self.voices(None)):
            raise Refusal(Code.NOT_FOUND, "this server has no such voice; GET /voices lists its voices")

    def now_ms(self) -> int:
        """Return the wall clock's time in Unix epoch milliseconds."""
        return int(self.wall() * 1000)
