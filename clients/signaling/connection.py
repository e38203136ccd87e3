"""One connection over which a client signals, by whichever carrier, and the errors that end it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Any, Self

from clients.signaling.local_route import source_address

Message = dict[str, Any]

PROTOCOL = 1
FIRST_ANSWER_TIMEOUT_S = 2.5
"""From join_session and a heartbeat to anything at all."""
JOIN_TIMEOUT_S = 10.0
"""From join_session to session_joined, unless somebody has to let us in first."""


class Refused(Exception):
    """A refusal of the server: its error code (docs/protocol.md, section 2) and its message."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.status = status


class Unreachable(Exception):
    """No server answers, or its answer is not that of the protocol."""


class SocketLost(Exception):
    """The WebSocket, or the stream in its place, is closed. `code`: the close code, None where there was none."""

    def __init__(self, code: int | None, message: str = "") -> None:
        super().__init__(message or f"the socket closed with code {code}")
        self.code = code


class Moved(Exception):
    """Another node has the session. `url` is its WebSocket."""

    def __init__(self, url: str) -> None:
        super().__init__("the session is on another node")
        self.url = url


def parse(text: str | bytes) -> Message | None:
    """Parse a JSON object. None where the text is none."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def refusal(content: Message | None, status: int) -> Refused:
    """Return the refusal of an HTTP error response."""
    error = (content or {}).get("error")
    if not isinstance(error, dict):
        return Refused("internal", f"HTTP status {status}", status)
    return Refused(str(error.get("code", "internal")), str(error.get("message", "")), status)


class Connection(ABC):
    """Join once, then iterate over the messages while sending others."""

    def __init__(self) -> None:
        self.heard = False
        """True once a message has come."""
        self.waited = False
        """True once the server has answered a heartbeat before session_joined: somebody may have to let us in."""
        self._early: list[Message] = []  # received before session_joined

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @abstractmethod
    async def send(self, message: Message) -> None:
        """Send a message. Raises SocketLost."""

    @abstractmethod
    async def close(self) -> None:
        """Close it, unless it is closed."""

    @abstractmethod
    async def _receive_text(self) -> str:
        """Return the next message as it came. Raises SocketLost."""

    @abstractmethod
    def _transport_info(self, name: str) -> Any:
        """Return what the transport knows by a name of `asyncio.BaseTransport.get_extra_info`, or None."""

    @property
    def moved(self) -> bool:
        """True if this machine now reaches the server from another address than when this was opened."""
        here, there = self._transport_info("sockname"), self._transport_info("peername")
        if not here or not there:
            return False
        now = source_address(there[0], there[1])
        return now is not None and now != here[0]

    def abort(self) -> None:
        """Close at once without a closing handshake: the peer cannot be reached."""
        raw = self._transport_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)

    async def join(self, session_id: str, token: str, language: str) -> Message:
        """Send join_session. Return session_joined. Raises Refused, Moved or SocketLost."""
        await self.send(
            {
                "type": "join_session",
                "sessionId": session_id,
                "token": token,
                "language": language,
                "protocol": PROTOCOL,
            }
        )
        # Somebody may have to let us in before session_joined: until then the heartbeat shows that the server lives,
        # and then the pings of what carries the messages do.
        await self.send({"type": "heartbeat"})
        try:
            async with asyncio.timeout(JOIN_TIMEOUT_S) as whole, asyncio.timeout(FIRST_ANSWER_TIMEOUT_S) as first:
                while True:
                    message = await self._receive()
                    first.reschedule(None)
                    if message.get("type") == "session_joined":
                        return message
                    if message.get("type") == "moved":
                        raise Moved(str(message.get("wsUrl")))
                    if message.get("type") == "error":
                        raise Refused(str(message.get("code")), str(message.get("message", "")))
                    if message.get("type") == "session_ended":
                        raise Refused("session_ended", str(message.get("reason", "")))
                    if message.get("type") == "heartbeat":
                        self.waited = True
                        whole.reschedule(None)
                    self._early.append(message)
        except TimeoutError:
            raise SocketLost(None, "no session_joined in time") from None

    async def messages(self) -> AsyncIterator[Message]:
        """Yield every message from now on. Ends by raising SocketLost."""
        while self._early:
            yield self._early.pop(0)
        while True:
            yield await self._receive()

    async def _receive(self) -> Message:
        while True:
            message = parse(await self._receive_text())
            if message is not None:
                self.heard = True
                return message
