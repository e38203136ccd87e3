"""Holds a session's room open, and does in it what was ordered, in order, in one task."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from media.events import CallMetrics, Observer
from signaling.ports import OpenRoom, Room
from signaling.refusal import Refusal
from signaling.websocket.negotiation import Negotiation


class RoomDriver:
    """Orders may be given before the room is open: it opens for the first one. They never raise; what the
    room raises comes out of `run`, so that a room that fails takes nothing along but its session."""

    def __init__(self, session: str, open_room: OpenRoom) -> None:
        self._session = session
        self._open_room = open_room
        self._room: Room | None = None
        self._orders: deque[Callable[[Room], None]] = deque()
        self._inside: set[str] = set()
        self._newcomers: list[tuple[str, Negotiation]] = []
        self._begun = False
        self._detecting: set[str] = set()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits for the room to open."""
        return bool(self._orders)

    def enter(self, participant: str, language: str, voice: str, negotiation: Negotiation) -> None:
        """Once for each participant; again is nothing."""
        if participant in self._inside:
            return
        self._inside.add(participant)
        self._orders.append(lambda room: room.add(participant, language))
        if participant in self._detecting:
            self._orders.append(lambda room: room.set_detection(participant, True))
        if voice:
            self._orders.append(lambda room: room.set_voice(participant, voice))
        self._newcomers.append((participant, negotiation))

    def begin(self, started_at: int) -> None:
        """Everyone has entered: interpreting starts. Again is nothing."""
        if not self._begun:
            self._begun = True
            self._orders.append(lambda room: room.begin(started_at))

    def set_language(self, participant: str, language: str) -> None:
        if participant in self._inside:
            self._orders.append(lambda room: room.set_language(participant, language))

    def set_detection(self, participant: str, on: bool) -> None:
        """Whether their language is detected; may be said before they enter."""
        if on == (participant in self._detecting):
            return
        (self._detecting.add if on else self._detecting.discard)(participant)
        if participant in self._inside:
            self._orders.append(lambda room: room.set_detection(participant, on))

    def detects(self, participant: str) -> bool:
        return participant in self._detecting

    def set_voice(self, participant: str, voice: str) -> None:
        if participant in self._inside:
            self._orders.append(lambda room: room.set_voice(participant, voice))

    def refuse(self, participant: str, problem: Refusal) -> None:
        """Tell a participant on the subtitles channel why what they asked there is not done."""
        if participant in self._inside:
            self._orders.append(lambda room: room.refuse(participant, problem.code.value, problem.message))

    def metrics(self) -> CallMetrics:
        return CallMetrics() if self._room is None else self._room.metrics()

    def abandon(self) -> None:
        """The room has failed: it is asked nothing more."""
        self._room = None

    async def finish(self, timeout: float) -> None:
        """Let sentences in flight end, for `timeout` seconds at most."""
        if self._room is None:
            return
        try:
            async with asyncio.timeout(timeout):
                await self._room.finish(timeout)
        except TimeoutError:
            return

    async def run(self, observer: Observer, pause: Callable[[], Awaitable[bool]]) -> None:
        """Open the room and hold it open. `observer` gets the room's events; `pause` returns when there may be
        orders: false when it is over."""
        async with self._open_room(self._session, observer) as room, asyncio.TaskGroup() as tasks:
            self._room = room
            negotiating: list[asyncio.Task[None]] = []
            going_on = True
            while going_on:
                while self._orders:
                    self._orders.popleft()(room)
                while self._newcomers:
                    participant, negotiation = self._newcomers.pop()
                    negotiating.append(tasks.create_task(negotiation.run(participant, room)))
                going_on = await pause()
            for task in negotiating:
                task.cancel()
        self._room = None
