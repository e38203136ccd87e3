"""Opens WebSockets of clients, and decides which are carried to another node, which has the session."""

from __future__ import annotations

import logging

import aiohttp
from aiohttp import web

from signaling.config import SignalingOptions
from signaling.http.access_control import AccessControl
from signaling.http.client_connections import ClientConnections
from signaling.http.forwarding import Forwarding
from signaling.http.public_path import path_inside
from signaling.sessions.directory import Elsewhere
from signaling.websocket.between_nodes import SocketsBetweenNodes
from signaling.websocket.socket import WebSocketCarrier

log = logging.getLogger(__name__)

WEBSOCKET = "/ws"
WEBSOCKET_OF_NODE = "/ws/{node}"
"""Path of one of several nodes: a proxy sends a socket to the one that it names."""


def is_websocket(request: web.Request) -> bool:
    """True for a request to a path of WebSockets."""
    path = path_inside(request)
    return path == WEBSOCKET or path.startswith(f"{WEBSOCKET}/")


class SocketsApi:
    """Handler of both paths, and the sockets that are carried to other nodes."""

    def __init__(
        self,
        options: SignalingOptions,
        access_control: AccessControl,
        connections: ClientConnections,
        forwarding: Forwarding,
    ) -> None:
        self._options = options
        self._access_control = access_control
        self._connections = connections
        self._forwarding = forwarding
        self._carried = SocketsBetweenNodes(options)

    def routes(self) -> list[web.RouteDef]:
        return [web.get(path, self.open) for path in (WEBSOCKET, WEBSOCKET_OF_NODE)]

    async def open(self, request: web.Request) -> web.StreamResponse:
        """Serve a client by a WebSocket until it is closed: here, or by way of here at the node with its session."""
        self._access_control.arrival.check_origin(request)
        carrier, came = WebSocketCarrier(request, self._options), self._access_control.arrival.came(request)
        taken: list[aiohttp.ClientWebSocketResponse] = []

        async def hand_on(place: Elsewhere, who: tuple[str, str] | None, first: str) -> bool:
            if place.websocket_url is not None and (who is None or not self._carried.comes_again(who)):
                return False
            if self._carried.full:
                log.warning("no more sockets are carried", extra={"carried": len(self._carried)})
                return False
            node = await self._forwarding.open_socket(place, request, first, came)
            taken.extend([] if node is None else [node])
            return node is not None

        try:
            handed_on_before = self._access_control.arrival.forwarded_from(request)
            return await self._connections.serve(request, carrier, None if handed_on_before else hand_on)
        finally:
            for node in taken:
                await self._carried.carry(carrier.socket, node)

    async def close(self, patience_s: float) -> None:
        """Close the sockets that are carried, once the other nodes have, or after `patience_s` at the latest."""
        await self._carried.close(patience_s)
