"""One's own account over HTTP: read, changed, deleted (docs/protocol.md, section 1)."""

from __future__ import annotations

from aiohttp import web

from accounts.accounts import Accounts
from accounts.audit_events import AuditEvent
from accounts.people.user_fields import user_fields
from signaling.http.access_control import AccessControl
from signaling.http.accounts import bodies
from signaling.http.accounts.refusals import account_refusals
from signaling.http.accounts.signed_in import SignedIn
from signaling.http.audit_trail import AUDITED_EVENT
from signaling.http.request_body import body_of
from signaling.ports import Dependencies
from signaling.sessions.live_sessions import LiveSessions
from storage.accounts.records import Usage, User

CALLS_WRITTEN_S = 3.0
"""Time for the records of calls that end with an account."""


class ProfileApi:
    """Handlers of /users/me."""

    def __init__(
        self,
        accounts: Accounts,
        dependencies: Dependencies,
        access_control: AccessControl,
        signed_in: SignedIn,
        sessions: LiveSessions,
    ) -> None:
        self._accounts = accounts
        self._now_ms = dependencies.now_ms
        self._kept = dependencies.kept_calls
        self._access_control = access_control
        self._signed_in = signed_in
        self._sessions = sessions

    def routes(self) -> list[web.RouteDef]:
        path = "/api/v1/users/me"
        return [web.get(path, self.show), web.patch(path, self.change), web.delete(path, self.delete)]

    async def show(self, request: web.Request) -> web.Response:
        access = self._access_control.user(request)
        with account_refusals(self._now_ms):
            return web.json_response(await self._shown(await self._accounts.profile.get(access.user)))

    async def change(self, request: web.Request) -> web.Response:
        """Change fields. With a new password the answer holds new tokens, too: all older ones are dead."""
        access = self._access_control.user(request)
        wishes = bodies.wishes(await body_of(request))
        if wishes.password is not None:
            request[AUDITED_EVENT] = AuditEvent.PASSWORD_CHANGE
            self._access_control.count_login(request)
        with account_refusals(self._now_ms, "password.old"):
            user = await self._accounts.profile.change(access.user, wishes)
            shown = await self._shown(user)
            if wishes.password is not None:
                shown |= await self._signed_in.begin(user)
            return web.json_response(shown)

    async def delete(self, request: web.Request) -> web.Response:
        access = self._access_control.user(request)
        password = bodies.own_password(await body_of(request))
        self._access_control.count_login(request)
        with account_refusals(self._now_ms, "password"):
            await self._accounts.profile.delete(access.user, password, lambda: self._end_calls(access.user))
        return web.Response(status=204)

    async def _end_calls(self, user: str) -> None:
        self._sessions.expel(user)
        await self._sessions.flush()
        if self._kept is not None:  # or their last records would come after the account's end
            await self._kept.writer.flush(CALLS_WRITTEN_S)

    async def _shown(self, user: User) -> dict[str, object]:
        shown = _json(user, await self._accounts.store.usage.of_user(user.id))
        if self._kept is not None:
            most = self._kept.retention_days
            shown["retentionDays"] = most if user.retention_days is None else min(most, user.retention_days)
        return shown


def _json(user: User, used: Usage) -> dict[str, object]:
    usage = {
        "heardSeconds": used.heard_ms / 1000,
        "spokenSeconds": used.spoken_ms / 1000,
        "characters": used.characters,
    }
    return {**user_fields(user), "usage": usage}
