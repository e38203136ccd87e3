"""The protocol's HTTP requests, and the opening of a connection over which to signal."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote, urlsplit, urlunsplit

import aiohttp

from clients.signaling.connection import Message, Unreachable, parse, refusal
from clients.signaling.message_stream import MessageStream
from clients.signaling.web_socket import Socket

HTTP_TIMEOUT_S = 15.0
CONNECT_TIMEOUT_S = 4.0
RENEWAL_TIMEOUT_S = 3.0
PING_INTERVAL_S = 5.0
"""Between WebSocket pings. Without a pong for half of it the socket is dead."""
MAX_MESSAGE_BYTES = 1 << 20
"""The server's own limit for our messages is 64 KiB."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in a session, from the response to create or join."""

    session_id: str
    participant_id: str
    ws_url: str
    session_code: str | None
    token: str


class Api:
    """A client of one server: `async with Api(url) as api`.

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

    async def open_stream(self, session_id: str, token: str) -> MessageStream:
        """Open a stream of messages that has not joined yet, for networks that break WebSockets."""
        stream = MessageStream(f"{self._url}/api/v1/sessions/{quote(session_id, safe='')}/messages", token, self._tls)
        try:
            await stream.open()
        except BaseException:
            await stream.close()
            raise
        return stream

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
