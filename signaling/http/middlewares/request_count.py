"""Decides which requests count for the limits of their address and their user."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from signaling.http.access_control import AccessControl
from signaling.http.messages import MessagesApi, brings_message
from signaling.http.public_path import path_inside
from signaling.http.sockets import is_websocket

_COUNTED: web.RequestKey[bool] = web.RequestKey("counted", bool)
"""True for a request that counts already: one that another node could have done comes by a second time."""


def count_requests(access_control: AccessControl, messages: MessagesApi) -> Middleware:
    """Return the middleware that counts requests of the API and of WebSockets.

    Pages and probes are free, and so are messages of streams that are open here, and requests that another node has
    counted. A message for a stream elsewhere counts once it is refused, but its sender must not be over the limit:
    not every one may ask for its place.
    """

    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        counts = is_websocket(request) or path_inside(request).startswith("/api/")
        if counts and _COUNTED not in request and not access_control.arrival.forwarded_from(request):
            request[_COUNTED] = True
            if not brings_message(request, access_control):
                access_control.count_request(request)
            elif not messages.has_stream_of(request):
                access_control.check_requests(request)
        return await handler(request)

    return count
