"""One client's WebSocket (RFC 6455): an outbox that never blocks, pings, flood limits, and the close."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from enum import StrEnum

from aiohttp import WSCloseCode, WSMsgType, web

from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.rate_limits import SlidingWindow
from signaling.refusal import ENDED, NO_FIRST_MESSAGE, SHUTDOWN, Code, Refusal
from signaling.websocket import server_messages
from signaling.websocket.server_messages import ServerMessage

log = logging.getLogger(__name__)

MAX_OUTBOX = 512
"""Messages that may wait for a client; one that leaves more unread is disconnected."""
OVERSIZE = 20
"""Multiple of the allowed size that is read in whole, to answer `too_large`; aiohttp cuts longer messages off."""
MAX_UNANSWERED_PINGS = 2

TOO_LARGE = "the message is too large"


class ConnectionState(StrEnum):
    """State of a connection towards its client."""

    SILENT = "silent"  # nothing has come yet: `join_session` is awaited
    OPEN = "open"
    CLOSING = "closing"  # the outbox is still written, then the close frame
    ABORTED = "aborted"  # the client neither reads nor answers: no close frame


NEXT: dict[ConnectionState, frozenset[ConnectionState]] = {
    ConnectionState.SILENT: frozenset({ConnectionState.OPEN, ConnectionState.CLOSING, ConnectionState.ABORTED}),
    ConnectionState.OPEN: frozenset({ConnectionState.CLOSING, ConnectionState.ABORTED}),
    ConnectionState.CLOSING: frozenset({ConnectionState.ABORTED}),
    ConnectionState.ABORTED: frozenset(),
}
"""Moves between the states; all others are ignored."""


class ExplainingWebSocket(web.WebSocketResponse):
    """An aiohttp WebSocket that sends `too_large` also where aiohttp itself cuts a message off."""

    explained = False
    """True once the client has been sent the reason of the close."""

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        if code == WSCloseCode.MESSAGE_TOO_BIG and not self.explained:
            self.explained = True
            try:
                await self.send_str(json.dumps(server_messages.error(Code.TOO_LARGE, TOO_LARGE, fatal=True)))
            except ConnectionError:
                log.debug("client gone before too_large was sent")
        return await super().close(code=code, message=message, drain=drain)


class ClientConnection:
    """A client's socket. `send`, `close` and `abort` never block and never fail, from anywhere on the loop."""

    def __init__(self, options: SignalingOptions, dependencies: Dependencies) -> None:
        self._options = options
        self._steady = dependencies.steady
        self._socket = ExplainingWebSocket(
            autoping=False,
            compress=False,
            max_msg_size=options.limits.message_bytes * OVERSIZE,
            timeout=options.close_handshake_s,
        )
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
        return self._state in (ConnectionState.CLOSING, ConnectionState.ABORTED)

    @property
    def response(self) -> web.WebSocketResponse:
        """The aiohttp response that the request's handler returns."""
        return self._socket

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

    def abort(self) -> None:
        """Disconnect a client that does not answer, without a close frame: it would not be read."""
        self._move(ConnectionState.ABORTED)
        self._finished.set()

    async def run(self, request: web.Request, receive: Callable[[str | None], Awaitable[None]]) -> None:
        """Read, write and ping until one of them ends.

        `receive` is awaited with each text, and with None for a binary message.
        """
        await self._socket.prepare(request)
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

    async def finish(self, request: web.Request) -> None:
        """Send the close frame, and wait a moment for the client's; abort the transport of an aborted client."""
        if not self._socket.prepared:
            return
        if self._state is ConnectionState.ABORTED:
            if request.transport is not None:
                request.transport.abort()
            return
        self._socket.explained = True
        await self._socket.close(code=self._close_code)

    def detach(self) -> None:
        """Cut a reference cycle: a response holds its exception, whose traceback holds the response."""
        problem = self._socket.exception()
        if problem is not None:
            problem.__traceback__ = problem.__context__ = None

    def _move(self, state: ConnectionState) -> bool:
        """Enter `state`, if it can follow the present one. True if it was entered."""
        if state not in NEXT[self._state]:
            return False
        self._state = state
        return True

    async def _read(self, receive: Callable[[str | None], Awaitable[None]]) -> None:
        while (message := await self._socket.receive()).type not in _ENDS:
            if self.closing:
                continue
            if self._messages.consume(self._steady()) > 0:
                self.refuse(Refusal(Code.RATE_LIMITED, "too many messages"))
                continue
            match message.type:
                case WSMsgType.PING:
                    await self._socket.pong(message.data)
                case WSMsgType.PONG:
                    self._unanswered_pings = 0
                case WSMsgType.TEXT if len(message.data.encode()) <= self._options.limits.message_bytes:
                    self._move(ConnectionState.OPEN)
                    await receive(message.data)
                case WSMsgType.BINARY if len(message.data) <= self._options.limits.message_bytes:
                    self._move(ConnectionState.OPEN)
                    await receive(None)
                case _:
                    self.refuse(Refusal(Code.TOO_LARGE, TOO_LARGE))
        self._finished.set()

    async def _write(self) -> None:
        try:
            while self._outbox or not self.closing:
                while self._outbox:
                    await self._socket.send_str(json.dumps(self._outbox.popleft()))
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
                await self._socket.ping()
                await asyncio.sleep(self._options.ping_every_s)
        except ConnectionError:
            log.debug("client gone between two pings")
        self.abort()

    async def _limit_silence(self) -> None:
        """Close a socket whose client says nothing at all."""
        await asyncio.sleep(self._options.first_message_s)
        if self._state is ConnectionState.SILENT:
            self.send(server_messages.error(Code.BAD_REQUEST, "no join_session in time", fatal=True))
            self.close(NO_FIRST_MESSAGE)


_ENDS = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
