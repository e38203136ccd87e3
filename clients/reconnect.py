"""Reconnects the call's WebSocket: when one is lost, the next joins by the resume token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from clients.backoff import Backoff
from clients.exit_status import LEFT, Ending, Exit, ended_by_server
from clients.report import Journal
from clients.signaling import Entry, Message, Refused, Signaling, Socket, SocketLost, Unreachable

HEARTBEAT = 10.0  # s
LOOK = 0.25  # s between two looks at the way to the server
# errors and close codes after which another attempt may succeed; after any other, none can
PASSING_ERRORS = {"rate_limited", "at_capacity", "internal", "engine_failed"}
FINAL_CLOSES = {
    1000: "session_ended",
    1009: "too_large",
    4001: "taken_over",
    4400: "bad_request",
    4401: "unauthorized",
}


class ReconnectingSocket:
    """`run` keeps us joined; `on_joined` gets each `session_joined`, `on_message` all that follows it."""

    def __init__(
        self,
        language: str,
        grace: float,
        journal: Journal,
        on_joined: Callable[[Message], None],
        on_message: Callable[[Message], None],
    ) -> None:
        self._language = language
        self._grace = grace
        self._journal = journal
        self._on_joined = on_joined
        self._on_message = on_message
        self._socket: Socket | None = None
        self._token: str | None = None
        self.ending: Ending | None = None  # what the server said; known before the socket is closed
        self._was_joined = False
        self._leaving = False

    @property
    def up(self) -> bool:
        return self._socket is not None

    async def send(self, message: Message) -> None:
        """Raises SocketLost, also while there is no socket."""
        if self._socket is None:
            raise SocketLost(None, "no socket")
        await self._socket.send(message)

    async def ice_servers(self, signaling: Signaling) -> list[Any] | None:
        """Fresh credentials for the relay, where they can be had."""
        if self._token is None:
            return None
        try:
            return await signaling.ice_servers(self._token)
        except (Refused, Unreachable):
            return None

    async def leave(self) -> None:
        """Hang up; `run` returns when the server has heard it. Raises SocketLost."""
        self._leaving = True
        await self.send({"type": "leave_session"})

    async def run(self, signaling: Signaling, entry: Entry) -> Ending:
        """Until there is no way back; says why. Cancel it when the call is over."""
        clock = asyncio.get_running_loop().time
        backoff = Backoff(self._grace)
        self._token = entry.token
        while True:
            try:
                async with await signaling.connect(entry.ws_url) as socket:
                    joined = await socket.join(entry.session_id, self._token, self._language)
                    self._token = str(joined.get("resumeToken") or self._token)
                    backoff.succeeded()
                    self._socket, self._was_joined = socket, True
                    self._on_joined(joined)
                    async for message in socket.messages():
                        self._on_message(message)
                        self.ending = _ending(message)
                        if self.ending:
                            return self.ending
            except (Refused, SocketLost, Unreachable) as problem:
                if self._leaving:
                    return LEFT
                code = _code(problem)
                text = problem.message if isinstance(problem, Refused) else str(problem)
                self._journal.error("socket", code, text)
                if not self._was_joined:
                    return Ending(code, Exit.REFUSED, text)
                if isinstance(problem, Refused) and code not in PASSING_ERRORS:
                    return Ending(code, Exit.LOST, text)
                if isinstance(problem, SocketLost) and problem.code in FINAL_CLOSES:
                    return Ending(code, Exit.LOST, text)
            finally:
                self._socket = None
            wait = backoff.next(clock())
            if wait is None:
                return Ending("server_lost", Exit.LOST, f"no way back to the server within {self._grace:.0f} s")
            await asyncio.sleep(wait)

    async def keep_watch(self) -> None:
        """When this machine has moved to another network, its socket is left for a new one at once; until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            if self._socket is not None and self._socket.moved:
                self._journal.note("network_changed")
                self._socket.abort()
                self._socket = None

    async def keep_beating(self) -> None:
        """A heartbeat now and then, until cancelled."""
        number = 0
        while True:
            await asyncio.sleep(HEARTBEAT)
            number += 1
            try:
                await self.send({"type": "heartbeat", "id": number})
            except SocketLost:
                continue  # `run` sees it too, and comes back


def _ending(message: Message) -> Ending | None:
    """What ends the call, of all that the server says."""
    if message.get("type") == "session_ended":
        return ended_by_server(str(message.get("reason")))
    code = str(message.get("code"))
    if message.get("type") == "error" and message.get("fatal") and code not in PASSING_ERRORS:
        return Ending(code, Exit.LOST, str(message.get("message", "")))
    return None


def _code(problem: Refused | SocketLost | Unreachable) -> str:
    if isinstance(problem, Refused):
        return problem.code
    if isinstance(problem, SocketLost):
        return FINAL_CLOSES.get(problem.code or 0, "socket_lost")
    return "unreachable"
