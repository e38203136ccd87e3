"""Calls of a user over HTTP: the list, the search, and everything that is kept of a user as one file."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import hdrs, web

from accounts.accounts import Accounts
from accounts.audit_events import AuditEvent
from accounts.exporting import export_of
from accounts.history.long_looks import LineFull
from accounts.history.page_json import page_json
from accounts.keeping.running import KeptCalls
from signaling.http.access_control import AccessControl
from signaling.http.page_query import LONGEST_QUERY, page_of
from signaling.refusal import Code, Refusal
from signaling.session_states import SessionState
from signaling.sessions.live_sessions import LiveSessions
from signaling.tokens import AccessClaims
from storage.accounts.records import Call

BASE = "/api/v1/users/me"
RETRY_AFTER_S = 5
"""Time after which there may be a place in the line of searches and exports."""


class PastCallsApi:
    """Handlers of a user's calls; a guest has none."""

    def __init__(
        self, accounts: Accounts, kept: KeptCalls, sessions: LiveSessions, access_control: AccessControl
    ) -> None:
        self._accounts = accounts
        self._kept = kept
        self._sessions = sessions
        self._access_control = access_control

    def routes(self) -> list[web.RouteDef]:
        return [web.get(f"{BASE}/sessions", self.calls), web.get(f"{BASE}/export", self.export)]

    async def calls(self, request: web.Request) -> web.Response:
        access = self._user(request)
        limit, offset = page_of(request)
        query = request.query.get("query", "").strip()
        if len(query) > LONGEST_QUERY:
            raise Refusal(Code.BAD_REQUEST, f"query must not be longer than {LONGEST_QUERY}", {"field": "query"})
        if query:
            async with self._turn(access.user):
                self._note(request, AuditEvent.HISTORY_SEARCH, access)
                found = await self._kept.past.page(access.user, limit, offset, query)
        else:
            found = await self._kept.past.page(access.user, limit, offset)
        live = frozenset(one.session for one in found.calls if self._sessions.lives(one.session))
        sessions = (_call_json(one, access.user, live=one.session in live) for one in found.calls)
        text = await self._kept.reader.work(page_json, "sessions", sessions, {"total": found.total})
        return web.Response(text=text, content_type="application/json")

    async def export(self, request: web.Request) -> web.Response:
        access = self._user(request)
        user = await self._accounts.store.users.get(access.user)
        if user is None:
            raise Refusal(Code.UNAUTHORIZED, "the account does not exist any more")
        async with self._turn(access.user):
            self._note(request, AuditEvent.EXPORT, access)
            data = await export_of(user, self._accounts.store, self._kept.reader)
        answer = web.Response(body=data, content_type="application/zip")
        answer.headers[hdrs.CONTENT_DISPOSITION] = 'attachment; filename="dragoman-export.zip"'
        return answer

    def _note(self, request: web.Request, event: AuditEvent, access: AccessClaims) -> None:
        self._accounts.audit.note(event, user=access.user, client=self._access_control.arrival.address(request))

    @asynccontextmanager
    async def _turn(self, user: str) -> AsyncIterator[None]:
        """Hold a turn of the line. Raises Refusal where it is full."""
        try:
            async with self._kept.long_looks.turn(user):
                yield
        except LineFull:
            message = "too many searches and exports run at this moment"
            raise Refusal(Code.AT_CAPACITY, message, retry_after=RETRY_AFTER_S) from None

    def _user(self, request: web.Request) -> AccessClaims:
        access = self._access_control.access(request)
        if access.kind != "user":
            raise Refusal(Code.FORBIDDEN, "guests have no account")
        return access


def _call_json(call: Call, user: str, *, live: bool) -> dict[str, object]:
    """Return a call as its participant sees it; `participantId` is the participant's own."""
    shown: dict[str, object] = {
        "sessionId": call.session,
        "status": (SessionState.ACTIVE if live and call.ended_at is None else SessionState.ENDED).value,
        "participantId": next(one.participant for one in call.participants if one.user == user),
        "createdAt": call.created_at,
        "startedAt": call.started_at,
        "participants": [
            {"participantId": one.participant, "displayName": one.name, "language": one.language}
            for one in call.participants
        ],
    }
    if call.ended_at is not None:
        shown |= {"endedAt": call.ended_at, "reason": call.reason}
    return shown
