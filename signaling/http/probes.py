"""Probes for load balancers and supervisors: `/health` (the process answers) and `/ready` (it takes new calls)."""

from __future__ import annotations

from aiohttp import web

from signaling.ports import Dependencies
from signaling.readiness import Degraded, Readiness
from signaling.sessions.directory import Directory
from signaling.sessions.live_sessions import LiveSessions


class Probes:
    """Handlers of the two probes."""

    def __init__(self, dependencies: Dependencies, sessions: LiveSessions, places: Directory) -> None:
        self._dependencies = dependencies
        self._sessions = sessions
        self._places = places

    def routes(self) -> list[web.RouteDef]:
        return [web.get("/health", self.health), web.get("/ready", self.ready)]

    def readiness(self) -> Readiness:
        """Return the state of this server."""
        accounts, places = self._dependencies.accounts, self._places
        away = set(self._dependencies.away())
        if accounts is not None and accounts.revoked.away:
            away.add(Degraded.ACCOUNTS_DATABASE)
        if places.away:
            away.add(Degraded.DIRECTORY)
        stages, ready = self._dependencies.stages(), self._dependencies.ready()
        return Readiness(stages, ready, self._sessions.closing, frozenset(away), places.admits, places.others_take)

    async def health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(self, request: web.Request) -> web.Response:
        found = self.readiness()
        return web.json_response(found.as_json(), status=200 if found.ready else 503)
