"""A connection that comes back: when one is lost, the next one joins with the resume token."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from clients.exit_status import LEFT, Ending, Exit, ended_by_server
from clients.report import Journal
from clients.signaling.api import Api, Entry
from clients.signaling.backoff import Backoff
from clients.signaling.carriers import Carriers
from clients.signaling.connection import Connection, Message, Moved, Refused, SocketLost, Unreachable

HEARTBEAT_INTERVAL_S = 10.0
ROUTE_CHECK_INTERVAL_S = 0.25
FIRST_JOIN_S = 120.0
"""Time for which the first join is tried, as the page tries it: a slow line takes several attempts."""
LONGEST_PAUSE_S = 0.5
"""Between attempts to reconnect: a server that is restarted is back in seconds, and each of them is silent."""
TEMPORARY_ERRORS = {"rate_limited", "at_capacity", "internal", "engine_failed"}
"""Error codes after which another attempt may succeed. After any other code, none can."""
FINAL_CLOSES = {
    1000: "session_ended",
    1009: "too_large",
    4001: "taken_over",
    4400: "bad_request",
    4401: "unauthorized",
}


class ReconnectingSocket:
    """A socket that `run` keeps joined, or a stream with requests in its place where the network breaks WebSockets.

    `on_joined` receives each `session_joined`, `on_message` each message after it. `grace`: time for which a lost
    socket is reconnected, s. Until the first `session_joined` it is FIRST_JOIN_S, from the last moment at which the
    server let us wait.
    """

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
        self._socket: Connection | None = None
        self._token: str | None = None
        self._url = ""
        self.ending: Ending | None = None  # by a message of the server, before the socket is closed
        self.was_joined = asyncio.Event()
        self._leaving = False
        self._backoff = Backoff(FIRST_JOIN_S, ceiling=LONGEST_PAUSE_S)
        self.failure: Ending | None = None  # what the last attempt that failed would end by

    @property
    def joined(self) -> bool:
        """True while a joined socket is open."""
        return self._socket is not None

    async def send(self, message: Message) -> None:
        """Send a message. Raises SocketLost, also while there is no socket."""
        if self._socket is None:
            raise SocketLost(None, "no socket")
        await self._socket.send(message)

    async def ice_servers(self, api: Api) -> list[Any] | None:
        """Request fresh `iceServers`. None where the request fails."""
        if self._token is None:
            return None
        try:
            return await api.ice_servers(self._token)
        except (Refused, Unreachable):
            return None

    async def leave(self) -> None:
        """Send leave_session; `run` returns with the server's answer. Raises SocketLost."""
        self._leaving = True
        await self.send({"type": "leave_session"})

    async def run(self, api: Api, entry: Entry) -> Ending:
        """Keep the socket joined. Return the ending when no attempt can succeed. Cancel it when the call is over."""
        clock = asyncio.get_running_loop().time
        carriers = Carriers()
        self._token, self._url = entry.token, entry.ws_url
        while True:
            ending = await self._connect(api, entry, carriers)
            if ending is not None:
                return ending
            if carriers.streams:
                self._journal.note("without_websocket")
                continue
            wait = self._backoff.next(clock())
            if wait is None:
                return self._given_up()
            await asyncio.sleep(wait)

    def _given_up(self) -> Ending:
        """Return the ending where time is up."""
        if self.was_joined.is_set():
            return Ending("server_lost", Exit.LOST, f"the server was not reached again within {self._grace:.0f} s")
        return self.failure or Ending("unreachable", Exit.REFUSED)

    async def _connect(self, api: Api, entry: Entry, carriers: Carriers) -> Ending | None:
        """Stay joined for as long as one connection lasts. Return the ending if no other attempt can succeed."""
        opened: Connection | None = None
        close_code: int | None = None
        try:
            async with await self._open(api, entry, carriers) as opened:
                joined = await opened.join(entry.session_id, str(self._token), self._language)
                self._token = str(joined.get("resumeToken") or self._token)
                self._backoff = Backoff(self._grace, ceiling=LONGEST_PAUSE_S)
                carriers.joined()
                self._socket = opened
                self.was_joined.set()
                self._on_joined(joined)
                async for message in opened.messages():
                    self._on_message(message)
                    if message.get("type") == "moved":
                        self._url = str(message.get("wsUrl"))
                    self.ending = _ending(message)
                    if self.ending:
                        return self.ending
        except Moved as moved:
            self._url = moved.url
        except (Refused, SocketLost, Unreachable) as problem:
            close_code = problem.code if isinstance(problem, SocketLost) else None
            return self._judge(problem)
        finally:
            self._socket = None
            if opened is not None and opened.waited and not self.was_joined.is_set():
                self._backoff.succeeded()
            carriers.ended(heard=opened is not None and opened.heard, close_code=close_code)
        return None

    async def _open(self, api: Api, entry: Entry, carriers: Carriers) -> Connection:
        """Open what is to be opened next. Raises Refused or Unreachable."""
        try:
            async with asyncio.timeout(carriers.patience_s):
                if carriers.streams:
                    return await api.open_stream(entry.session_id, str(self._token))
                return await api.connect(self._url)
        except TimeoutError as error:
            raise Unreachable(f"nothing opened within {carriers.patience_s} s") from error

    def _judge(self, problem: Refused | SocketLost | Unreachable) -> Ending | None:
        """Note a problem. Return the ending if no other attempt can succeed."""
        if self._leaving:
            return LEFT
        code = _code(problem)
        text = problem.message if isinstance(problem, Refused) else str(problem)
        self._journal.error("socket", code, text)
        self.failure = Ending(code, Exit.LOST if self.was_joined.is_set() else Exit.REFUSED, text)
        if isinstance(problem, Refused) and code not in TEMPORARY_ERRORS:
            return self.failure
        if isinstance(problem, SocketLost) and problem.code in FINAL_CLOSES:
            return self.failure
        return None

    async def watch_network(self) -> None:
        """Replace the socket as soon as this machine has moved to another network. Runs until cancelled."""
        while True:
            await asyncio.sleep(ROUTE_CHECK_INTERVAL_S)
            if self._socket is not None and self._socket.moved:
                self._journal.note("network_changed")
                self._socket.abort()
                self._socket = None

    async def send_heartbeats(self) -> None:
        """Send a heartbeat at regular intervals until cancelled."""
        number = 0
        while True:
            await asyncio.sleep(HEARTBEAT_INTERVAL_S)
            number += 1
            try:
                await self.send({"type": "heartbeat", "id": number})
            except SocketLost:
                continue  # `run` reconnects


def _ending(message: Message) -> Ending | None:
    """Return the ending that a message of the server means, or None."""
    if message.get("type") == "session_ended":
        return ended_by_server(str(message.get("reason")))
    code = str(message.get("code"))
    if message.get("type") == "error" and message.get("fatal") and code not in TEMPORARY_ERRORS:
        return Ending(code, Exit.LOST, str(message.get("message", "")))
    return None


def _code(problem: Refused | SocketLost | Unreachable) -> str:
    if isinstance(problem, Refused):
        return problem.code
    if isinstance(problem, SocketLost):
        return FINAL_CLOSES.get(problem.code or 0, "socket_lost")
    return "unreachable"
