"""One client's connection, whatever carries it: an outbox that never blocks, pings, flood limits, and the close."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum

from signaling.carrier import Carrier, Sign
from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.rate_limits import SlidingWindow
from signaling.refusal import ENDED, NO_FIRST_MESSAGE, SHUTDOWN, Code, Refusal
from signaling.websocket import server_messages
from signaling.websocket.server_messages import ServerMessage
from signaling.websocket.socket import TOO_LARGE

log = logging.getLogger(__name__)

MAX_OUTBOX = 512
"""Messages that may wait for a client; one that leaves more unread is disconnected."""
MAX_UNANSWERED_PINGS = 2


class ConnectionState(StrEnum):
    """State of a connection towards its client."""

    SILENT = "silent"  # nothing has come yet: `join_session` is awaited
    OPEN = "open"
    CLOSING = "closing"  # the outbox is still written, then the close code
    ABORTED = "aborted"  # the client neither reads nor answers: no close code
    HANDED_ON = "handed_on"  # another node goes on with the client: nothing more is read, sent or closed here


NEXT: dict[ConnectionState, frozenset[ConnectionState]] = {
    ConnectionState.SILENT: frozenset({ConnectionState.OPEN, ConnectionState.CLOSING, ConnectionState.ABORTED}),
    ConnectionState.OPEN: frozenset({ConnectionState.CLOSING, ConnectionState.ABORTED, ConnectionState.HANDED_ON}),
    ConnectionState.CLOSING: frozenset({ConnectionState.ABORTED}),
    ConnectionState.ABORTED: frozenset(),
    ConnectionState.HANDED_ON: frozenset(),
}
"""Moves between the states; all others are ignored."""


class ClientConnection:
    """A client's connection. `send`, `close` and `abort` never block and never fail, from anywhere on the loop."""

    def __init__(self, carrier: Carrier, options: SignalingOptions, dependencies: Dependencies, came: float) -> None:
        self.came = came
        """Time of the steady clock at which the client came."""
        self._carrier = carrier
        self._options = options
        self._steady = dependencies.steady
        self._state = ConnectionState.SILENT
        self._close_code = ENDED
        self._outbox: deque[ServerMessage] = deque()  # bounded by MAX_OUTBOX, in `send`
        self._wake_writer = asyncio.Event()
        self._finished = asyncio.Event()
        self._unanswered_pings = 0
        self._messages = SlidingWindow(options.limits.messages_of_socket)

    def __repr__(self) -> str:
        return f"<ClientConnection {self._state}, {len(self._outbox)} to send>"

    @property
    def state(self) -> ConnectionState:
        return self._state

    @property
    def closing(self) -> bool:
        """True once nothing more is read from the client or sent to it."""
        return self._state in (ConnectionState.CLOSING, ConnectionState.ABORTED, ConnectionState.HANDED_ON)

    @property
    def owner(self) -> str | None:
        """The only participant who may join by this connection; None where a token alone decides."""
        return self._carrier.owner

    def send(self, message: ServerMessage) -> None:
        """Queue a message; after `close` it is discarded."""
        if self.closing:
            return
        self._outbox.append(message)
        if len(self._outbox) > MAX_OUTBOX:
            self.abort()
        self._wake_writer.set()

    def close(self, code: int) -> None:
        """Close with `code` once everything that was sent before is written. Only the first call counts."""
        if self._move(ConnectionState.CLOSING):
            self._close_code = code
            self._wake_writer.set()

    def refuse(self, problem: Refusal) -> None:
        """Send a fatal refusal, and close."""
        self.send(server_messages.refusal(problem, fatal=True))
        self.close(problem.close_code)

    def move(self, websocket_url: str) -> None:
        """Send the client to another node, and close."""
        self.send(server_messages.moved(websocket_url))
        self.close(SHUTDOWN)

    def hand_on(self) -> None:
        """Leave the client to another node, which has its first message."""
        self._move(ConnectionState.HANDED_ON)
        self._finished.set()

    def abort(self) -> None:
        """Disconnect a client that does not answer, without a close code: it would not be read."""
        self._move(ConnectionState.ABORTED)
        self._finished.set()

    async def run(self, receive: Callable[[str | None], Awaitable[None]]) -> None:
        """Read, write and ping until one of them ends.

        `receive` is awaited with each text, and with None for a message that is no text.
        """
        try:
            await self._carrier.open()
        except ConnectionError:
            self.abort()
            return
        async with asyncio.TaskGroup() as tasks:
            running = [
                tasks.create_task(self._read(receive)),
                tasks.create_task(self._write()),
                tasks.create_task(self._ping()),
                tasks.create_task(self._limit_silence()),
            ]
            await self._finished.wait()
            for task in running:
                task.cancel()

    async def finish(self) -> None:
        """Tell the close code, and wait a moment for the client; drop an aborted one, and leave one handed on."""
        if self._state is ConnectionState.HANDED_ON:
            return
        await self._carrier.end(None if self._state is ConnectionState.ABORTED else self._close_code)

    def _move(self, state: ConnectionState) -> bool:
        """Enter `state`, if it can follow the present one. True if it was entered."""
        if state not in NEXT[self._state]:
            return False
        self._state = state
        return True

    async def _read(self, receive: Callable[[str | None], Awaitable[None]]) -> None:
        longest = self._options.limits.message_bytes
        while self._state is not ConnectionState.HANDED_ON:
            received = await self._carrier.receive()
            if received is None:
                break
            if self.closing:
                continue
            if self._messages.consume(self._steady()) > 0:
                self.refuse(Refusal(Code.RATE_LIMITED, "too many messages"))
                continue
            if received is Sign.PONG or self._carrier.messages_show_life:
                self._unanswered_pings = 0
            match received:
                case Sign.PING | Sign.PONG:
                    pass
                case str() if len(received.encode()) <= longest:
                    self._move(ConnectionState.OPEN)
                    await receive(received)
                case bytes() if len(received) <= longest:
                    self._move(ConnectionState.OPEN)
                    await receive(None)
                case _:
                    self.refuse(Refusal(Code.TOO_LARGE, TOO_LARGE))
        self._finished.set()

    async def _write(self) -> None:
        try:
            while self._outbox or not self.closing:
                while self._outbox:
                    await self._carrier.send(json.dumps(self._outbox.popleft()))
                if not self.closing:
                    self._wake_writer.clear()
                    await self._wake_writer.wait()
        except ConnectionError:
            self._move(ConnectionState.ABORTED)
        self._finished.set()

    async def _ping(self) -> None:
        """Send pings; abort a client that leaves `MAX_UNANSWERED_PINGS` unanswered."""
        try:
            while self._unanswered_pings < MAX_UNANSWERED_PINGS:
                self._unanswered_pings += 1
                await self._carrier.ping()
                await asyncio.sleep(self._options.ping_every_s)
        except ConnectionError:
            log.debug("client gone between two pings")
        self.abort()

    async def _limit_silence(self) -> None:
        """Close a connection whose client says nothing at all."""
        await asyncio.sleep(self._options.first_message_s)
        if self._state is ConnectionState.SILENT:
            self.send(server_messages.error(Code.BAD_REQUEST, "no join_session in time", fatal=True))
            self.close(NO_FIRST_MESSAGE)
