"""Signaling without a WebSocket: opens event streams of messages, and hands each posted message to its stream."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from signaling.carrier import Carrier, Sign
from signaling.config import SignalingOptions
from signaling.http.access_control import AccessControl
from signaling.http.message_stream import MessageStream
from signaling.http.request_body import body_of
from signaling.refusal import Code, Refusal
from signaling.sessions.live_sessions import LiveSessions
from signaling.tokens import Grant

PATH = "/api/v1/sessions/{session}/messages"

Serve = Callable[[web.Request, Carrier], Awaitable[web.StreamResponse]]
"""Serves a client by a carrier, until one of them ends."""


def brings_message(request: web.Request, access_control: AccessControl) -> bool:
    """True for a request that posts a message with a token: it counts for its stream, as on a socket."""
    return _asks(request, "POST") and _grant(request, access_control) is not None


def comes_back(request: web.Request, access_control: AccessControl) -> Grant | None:
    """Return the claims of who wants a stream of messages, and so comes back to a session as by a socket."""
    return _grant(request, access_control) if _asks(request, "GET") else None


def _asks(request: web.Request, method: str) -> bool:
    resource = request.match_info.route.resource
    return request.method == method and resource is not None and resource.canonical.endswith(PATH)


def _grant(request: web.Request, access_control: AccessControl) -> Grant | None:
    try:
        return access_control.grant(request)
    except Refusal:
        return None


class MessagesApi:
    """Handlers of the two calls, and the streams that are open."""

    def __init__(
        self, options: SignalingOptions, sessions: LiveSessions, access_control: AccessControl, serve: Serve
    ) -> None:
        self._options = options
        self._sessions = sessions
        self._access_control = access_control
        self._serve = serve
        self._streams: dict[str, MessageStream] = {}
        """Open streams by their id."""

    def routes(self) -> list[web.RouteDef]:
        return [web.get(PATH, self.open, allow_head=False), web.post(PATH, self.post)]

    def has_stream_of(self, request: web.Request) -> bool:
        """True if the stream that a posted message names is open here, and is its sender's."""
        grant = _grant(request, self._access_control)
        return grant is not None and self._find(request, grant) is not None

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Tell a participant by an event stream what a WebSocket would. The first message is still `join_session`."""
        self._access_control.arrival.check_origin(request)
        member = self._sessions.member(request.match_info["session"], self._access_control.grant(request))
        stream = MessageStream(request, self._options, member)
        self._streams[stream.id] = stream
        try:
            return await self._serve(request, stream)
        finally:
            del self._streams[stream.id]

    async def post(self, request: web.Request) -> web.Response:
        """Take one message for the stream that the query names; what comes of it, the stream tells."""
        grant = self._access_control.grant(request)
        try:
            stream = self._stream_of(request, grant)
            with stream.reading():
                stream.take(await _message_of(request))
        except Refusal:
            self._access_control.count_request(request)
            raise
        except web.HTTPRequestEntityTooLarge:
            stream.take(Sign.OVERSIZE)
            raise
        return web.Response(status=202)

    def _stream_of(self, request: web.Request, grant: Grant) -> MessageStream:
        """Return the stream for which a request's message is. Raises Refusal."""
        stream = self._find(request, grant)
        if stream is not None:
            return stream
        self._sessions.member(request.match_info["session"], grant)  # a better reason, if there is one
        raise Refusal(Code.NOT_FOUND, "you have no such stream, or none any more")

    def _find(self, request: web.Request, grant: Grant) -> MessageStream | None:
        stream = self._streams.get(request.query.get("stream", ""))
        return stream if stream is not None and stream.is_of(request.match_info["session"], grant) else None


async def _message_of(request: web.Request) -> str | bytes:
    """Return the body as a text; as it is where it is no UTF-8."""
    body = await body_of(request)
    try:
        return body.decode()
    except UnicodeDecodeError:
        return body
