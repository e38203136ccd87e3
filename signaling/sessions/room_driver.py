"""Driver of a session's room: opens it, holds it open, and carries out orders in it, one after another."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from media.events import CallMetrics, Observer
from signaling.ports import OpenRoom, Room
from signaling.refusal import Code, Refusal
from signaling.websocket.negotiation import Negotiation

Order: TypeAlias = Callable[[Room], None]


class RoomDriver:
    """Orders to a room that opens for the first of them.

    Orders never raise. Errors of the room come out of `run`: a room that fails ends its session and no other.
    """

    def __init__(self, session: str, open_room: OpenRoom, unread: str = "") -> None:
        """`unread`: what the driver of another process returned by its `unread`; empty for nothing."""
        self._session = session
        self._open_room = open_room
        self._room: Room | None = None
        self._orders: deque[Order] = deque()  # bounded by the sockets' message rate; carried out at the next turn
        self._entered: set[str] = set()
        self._inside: set[str] = set()
        """Participants who have entered, and whom the room knows."""
        self._newcomers: list[tuple[str, Negotiation]] = []
        self._begun = False
        self._unread = _decoded(unread)
        """Subtitles of another process for people who have not entered yet."""

    @property
    def wanted(self) -> bool:
        """True if an order waits for the room to open."""
        return bool(self._orders)

    def enter(self, participant: str, language: str, detect: bool, voice: str, negotiation: Negotiation) -> None:
        """Add a participant with these settings. Again is nothing."""
        if participant in self._entered:
            return
        self._entered.add(participant)
        self._orders.append(lambda room: room.add(participant, language))
        if participant in self._unread:
            unread = self._unread.pop(participant)
            self._orders.append(lambda room: room.go_on(participant, unread))
        if detect:
            self._orders.append(lambda room: room.set_detection(participant, True))
        if voice:
            self._orders.append(lambda room: room.set_voice(participant, voice))
        self._newcomers.append((participant, negotiation))

    def hear_self(self, participant: str, language: str) -> None:
        """Let a participant who has entered hear their own words in `language`. Before `begin`; again is nothing."""
        if not self._begun:
            self._orders.append(lambda room: room.hear_self(participant, language))

    def begin(self, started_at_ms: int) -> None:
        """Start interpreting: everyone has entered. Again is nothing."""
        if not self._begun:
            self._begun = True
            self._orders.append(lambda room: room.begin(started_at_ms))

    def order(self, participant: str, order: Order) -> None:
        """Carry out an order about a participant who has entered. Nothing before: `enter` brings all settings."""
        if participant in self._entered:
            self._orders.append(order)

    async def publish(self, participant: str, publication: str, sdp: str) -> str:
        """Answer an encoder's offer (`Room.publish`). Raises OfferRefused.

        Raises Refusal `at_capacity` for a participant who has not entered: after a restart, they may still do so.
        """
        if self._room is None or participant not in self._inside:
            raise Refusal(Code.AT_CAPACITY, "join the call by its socket first", retry_after=1)
        return await self._room.publish(participant, publication, sdp)

    def unpublish(self, participant: str, publication: str) -> bool:
        """End an encoder's publication. False where there is none of that name."""
        room = self._room
        return room is not None and participant in self._inside and room.unpublish(participant, publication)

    def metrics(self) -> CallMetrics:
        """Return the figures of the call so far."""
        return CallMetrics() if self._room is None else self._room.metrics()

    def unread(self) -> str:
        """Return the subtitles that people may not have yet, for the process that goes on with the session.

        Empty where there are none.
        """
        found = {**self._unread, **({} if self._room is None else self._room.unread())}
        return json.dumps(found, separators=(",", ":")) if found else ""

    def abandon(self) -> None:
        """Ask nothing more of the room: it has failed."""
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

    async def run(self, observer: Observer, wait: Callable[[], Awaitable[bool]]) -> None:
        """Open the room and hold it open until `wait` returns false.

        `observer` gets the room's events. `wait` returns when there may be orders, or false at the session's end.
        """
        async with self._open_room(self._session, observer) as room:
            self._room = room
            try:
                await self._carry_out(room, wait)
            finally:
                self._room = None  # a room that closes answers no encoder's offer any more

    async def _carry_out(self, room: Room, wait: Callable[[], Awaitable[bool]]) -> None:
        async with asyncio.TaskGroup() as tasks:
            negotiating: list[asyncio.Task[None]] = []
            going_on = True
            while going_on:
                while self._orders:
                    self._orders.popleft()(room)
                while self._newcomers:
                    participant, negotiation = self._newcomers.pop()
                    self._inside.add(participant)
                    negotiating.append(tasks.create_task(negotiation.run(participant, room)))
                going_on = await wait()
            for task in negotiating:
                task.cancel()


def _decoded(unread: str) -> dict[str, object]:
    """Return what `RoomDriver.unread` wrote; nothing of anything else."""
    try:
        found = json.loads(unread or "{}")
    except (ValueError, RecursionError):
        found = None
    return found if isinstance(found, dict) else {}
