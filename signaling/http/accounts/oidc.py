"""Sign-in elsewhere over HTTP: redirects to the provider and back to the page, and the one-time code's exchange."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from aiohttp import hdrs, web

from accounts.accounts import Accounts
from accounts.audit_events import AuditEvent
from accounts.oidc.attempts import ATTEMPT_LIFETIME_S
from accounts.oidc.refusals import Reason, SignInRefused, unverified
from pipeline.text.language import is_tag
from signaling.http.access_control import AccessControl
from signaling.http.accounts.refusals import account_refusals
from signaling.http.accounts.signed_in import SignedIn
from signaling.http.audit_trail import AuditTrail
from signaling.http.request_body import body_of
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal, refuse_malformed
from wire.strict_json import decode

log = logging.getLogger(__name__)

BASE = "/api/v1/auth/oidc"
LONGEST_CODE = 2000

_ANSWERED = ("state", "code", "error", "iss")
"""Parameters of a provider's answer that mean something (RFC 6749, 4.1.2; RFC 9207)."""
_CODES = {Reason.UNAUTHORIZED: Code.UNAUTHORIZED, Reason.FORBIDDEN: Code.FORBIDDEN, Reason.LOCKED: Code.LOCKED}
"""Refusals that the exchange of a code can meet."""


class OidcApi:
    """Handlers of the sign-in elsewhere, which comes back to the page below `public_url`."""

    def __init__(
        self,
        accounts: Accounts,
        dependencies: Dependencies,
        access_control: AccessControl,
        public_url: str | None,
        signed_in: SignedIn,
        trail: AuditTrail,
    ) -> None:
        """Raises ValueError where there are providers, and no public URL."""
        if accounts.elsewhere.listing() and not public_url:
            raise ValueError("sign-in elsewhere needs the public URL")
        self._elsewhere = accounts.elsewhere
        self._trail = trail
        self._access_control = access_control
        self._signed_in = signed_in
        self._now_ms = dependencies.now_ms
        self._public_url = (public_url or "").rstrip("/")
        self._secure = urlsplit(self._public_url).scheme == "https"
        # The prefix keeps other hosts of the site from setting it; it demands TLS and the path /.
        self._cookie = "__Host-dragoman-sign-in" if self._secure else "dragoman-sign-in"

    def routes(self) -> list[web.RouteDef]:
        # Not by HEAD: each step may be taken once.
        return [
            web.get(f"{BASE}/{{provider}}", self.begin, allow_head=False),
            web.get(f"{BASE}/{{provider}}/callback", self.callback, allow_head=False),
            web.post(f"{BASE}/exchange", self.exchange),
        ]

    async def begin(self, request: web.Request) -> web.Response:
        provider = self._provider(request)
        try:
            begun = await self._elsewhere.begin(provider, self._redirect_uri(provider))
        except SignInRefused as refused:
            return self._refused(request, provider, refused.reason.value, refused.why)
        answer = _redirect(begun.url)
        answer.set_cookie(
            self._cookie,
            begun.browser.secret,
            max_age=ATTEMPT_LIFETIME_S,
            path="/",
            secure=self._secure,
            httponly=True,
            samesite="Lax",
        )
        return answer

    async def callback(self, request: web.Request) -> web.Response:
        provider = self._provider(request)
        try:
            self._access_control.count_login(request)
            with account_refusals(self._now_ms):
                finished = await self._elsewhere.finish(
                    provider,
                    _answered(request),
                    self._redirect_uri(provider),
                    request.cookies.get(self._cookie),
                    _language(request),
                )
        except SignInRefused as refused:
            return self._refused(request, provider, refused.reason.value, refused.why)
        except Refusal as refused:
            return self._refused(request, provider, refused.code.value, refused.message)
        if finished.event is not None:
            self._trail.note(request, finished.event, user=finished.user, provider=provider)
        return self._to_page({"signin": finished.code})

    async def exchange(self, request: web.Request) -> web.Response:
        code = _code(await body_of(request))
        with account_refusals(self._now_ms):
            try:
                user = await self._elsewhere.exchange(code, request.cookies.get(self._cookie))
            except SignInRefused as refused:
                raise Refusal(_CODES[refused.reason], "the sign-in is not valid any more; begin it again") from None
            answer = await self._signed_in.answer(request, user)
        answer.del_cookie(self._cookie, path="/", secure=self._secure, httponly=True, samesite="Lax")
        return answer

    def _provider(self, request: web.Request) -> str:
        name = request.match_info["provider"]
        if name not in self._elsewhere:
            raise Refusal(Code.NOT_FOUND, "there is no such provider here; GET /auth/providers lists them")
        return name

    def _redirect_uri(self, provider: str) -> str:
        return f"{self._public_url}{BASE}/{provider}/callback"

    def _refused(self, request: web.Request, provider: str, reason: str, why: str) -> web.Response:
        log.warning("sign-in elsewhere refused: %s", why, extra={"provider": provider, "reason": reason})
        self._trail.note(request, AuditEvent.SIGN_IN, reason, provider=provider)
        return self._to_page({"refused": reason})

    def _to_page(self, said: Mapping[str, str]) -> web.Response:
        """Return to the page: nothing in a request decides where to. The outcome stands in the fragment."""
        return _redirect(f"{self._public_url}/#{urlencode(said)}")


def _redirect(url: str) -> web.Response:
    return web.Response(status=302, headers={hdrs.LOCATION: url})


def _answered(request: web.Request) -> dict[str, str]:
    """Return the parameters of a provider's answer. Raises SignInRefused for one that comes twice."""
    if any(len(request.query.getall(name, [])) > 1 for name in _ANSWERED):
        raise unverified("the answer names something twice")
    return {name: request.query[name] for name in _ANSWERED if name in request.query}


@refuse_malformed()
def _code(body: bytes) -> str:
    return decode(body).text("code", longest=LONGEST_CODE)


def _language(request: web.Request) -> str:
    """Return the first language that the browser asks for (RFC 9110, 12.5.4); `en` where it names none."""
    first = request.headers.get(hdrs.ACCEPT_LANGUAGE, "").partition(",")[0].partition(";")[0].strip()
    return first if is_tag(first) else "en"
