"""Audits requests: which of them leave an entry in the audit log, and what it says of client, user and outcome."""

from __future__ import annotations

import logging
import re

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from accounts.audit import Audit
from accounts.audit_events import OK, AuditEvent
from signaling.http.access_control import GRANT, AccessControl
from signaling.ports import Dependencies
from signaling.rate_limits import Rate
from signaling.refusal import Code, Refusal
from signaling.sessions.directory import LivesElsewhere
from signaling.tokens import AccessClaims

log = logging.getLogger(__name__)

AUDITED_USER: web.RequestKey[str] = web.RequestKey("audited_user", str)
"""User whom a request is about, where its token does not tell."""
AUDITED_SESSION: web.RequestKey[str] = web.RequestKey("audited_session", str)
"""Session that a request is about, where its path does not tell."""
AUDITED_EVENT: web.RequestKey[AuditEvent] = web.RequestKey("audited_event", AuditEvent)
"""Event of a request that may be one of several."""

REFUSED_OF_ADDRESS = Rate(30, 60)
"""Refusals of one address that are written; more are only counted, or a flood would push out everything else."""

WITHDRAWALS_OF_ADDRESS = Rate(30, 60)
"""Withdrawals over sockets of one address that are written: a client may say so 20 times a second."""

_SESSION = re.compile("s_[0-9a-f]{32}")
"""An id of a session, as `signaling/sessions/registry.py` makes them."""
_API = "/api/v1"
EVENTS: dict[tuple[str, str], AuditEvent] = {
    ("POST", f"{_API}/auth/register"): AuditEvent.REGISTER,
    ("POST", f"{_API}/auth/login"): AuditEvent.SIGN_IN,
    ("POST", f"{_API}/auth/oidc/exchange"): AuditEvent.SIGN_IN,
    ("POST", f"{_API}/auth/refresh"): AuditEvent.REFRESH,
    ("POST", f"{_API}/auth/logout"): AuditEvent.SIGN_OUT,
    ("POST", f"{_API}/auth/verify"): AuditEvent.VERIFY,
    ("POST", f"{_API}/auth/forgot"): AuditEvent.FORGOT,
    ("POST", f"{_API}/auth/reset"): AuditEvent.RESET,
    ("PATCH", f"{_API}/users/me"): AuditEvent.PROFILE_CHANGE,
    ("DELETE", f"{_API}/users/me"): AuditEvent.USER_DELETE,
    ("POST", f"{_API}/sessions/create"): AuditEvent.SESSION_CREATE,
    ("POST", f"{_API}/sessions/join"): AuditEvent.SESSION_JOIN,
    ("POST", f"{_API}/sessions/{{session}}/whip"): AuditEvent.SESSION_PUBLISH,
    ("GET", f"{_API}/sessions/{{session}}"): AuditEvent.SESSION_READ,
    ("DELETE", f"{_API}/sessions/{{session}}"): AuditEvent.SESSION_DELETE,
    ("POST", f"{_API}/sessions/{{session}}/viewers"): AuditEvent.SESSION_VIEWER,
    ("DELETE", f"{_API}/sessions/{{session}}/viewers"): AuditEvent.SESSION_VIEWER_REVOKE,
    ("DELETE", f"{_API}/sessions/{{session}}/viewers/{{viewer}}"): AuditEvent.SESSION_VIEWER_REVOKE,
}
"""(method, route) → event. Histories are audited where they are read."""
QUIET = frozenset({AuditEvent.SESSION_READ})
"""Events of which only refusals are audited: clients ask for the state of their call again and again."""


class AuditTrail:
    """Entries about requests. Nothing here waits, and nothing raises."""

    def __init__(self, audit: Audit, dependencies: Dependencies, access_control: AccessControl) -> None:
        self._audit = audit
        self._access_control = access_control
        self._steady = dependencies.steady
        self._withdrawn = dependencies.rate_limiter("audited_withdrawals_of_address", WITHDRAWALS_OF_ADDRESS)
        self._refused = dependencies.rate_limiter("audited_refusals_of_address", REFUSED_OF_ADDRESS)

    def middleware(self) -> Middleware:
        """Return the middleware that audits every request of a route in `EVENTS`, and every refused token."""

        @web.middleware
        async def audited(request: web.Request, handler: Handler) -> web.StreamResponse:
            try:
                answer = await handler(request)
            except LivesElsewhere:  # that node audits it
                raise
            except Refusal as problem:
                self._note(request, problem.code.value)
                raise
            except web.HTTPRequestEntityTooLarge:
                self._note(request, Code.TOO_LARGE.value)
                raise
            except Exception:
                self._note(request, Code.INTERNAL.value)
                raise
            self._note(request, OK)
            return answer

        return audited

    def connected(self, request: web.Request, session: str, user: str | None, outcome: str = OK) -> None:
        """Note that a socket has joined a session, or was refused."""
        event = AuditEvent.TOKEN_REFUSED if outcome == Code.UNAUTHORIZED else AuditEvent.SESSION_CONNECT
        self.note(request, event, outcome, user=user, session=session)

    def withdrew(self, request: web.Request, session: str, user: str) -> None:
        """Note that somebody has withdrawn over a socket from a history, which deletes what they said."""
        client = self._access_control.arrival.address(request)
        kept = self._withdrawn.consume(client, self._steady()) <= 0
        self._audit.note(AuditEvent.HISTORY_DELETE, user=user, session=session, client=client, kept=kept)

    def note(
        self,
        request: web.Request,
        event: AuditEvent,
        outcome: str = OK,
        *,
        user: str | None = None,
        session: str | None = None,
        **details: str,
    ) -> None:
        """Note what a request has done, or why it was refused; that is only counted beyond `REFUSED_OF_ADDRESS`."""
        client = self._access_control.arrival.address(request)
        kept = outcome == OK or self._refused.consume(client, self._steady()) <= 0
        # A client may write anything into a path.
        shown = session if session is not None and _SESSION.fullmatch(session) else None
        self._audit.note(event, outcome, user=user, session=shown, client=client, kept=kept, **details)

    def _note(self, request: web.Request, outcome: str) -> None:
        route = request.match_info.route.resource
        path = route.canonical if route is not None else ""
        event = EVENTS.get((request.method, path[path.find(_API) :]) if _API in path else ("", ""))
        event = request.get(AUDITED_EVENT, event)
        asks_no_token = event in (AuditEvent.SIGN_IN, AuditEvent.REFRESH, AuditEvent.REGISTER)
        if outcome == Code.UNAUTHORIZED and hdrs.AUTHORIZATION in request.headers and not asks_no_token:
            event = AuditEvent.TOKEN_REFUSED
        if event is None or (outcome == OK and event in QUIET):
            return
        grant = request.get(GRANT)
        user = grant.user if isinstance(grant, AccessClaims) else None
        session = request.get(AUDITED_SESSION) or request.match_info.get("session")
        self.note(request, event, outcome, user=request.get(AUDITED_USER, user), session=session)
