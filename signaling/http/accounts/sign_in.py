"""Registration, sign-in, refresh and sign-out over HTTP (docs/protocol.md, section 1)."""

from __future__ import annotations

from aiohttp import web

from accounts.accounts import Accounts
from accounts.refresh_tokens import NotSignedIn
from signaling.http.access_control import AccessControl
from signaling.http.accounts import bodies
from signaling.http.accounts.letter_limit import LetterLimit
from signaling.http.accounts.refusals import account_refusals
from signaling.http.accounts.signed_in import SignedIn
from signaling.http.audit_trail import AUDITED_USER
from signaling.http.request_body import body_of
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from storage.accounts.records import User


class SignInApi:
    """Handlers of the calls by which somebody becomes signed in, stays so, or does not any more."""

    def __init__(
        self,
        accounts: Accounts,
        dependencies: Dependencies,
        access_control: AccessControl,
        signed_in: SignedIn,
        letters: LetterLimit,
    ) -> None:
        self._accounts = accounts
        self._now_ms = dependencies.now_ms
        self._access_control = access_control
        self._signed_in = signed_in
        self._letters = letters

    def routes(self) -> list[web.RouteDef]:
        base = "/api/v1/auth"
        return [
            web.post(f"{base}/register", self.register),
            web.post(f"{base}/login", self.login),
            web.post(f"{base}/refresh", self.refresh),
            web.post(f"{base}/logout", self.logout),
        ]

    async def register(self, request: web.Request) -> web.Response:
        body = bodies.new_person(await body_of(request))
        self._access_control.count_account(request)
        with account_refusals(self._now_ms):
            user = await self._accounts.registration.register(body.username, body.email, body.password, body.language)
            self._ask_to_verify(user)
            return await self._signed_in.answer(request, user, 201)

    async def login(self, request: web.Request) -> web.Response:
        body = bodies.credentials(await body_of(request))
        self._access_control.count_login(request)
        with account_refusals(self._now_ms):
            user = await self._accounts.sign_in.by_password(body.email, body.password)
            return await self._signed_in.answer(request, user)

    async def refresh(self, request: web.Request) -> web.Response:
        token = bodies.refresh_token(await body_of(request))
        self._access_control.count_refresh(request)
        moment = self._signed_in.moment()
        with account_refusals(self._now_ms):
            try:
                refreshed = await self._accounts.refresh_tokens.rotate(token)
            except NotSignedIn as problem:
                if problem.user is not None:
                    request[AUDITED_USER] = problem.user
                raise
            request[AUDITED_USER] = refreshed.user.id
            return web.json_response(self._signed_in.members(refreshed.user, refreshed.token, moment))

    async def logout(self, request: web.Request) -> web.Response:
        token = bodies.refresh_token(await body_of(request))
        with account_refusals(self._now_ms):
            user = await self._accounts.refresh_tokens.end(token)
        if user is None:
            raise Refusal(Code.UNAUTHORIZED, "the refresh token is not valid")
        request[AUDITED_USER] = user
        return web.Response(status=204)

    def _ask_to_verify(self, user: User) -> None:
        """Send a new person a link, unless the address has had its letters: others may have registered it before."""
        if user.email is not None and self._accounts.mail.on and self._letters.consume(user.email) <= 0:
            self._accounts.recovery.ask_to_verify(user)
