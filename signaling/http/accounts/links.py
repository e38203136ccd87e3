"""Links of letters over HTTP: an address is verified, and a forgotten password is replaced."""

from __future__ import annotations

from aiohttp import hdrs, web

from accounts.accounts import Accounts
from signaling.http.access_control import AccessControl
from signaling.http.accounts import bodies
from signaling.http.accounts.letter_limit import LetterLimit
from signaling.http.accounts.refusals import account_refusals
from signaling.http.audit_trail import AUDITED_USER
from signaling.http.request_body import body_of
from signaling.ports import Dependencies
from signaling.rate_limits import retry_after
from signaling.refusal import Code, Refusal


class LinksApi:
    """Handlers of /auth/verify, /auth/forgot and /auth/reset."""

    def __init__(
        self, accounts: Accounts, dependencies: Dependencies, access_control: AccessControl, letters: LetterLimit
    ) -> None:
        self._accounts = accounts
        self._now_ms = dependencies.now_ms
        self._access_control = access_control
        self._letters = letters

    def routes(self) -> list[web.RouteDef]:
        base = "/api/v1/auth"
        return [
            web.post(f"{base}/verify", self.verify),
            web.post(f"{base}/forgot", self.forgot),
            web.post(f"{base}/reset", self.reset),
        ]

    async def verify(self, request: web.Request) -> web.Response:
        """Verify an address by a link's token. Without one, a signed-in person gets another letter."""
        link = bodies.followed_link(await body_of(request))
        if link is None:
            return await self._repeat(request)
        self._access_control.count_login(request)
        signed_in = None
        if link.password is None and hdrs.AUTHORIZATION in request.headers:
            signed_in = self._access_control.user(request).user
        with account_refusals(self._now_ms, "password"):
            user = await self._accounts.recovery.verify(link.token, signed_in, link.password)
        request[AUDITED_USER] = user.id
        return web.json_response({"userId": user.id, "emailVerified": user.email_verified})

    async def forgot(self, request: web.Request) -> web.Response:
        """Send a link for a new password. The answer is the same whether or not the address is somebody's."""
        email = bodies.email(await body_of(request))
        self._access_control.count_login(request)
        with account_refusals(self._now_ms):
            # A person gets few letters, and nobody learns by the answer whether this was one more.
            if self._accounts.mail.on and self._letters.consume(email) <= 0:
                user = await self._accounts.recovery.forgot(email)
                if user is not None:
                    request[AUDITED_USER] = user.id
        return web.json_response({"mail": self._accounts.mail.on}, status=202)

    async def reset(self, request: web.Request) -> web.Response:
        """Set a new password by a link's token. Every sign-in of before ends."""
        body = bodies.reset(await body_of(request))
        self._access_control.count_login(request)
        with account_refusals(self._now_ms):
            user = await self._accounts.recovery.reset(body.token, body.password)
            request[AUDITED_USER] = user.id
            await self._accounts.sign_in.forgive(user)
        return web.Response(status=204)

    async def _repeat(self, request: web.Request) -> web.Response:
        access = self._access_control.user(request)
        with account_refusals(self._now_ms):
            user = await self._accounts.profile.get(access.user)
        if user.email is not None and not user.email_verified and self._accounts.mail.on:
            wait = self._letters.consume(user.email)
            if wait > 0:
                raise Refusal(Code.RATE_LIMITED, "too many letters", retry_after=retry_after(wait))
            self._accounts.recovery.ask_to_verify(user)
        return web.json_response({"mail": self._accounts.mail.on}, status=202)
