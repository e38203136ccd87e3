"""Hands a request about a session of another node on to that node, and its answer back."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import aiohttp
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware
from multidict import CIMultiDict

from signaling.http.access_control import AccessControl
from signaling.http.client_arrival import FORWARDED
from signaling.http.event_stream import LOOK_EVERY_S, EventStream
from signaling.http.messages import comes_back
from signaling.http.public_path import path_inside
from signaling.http.request_body import body_of
from signaling.refusal import SHUTDOWN, Code, Refusal
from signaling.sessions.directory import Elsewhere, LivesElsewhere
from signaling.sessions.live_sessions import LiveSessions
from signaling.tokens import Introduction, Tokens
from signaling.websocket.between_nodes import leave

log = logging.getLogger(__name__)

CREATE = "/api/v1/sessions/create"
EVENTS = "text/event-stream"
_TIMEOUT = aiohttp.ClientTimeout(total=None, sock_connect=2, sock_read=30)
"""A stream of events is never silent for longer than `sock_read`."""
OPEN_S = 2.0
"""Longest wait for a node to take a socket: a client waits no longer than 2.5 s (docs/protocol.md)."""
_ASKED = (
    hdrs.AUTHORIZATION,
    hdrs.CONTENT_TYPE,
    hdrs.ACCEPT,
    hdrs.ORIGIN,
    hdrs.IF_NONE_MATCH,
    hdrs.USER_AGENT,
    "Last-Event-ID",
)
_ANSWERED = (
    hdrs.CONTENT_TYPE,
    hdrs.CONTENT_DISPOSITION,
    hdrs.CACHE_CONTROL,
    hdrs.LOCATION,
    hdrs.LINK,
    hdrs.ETAG,
    hdrs.RETRY_AFTER,
    hdrs.WWW_AUTHENTICATE,
    "X-Accel-Buffering",
)
UNPLACED: web.RequestKey[bool] = web.RequestKey("unplaced", bool)
"""True for a request about a session of which nobody can say just now if another node has it."""
_HERE: web.RequestKey[bool] = web.RequestKey("stays_here", bool)
"""True for a request that another node could have done, and did not."""


class Forwarding:
    """Requests of clients to other nodes. A request is handed on once and no further."""

    def __init__(
        self,
        sessions: LiveSessions,
        access_control: AccessControl,
        tokens: Tokens,
        wall: Callable[[], float],
        lighter: Callable[[], Elsewhere | None],
    ) -> None:
        """`lighter`: the node that a new session should go to; None for this one."""
        self._sessions = sessions
        self._access_control = access_control
        self._tokens = tokens
        self._wall = wall
        self._lighter = lighter
        self._http: aiohttp.ClientSession | None = None

    async def running(self, app: web.Application) -> AsyncIterator[None]:
        """Keep connections to other nodes for as long as the application runs."""
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=_TIMEOUT,
            auto_decompress=False,
        ) as self._http:
            yield

    def placing(self) -> Middleware:
        """Return the middleware that raises LivesElsewhere for requests that another node should answer."""

        @web.middleware
        async def placed(request: web.Request, handler: Handler) -> web.StreamResponse:
            session = request.match_info.get("session")
            if session is not None:
                return await self._about(session, request, handler)
            if path_inside(request) == CREATE and FORWARDED not in request.headers and _HERE not in request:
                lighter = self._lighter()
                if lighter is not None:
                    raise LivesElsewhere(lighter, optional=True)
            return await handler(request)

        return placed

    async def _about(self, session: str, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer what is about a session. While nobody knows where it is, as far as this node knows it itself.

        So running calls can be ended, and past ones read, without the directory.
        """
        away: Refusal | None = None
        try:
            await self._sessions.placing.here(session, comes_back(request, self._access_control))
        except Refusal as problem:
            away, request[UNPLACED] = problem, True
        try:
            return await handler(request)
        except Refusal as problem:
            if away is not None and problem.code is Code.SESSION_NOT_FOUND:
                raise away from None
            raise

    def sending(self) -> Middleware:
        """Return the middleware that lets the other node answer where LivesElsewhere comes out of a handler."""

        @web.middleware
        async def sent(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                return await handler(request)
            except LivesElsewhere as elsewhere:
                place, optional = elsewhere.place, elsewhere.optional
            if FORWARDED in request.headers:
                raise Refusal(Code.AT_CAPACITY, "the session is on its way to another server", retry_after=1)
            answer = await self._ask(place, request)
            if answer is not None:
                return answer
            if not optional:
                raise Refusal(Code.AT_CAPACITY, "the server that has the session does not answer", retry_after=2)
            request[_HERE] = True
            return await handler(request)

        return sent

    async def open_socket(
        self, place: Elsewhere, request: web.Request, first: str, came: float
    ) -> aiohttp.ClientWebSocketResponse | None:
        """Open the socket that a client has here at another node, too, with its first message; None if that fails.

        `came`: time of the steady clock at which the client came. Nodes at one address are on one machine, with one
        such clock; others judge by their own.
        """
        assert self._http is not None
        came_there = came if place.websocket_url is None else None
        url, headers = place.node_url + str(request.rel_url), self._introduction(request, came_there)
        try:
            async with asyncio.timeout(OPEN_S):
                node = await self._http.ws_connect(url, headers=headers, autoping=False, max_msg_size=0)
                try:
                    await node.send_str(first)
                except BaseException:
                    await leave(node, SHUTDOWN)
                    raise
        except (aiohttp.ClientError, OSError) as problem:
            log.warning("another node took no socket", extra={"node": place.node, "problem": type(problem).__name__})
            return None
        return node

    def _introduction(self, request: web.Request, came: float | None = None) -> dict[str, str]:
        """Return headers that tell another node who asks, and by what address."""
        arrival = self._access_control.arrival
        asked = f"{request.method} {request.rel_url}"
        return {
            FORWARDED: self._tokens.issue_forwarded(Introduction(arrival.address(request), came), asked, self._wall()),
            "X-Forwarded-Proto": arrival.scheme(request),
            "X-Forwarded-Host": arrival.host(request),
        }

    async def _ask(self, place: Elsewhere, request: web.Request) -> web.StreamResponse | None:
        """Return the other node's answer; None if there is none."""
        assert self._http is not None
        body = await body_of(request)
        target = str(request.rel_url)
        headers = {name: request.headers[name] for name in _ASKED if name in request.headers}
        headers |= {hdrs.ACCEPT_ENCODING: "identity", **self._introduction(request)}
        try:
            async with self._http.request(
                request.method,
                place.node_url + target,
                headers=headers,
                data=body or None,
                allow_redirects=False,
            ) as answer:
                if answer.content_type == EVENTS:
                    return await _pass_on(request, answer)
                kept = CIMultiDict((name, one) for name in _ANSWERED for one in answer.headers.getall(name, []))
                return web.Response(status=answer.status, body=await answer.read(), headers=kept)
        except (aiohttp.ClientError, OSError, ValueError) as problem:
            log.warning("another node did not answer", extra={"node": place.node, "problem": type(problem).__name__})
            return None


async def _pass_on(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    """Pass events on as they come, until either side ends, or the client takes nothing."""
    events = EventStream(request)
    with suppress(ConnectionError):  # the client has gone, or was dropped
        await events.open(b"")  # the other node has said the first words
        while not events.gone:
            try:
                async with asyncio.timeout(LOOK_EVERY_S):
                    part = await answer.content.readany()
            except (aiohttp.ClientError, OSError) as problem:
                if type(problem) is TimeoutError:  # nothing came; all others are of the connection
                    continue
                log.debug("a stream of events of another node ended early")
                break
            if not part:
                break
            await events.pass_on(part)
        await events.end()
    return events.response
