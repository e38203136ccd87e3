"""HTTP calls and WebSocket of the protocol, without anything about media."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

import aiohttp

from clients.local_route import source_address

Message = dict[str, Any]

PROTOCOL = 1
HTTP_TIMEOUT = 15.0  # s
CONNECT_TIMEOUT = 4.0  # s
RENEWAL_TIMEOUT = 3.0  # s
HEARTBEAT = 5.0  # s between WebSocket pings; without a pong for half of it the socket is dead
JOIN_TIMEOUT = 10.0  # s for session_joined after join_session
MAX_MESSAGE = 1 << 20  # bytes; the server's own limit for us is 64 KiB


class Refused(Exception):
    """The server said no: its error code (PROTOCOL section 2) and its words."""

    def __init__(self, code: str, message: str, status: int | None = None) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.status = status


class Unreachable(Exception):
    """There is no server, or it speaks something else."""


class SocketLost(Exception):
    """The WebSocket is gone; `code` is the close code, if there was one."""

    def __init__(self, code: int | None, message: str = "") -> None:
        super().__init__(message or f"the socket closed with code {code}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in a session, as create or join gave it."""

    session_id: str
    participant_id: str
    ws_url: str
    session_code: str | None
    token: str


class Signaling:
    """A client of one server: `async with Signaling(url) as signaling`.

    Every call raises Refused or Unreachable.
    """

    def __init__(self, url: str, *, insecure: bool = False) -> None:
        self._url = url.rstrip("/")
        self._tls: bool | ssl.SSLContext = not insecure
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limit = aiohttp.ClientTimeout(total=HTTP_TIMEOUT, sock_connect=CONNECT_TIMEOUT)
        self._http = aiohttp.ClientSession(timeout=limit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http:
            await self._http.close()

    async def guest(self, name: str | None) -> str:
        """A guest's access token."""
        body = {"displayName": name} if name else {}
        return str((await self._post("/auth/guest", body))["token"])

    async def create(self, token: str, language: str) -> Entry:
        """Open a session and take its first place."""
        answer = await self._post("/sessions/create", {"language": language}, token)
        return self._entry(answer, token, str(answer["sessionCode"]))

    async def join(self, token: str, code: str, language: str) -> Entry:
        """Take the second place of the session with this 6-digit code."""
        answer = await self._post("/sessions/join", {"sessionCode": code, "language": language}, token)
        return self._entry(answer, token, code)

    async def ice_servers(self, token: str) -> list[Any]:
        """Fresh credentials for the relay."""
        answer = await self._call("GET", "/ice-servers", None, token, RENEWAL_TIMEOUT)
        servers = answer.get("iceServers")
        return servers if isinstance(servers, list) else []

    async def connect(self, url: str) -> Socket:
        """A WebSocket, not joined yet."""
        assert self._http is not None
        try:
            opened = await self._http.ws_connect(
                url,
                heartbeat=HEARTBEAT,
                max_msg_size=MAX_MESSAGE,
                ssl=self._tls,
                timeout=aiohttp.ClientWSTimeout(ws_close=3.0),
            )
        except aiohttp.WSServerHandshakeError as error:
            raise Unreachable(f"{url} answered {error.status}") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"{url}: {error or type(error).__name__}") from error
        return Socket(opened)

    def _entry(self, answer: Message, token: str, code: str) -> Entry:
        url = answer.get("wsUrl") or self._default_ws_url()
        try:
            return Entry(str(answer["sessionId"]), str(answer["participantId"]), str(url), code, token)
        except KeyError as error:
            raise Unreachable(f"the answer has no {error}") from error

    def _default_ws_url(self) -> str:
        parts = urlsplit(self._url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return urlunsplit((scheme, parts.netloc, "/ws", "", ""))

    async def _post(self, path: str, body: Message, token: str | None = None) -> Message:
        return await self._call("POST", path, body, token, HTTP_TIMEOUT)

    async def _call(self, method: str, path: str, body: Message | None, token: str | None, timeout: float) -> Message:
        assert self._http is not None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self._url}/api/v1{path}"
        try:
            limit = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT)
            async with self._http.request(
                method, url, json=body, headers=headers, ssl=self._tls, timeout=limit
            ) as response:
                text = await response.text()
                status = response.status
        except (aiohttp.ClientError, OSError, TimeoutError, UnicodeDecodeError) as error:
            raise Unreachable(f"{url}: {error or type(error).__name__}") from error
        answer = parse(text)
        if status >= 400:
            raise refusal(answer, status)
        if answer is None:
            raise Unreachable(f"{url} answered no JSON object")
        return answer


def parse(text: str | bytes) -> Message | None:
    """A JSON object, or None."""
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


def refusal(answer: Message | None, status: int) -> Refused:
    """The refusal that an HTTP error answer tells of."""
    error = (answer or {}).get("error")
    if not isinstance(error, dict):
        return Refused("internal", f"HTTP status {status}", status)
    return Refused(str(error.get("code", "internal")), str(error.get("message", "")), status)


class Socket:
    """One WebSocket: join once, then iterate over the messages while sending others."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._early: list[Message] = []  # what came before session_joined

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()

    @property
    def moved(self) -> bool:
        """Whether this machine now reaches the server from another address than when this socket was opened."""
        here, there = self._socket.get_extra_info("sockname"), self._socket.get_extra_info("peername")
        if not here or not there or self._socket.closed:
            return False
        now = source_address(there[0], there[1])
        return now is not None and now != here[0]

    def abort(self) -> None:
        """Let go at once, without a word: nobody would hear it."""
        raw = self._socket.get_extra_info("socket")
        if raw is not None:
            with contextlib.suppress(OSError):
                raw.shutdown(socket.SHUT_RDWR)

    async def join(self, session_id: str, token: str, language: str) -> Message:
        """Say join_session; returns session_joined. Raises Refused or SocketLost."""
        await self.send(
            {
                "type": "join_session",
                "sessionId": session_id,
                "token": token,
                "language": language,
                "protocol": PROTOCOL,
            }
        )
        try:
            async with asyncio.timeout(JOIN_TIMEOUT):
                while True:
                    message = await self._receive()
                    if message.get("type") == "session_joined":
                        return message
                    if message.get("type") == "error":
                        raise Refused(str(message.get("code")), str(message.get("message", "")))
                    if message.get("type") == "session_ended":
                        raise Refused("session_ended", str(message.get("reason", "")))
                    self._early.append(message)
        except TimeoutError:
            raise SocketLost(None, "no session_joined in time") from None

    async def send(self, message: Message) -> None:
        """Raises SocketLost."""
        if self._socket.closed:
            raise SocketLost(self._socket.close_code)
        try:
            await self._socket.send_str(json.dumps(message))
        except (aiohttp.ClientError, OSError) as error:
            raise SocketLost(self._socket.close_code, str(error)) from error

    async def messages(self) -> AsyncIterator[Message]:
        """Every message from now on; ends by raising SocketLost."""
        while self._early:
            yield self._early.pop(0)
        while True:
            yield await self._receive()

    async def _receive(self) -> Message:
        while True:
            received = await self._socket.receive()
            if received.type is aiohttp.WSMsgType.TEXT:
                message = parse(received.data)
                if message is not None:
                    return message
            elif received.type is not aiohttp.WSMsgType.BINARY:
                raise SocketLost(self._socket.close_code)
