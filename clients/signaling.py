"""The protocol's HTTP requests and its WebSocket, without anything about media."""

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
HTTP_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 4.0
RENEWAL_TIMEOUT_S = 3.0
PING_INTERVAL_S = 5.0
"""Between WebSocket pings. Without a pong for half of it the socket is dead."""
JOIN_TIMEOUT_S = 10.0
"""From join_session to session_joined."""
MAX_MESSAGE_BYTES = 1 << 20
"""The server's own limit for our messages is 64 KiB."""


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
    """The WebSocket is closed. `code`: the close code, None where there was none."""

    def __init__(self, code: int | None, message: str = "") -> None:
        super().__init__(message or f"the socket closed with code {code}")
        self.code = code


class Moved(Exception):
    """Another node has the session. `url` is its WebSocket."""

    def __init__(self, url: str) -> None:
        super().__init__("the session is on another node")
        self.url = url


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in a session, from the response to create or join."""

    session_id: str
    participant_id: str
    ws_url: str
    session_code: str | None
    token: str


class Signaling:
    """A client of one server: `async with Signaling(url) as signaling`.

    Every request raises Refused or Unreachable.
    """

    def __init__(self, url: str, *, insecure: bool = False) -> None:
        self._url = url.rstrip("/")
        self._tls: bool | ssl.SSLContext = not insecure
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        limit = aiohttp.ClientTimeout(total=HTTP_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S)
        self._http = aiohttp.ClientSession(timeout=limit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http:
            await self._http.close()

    async def guest(self, name: str | None) -> str:
        """Return the access token of a new guest."""
        body = {"displayName": name} if name else {}
        return str((await self._post("/auth/guest", body))["token"])

    async def create(self, token: str, language: str, solo: Message | None = None) -> Entry:
        """Open a session and take its first place.

        `solo`: `{language, voice?}` of one who stays alone and hears themselves; their session has no code.
        """
        options = {} if solo is None else {"options": {"solo": solo}}
        response = await self._post("/sessions/create", {"language": language, **options}, token)
        code = response.get("sessionCode")
        return self._entry(response, token, None if code is None else str(code))

    async def join(self, token: str, code: str, language: str) -> Entry:
        """Take the second place of the session with this code of digits."""
        response = await self._post("/sessions/join", {"sessionCode": code, "language": language}, token)
        return self._entry(response, token, code)

    async def ice_servers(self, token: str) -> list[Any]:
        """Return `iceServers` with fresh credentials for the relay."""
        response = await self._request("GET", "/ice-servers", None, token, RENEWAL_TIMEOUT_S)
        servers = response.get("iceServers")
        return servers if isinstance(servers, list) else []

    async def connect(self, url: str) -> Socket:
        """Open a WebSocket that has not joined yet."""
        assert self._http is not None
        try:
            opened = await self._http.ws_connect(
                url,
                heartbeat=PING_INTERVAL_S,
                max_msg_size=MAX_MESSAGE_BYTES,
                ssl=self._tls,
                timeout=aiohttp.ClientWSTimeout(ws_close=3.0),
            )
        except aiohttp.WSServerHandshakeError as error:
            raise Unreachable(f"{url} answered {error.status}") from error
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unreachable(f"{url}: {error or type(error).__name__}") from error
        return Socket(opened)

    def _entry(self, response: Message, token: str, code: str | None) -> Entry:
        url = response.get("wsUrl") or self._default_ws_url()
        try:
            return Entry(str(response["sessionId"]), str(response["participantId"]), str(url), code, token)
        except KeyError as error:
            raise Unreachable(f"the response has no {error}") from error

    def _default_ws_url(self) -> str:
        parts = urlsplit(self._url)
        scheme = "wss" if parts.scheme == "https" else "ws"
        return urlunsplit((scheme, parts.netloc, "/ws", "", ""))

    async def _post(self, path: str, body: Message, token: str | None = None) -> Message:
        return await self._request("POST", path, body, token, HTTP_TIMEOUT_S)

    async def _request(
        self, method: str, path: str, body: Message | None, token: str | None, timeout: float
    ) -> Message:
        assert self._http is not None
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        url = f"{self._url}/api/v1{path}"
        try:
            limit = aiohttp.ClientTimeout(total=timeout, sock_connect=CONNECT_TIMEOUT_S)
            async with self._http.request(
                method, url, json=body, headers=headers, ssl=self._tls, timeout=limit
            ) as response:
                text = await response.text()
                status = response.status
        except (aiohttp.ClientError, OSError, TimeoutError, UnicodeDecodeError) as error:
            raise Unreachable(f"{url}: {error or type(error).__name__}") from error
        content = parse(text)
        if status >= 400:
            raise refusal(content, status)
        if content is None:
            raise Unreachable(f"{url} answered no JSON object")
        return content


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


class Socket:
    """One WebSocket: join once, then iterate over its messages while sending others."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._early: list[Message] = []  # received before session_joined

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._socket.close()

    @property
    def moved(self) -> bool:
        """True if this machine now reaches the server from another address than when the socket was opened."""
        here, there = self._socket.get_extra_info("sockname"), self._socket.get_extra_info("peername")
        if not here or not there or self._socket.closed:
            return False
        now = source_address(there[0], there[1])
        return now is not None and now != here[0]

    def abort(self) -> None:
        """Close at once without a closing handshake: the peer cannot be reached."""
        raw = self._socket.get_extra_info("socket")
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
        try:
            async with asyncio.timeout(JOIN_TIMEOUT_S):
                while True:
                    message = await self._receive()
                    if message.get("type") == "session_joined":
                        return message
                    if message.get("type") == "moved":
                        raise Moved(str(message.get("wsUrl")))
                    if message.get("type") == "error":
                        raise Refused(str(message.get("code")), str(message.get("message", "")))
                    if message.get("type") == "session_ended":
                        raise Refused("session_ended", str(message.get("reason", "")))
                    self._early.append(message)
        except TimeoutError:
            raise SocketLost(None, "no session_joined in time") from None

    async def send(self, message: Message) -> None:
        """Send a message. Raises SocketLost."""
        if self._socket.closed:
            raise SocketLost(self._socket.close_code)
        try:
            await self._socket.send_str(json.dumps(message))
        except (aiohttp.ClientError, OSError) as error:
            raise SocketLost(self._socket.close_code, str(error)) from error

    async def messages(self) -> AsyncIterator[Message]:
        """Yield every message from now on. Ends by raising SocketLost."""
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
