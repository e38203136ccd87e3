"""Serves the connection of one client, by whichever carrier a request has brought it."""

from __future__ import annotations

from aiohttp import web

from signaling.carrier import Carrier
from signaling.config import SignalingOptions
from signaling.dispatch import HandOn, serve_client
from signaling.http.access_control import AccessControl
from signaling.http.audit_trail import AuditTrail
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from signaling.sessions.directory import Directory
from signaling.sessions.live_sessions import LiveSessions
from signaling.websocket.connection import ClientConnection


class ClientConnections:
    """Connections of clients, with an entry in the audit log for those that join or withdraw."""

    def __init__(
        self,
        options: SignalingOptions,
        dependencies: Dependencies,
        sessions: LiveSessions,
        access_control: AccessControl,
        places: Directory,
        trail: AuditTrail | None,
    ) -> None:
        self._options = options
        self._dependencies = dependencies
        self._sessions = sessions
        self._access_control = access_control
        self._places = places
        self._trail = trail

    async def serve(self, request: web.Request, carrier: Carrier, hand_on: HandOn | None = None) -> web.StreamResponse:
        """Serve a client until its connection is over. Raises Refusal `at_capacity`.

        `hand_on` gives the client's socket to another node; None where that cannot be.
        """
        if not self._places.admits:  # a proxy asks another node then
            raise Refusal(Code.AT_CAPACITY, "this server can let nobody in just now", retry_after=1)
        trail = self._trail

        def joined(session: str, user: str | None, outcome: str) -> None:
            if trail is not None:
                trail.connected(request, session, user, outcome)

        def withdrew(session: str, user: str) -> None:
            if trail is not None:
                trail.withdrew(request, session, user)

        came = self._access_control.arrival.came(request)
        connection = ClientConnection(carrier, self._options, self._dependencies, came)
        node = request.match_info.get("node")
        await serve_client(self._sessions, connection, joined, withdrew, node, hand_on)
        return carrier.response
