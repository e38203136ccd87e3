"""Carries messages by a WebSocket (RFC 6455), uncompressed, and says `too_large` where aiohttp cuts a message off."""

from __future__ import annotations

import asyncio
import json
import logging

from aiohttp import WSCloseCode, WSMsgType, web

from signaling.carrier import Received, Sign
from signaling.config import SignalingOptions
from signaling.refusal import Code
from signaling.websocket import server_messages

log = logging.getLogger(__name__)

OVERSIZE = 20
"""Multiple of the allowed size that is read in whole, to answer `too_large`; aiohttp cuts longer messages off."""
TOO_LARGE = "the message is too large"


def is_cancelled() -> bool:
    """True where a CancelledError is the running task's own.

    All who wait until a client reads share one future of aiohttp's: where one gives up, it is cancelled for the others.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class ExplainingWebSocket(web.WebSocketResponse):
    """An aiohttp WebSocket that sends `too_large` also where aiohttp itself cuts a message off.

    Its close ends in time though the client may read nothing: the connection is dropped then.
    """

    explained = False
    """True once the client has been sent the reason of the close."""

    def __init__(self, request: web.Request, options: SignalingOptions) -> None:
        super().__init__(
            autoping=False,
            compress=False,
            max_msg_size=options.limits.message_bytes * OVERSIZE,
            timeout=options.close_handshake_s,
        )
        self._transport = request.transport
        self._close_s = options.close_handshake_s

    async def close(self, *, code: int = WSCloseCode.OK, message: bytes = b"", drain: bool = True) -> bool:
        if self.closed:
            return False
        try:
            # Once for what waits to be sent, and once for the client's answer.
            async with asyncio.timeout(2 * self._close_s):
                await self._explain(code)
                closed = await super().close(code=code, message=message, drain=drain)
        except TimeoutError:
            closed = True
            self.abort()
        except asyncio.CancelledError:
            self.abort()
            if is_cancelled():
                raise
            closed = True
        if self.close_code == WSCloseCode.ABNORMAL_CLOSURE:
            self.abort()  # aiohttp waits for ever until the client has read all
        return closed

    def abort(self) -> None:
        """Drop the connection, and what waits to be sent."""
        if self._transport is not None:
            self._transport.abort()

    async def _explain(self, code: int) -> None:
        if code == WSCloseCode.MESSAGE_TOO_BIG and not self.explained:
            self.explained = True
            try:
                await self.send_str(json.dumps(server_messages.error(Code.TOO_LARGE, TOO_LARGE, fatal=True)))
            except ConnectionError:
                log.debug("client gone before too_large was sent")


class WebSocketCarrier:
    """Carrier over the WebSocket that `request` asks for."""

    owner: str | None = None
    messages_show_life = False

    def __init__(self, request: web.Request, options: SignalingOptions) -> None:
        self._request = request
        self._socket = ExplainingWebSocket(request, options)

    @property
    def socket(self) -> ExplainingWebSocket:
        """The socket itself, for whoever goes on with it."""
        return self._socket

    @property
    def response(self) -> web.StreamResponse:
        return self._socket

    async def open(self) -> None:
        await self._socket.prepare(self._request)

    async def receive(self) -> Received | None:
        message = await self._socket.receive()
        match message.type:
            case WSMsgType.TEXT:
                return str(message.data)
            case WSMsgType.BINARY:
                return bytes(message.data)
            case WSMsgType.PING:
                await self._socket.pong(message.data)
                return Sign.PING
            case WSMsgType.PONG:
                return Sign.PONG
            case WSMsgType.CLOSE | WSMsgType.CLOSING | WSMsgType.CLOSED | WSMsgType.ERROR:
                return None
        return Sign.OVERSIZE

    async def send(self, text: str) -> None:
        await self._socket.send_str(text)

    async def ping(self) -> None:
        await self._socket.ping()

    async def end(self, code: int | None) -> None:
        """Send the close frame, and wait a moment for the client's; abort the transport where there is no `code`."""
        if not self._socket.prepared:
            return
        if code is not None:
            self._socket.explained = True
            await self._socket.close(code=code)
        else:
            self._socket.abort()
        # A reference cycle: a response holds its exception, whose traceback holds the response.
        problem = self._socket.exception()
        if problem is not None:
            problem.__traceback__ = problem.__context__ = None
