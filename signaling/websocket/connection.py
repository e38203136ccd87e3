"""One client's WebSocket (RFC 6455) below the protocol: an outbox that never blocks, pings, and the close."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from collections.abc import Callable

from aiohttp import WSCloseCode, WSMsgType, web

from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.rate_limits import Window
from signaling.refusal import ENDED, NO_FIRST_MESSAGE, Code, Refusal
from signaling.websocket import server_messages
from signaling.websocket.server_messages import Notice

log = logging.getLogger(__name__)

# A client that does not read is let go when this much waits for it.
MOST_WAITING = 512
# Read in whole, so that the client still hears why; aiohttp itself cuts off what is longer.
OVERSIZE = 20
UNANSWERED = 2

TOO_LARGE = "the message is too large"


class Upgraded(web.WebSocketResponse):
    """An aiohttp WebSocket that says `too_large` also where aiohttp itself cuts a message off."""

    explained = False

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        if code == WSCloseCode.MESSAGE_TOO_BIG and not self.explained:
            self.explained = True
            try:
                await self.send_str(json.dumps(server_messages.error(Code.TOO_LARGE, TOO_LARGE, fatal=True)))
            except ConnectionError:
                log.debug("gone before it heard too_large")
        return await super().close(code=code, message=message, drain=drain)


class ClientConnection:
    """`send`, `close` and `drop` never block and never fail, from anywhere on the loop."""

    def __init__(self, config: SignalingOptions, ports: Dependencies) -> None:
        self._config = config
        self._ports = ports
        self._web = Upgraded(
            autoping=False,
            compress=False,
            max_msg_size=config.limits.message_bytes * OVERSIZE,
            timeout=config.close_handshake,
        )
        self._outbox: deque[Notice] = deque()
        self._something = asyncio.Event()
        self._over = asyncio.Event()
        self._close_code: int | None = None
        self._dropped = False
        self._unanswered = 0
        self._spoke = False
        self._rate = Window(config.limits.messages_of_socket)

    @property
    def closing(self) -> bool:
        return self._close_code is not None or self._dropped

    @property
    def response(self) -> web.WebSocketResponse:
        return self._web

    def send(self, notice: Notice) -> None:
        """Queue a message; after `close` there is nobody to send to."""
        if self.closing:
            return
        self._outbox.append(notice)
        if len(self._outbox) > MOST_WAITING:
            self.drop()
        self._something.set()

    def close(self, code: int) -> None:
        """Close when everything that was sent before is out."""
        if not self.closing:
            self._close_code = code
            self._something.set()

    def refuse(self, problem: Refusal) -> None:
        """A fatal refusal: say why, and close."""
        self.send(server_messages.refusal(problem, fatal=True))
        self.close(problem.close_code)

    def drop(self) -> None:
        """Let go of a client that does not answer: no goodbye, it would not be read."""
        self._dropped = True
        self._over.set()

    async def talk(self, request: web.Request, heard: Callable[[str | None], None]) -> None:
        """Read, write and ping until one of them ends. `heard` gets each text, None for a binary message."""
        await self._web.prepare(request)
        async with asyncio.TaskGroup() as tasks:
            jobs = [
                tasks.create_task(self._read(heard)),
                tasks.create_task(self._write()),
                tasks.create_task(self._ping()),
                tasks.create_task(self._wait_for_first_message()),
            ]
            await self._over.wait()
            for job in jobs:
                job.cancel()

    async def hang_up(self, request: web.Request) -> None:
        """Close with the code that was asked for, and wait a moment for the client to agree."""
        if not self._web.prepared:
            return
        if self._dropped:
            if request.transport is not None:
                request.transport.abort()
            return
        self._web.explained = True
        await self._web.close(code=self._close_code or ENDED)

    def release(self) -> None:
        """What went wrong at the end holds by its traceback the response, and the response holds it."""
        problem = self._web.exception()
        if problem is not None:
            problem.__traceback__ = problem.__context__ = None

    async def _read(self, heard: Callable[[str | None], None]) -> None:
        while (message := await self._web.receive()).type not in _GONE:
            if self.closing:
                continue
            if self._rate.take(self._ports.steady()) > 0:
                self.refuse(Refusal(Code.RATE_LIMITED, "too many messages"))
                continue
            match message.type:
                case WSMsgType.PING:
                    await self._web.pong(message.data)
                case WSMsgType.PONG:
                    self._unanswered = 0
                case WSMsgType.TEXT if len(message.data.encode()) <= self._config.limits.message_bytes:
                    self._spoke = True
                    heard(message.data)
                case WSMsgType.BINARY if len(message.data) <= self._config.limits.message_bytes:
                    self._spoke = True
                    heard(None)
                case _:
                    self.refuse(Refusal(Code.TOO_LARGE, TOO_LARGE))
        self._over.set()

    async def _write(self) -> None:
        try:
            while self._outbox or not self.closing:
                while self._outbox:
                    await self._web.send_str(json.dumps(self._outbox.popleft()))
                if not self.closing:
                    self._something.clear()
                    await self._something.wait()
        except ConnectionError:
            self._dropped = True
        self._over.set()

    async def _ping(self) -> None:
        """A client that leaves two pings unanswered is gone."""
        try:
            while self._unanswered < UNANSWERED:
                self._unanswered += 1
                await self._web.ping()
                await asyncio.sleep(self._config.ping_every)
        except ConnectionError:
            log.debug("gone between two pings")
        self.drop()

    async def _wait_for_first_message(self) -> None:
        await asyncio.sleep(self._config.first_message)
        if not self._spoke and not self.closing:
            self.send(server_messages.error(Code.BAD_REQUEST, "no join_session in time", fatal=True))
            self.close(NO_FIRST_MESSAGE)


_GONE = (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR)
