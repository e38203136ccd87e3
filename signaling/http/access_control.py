"""Access control of requests: client address, origin, token, and rate limits."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from accounts.keyed_locks import KeyedLocks
from signaling.config import SignalingOptions
from signaling.http.address_limits import Address, AddressLimit, counted_as, parsed, site_of
from signaling.ports import Dependencies
from signaling.rate_limits import retry_after
from signaling.refusal import Code, Refusal
from signaling.tokens import USER, AccessClaims, Grant, Introduction, Tokens

GRANT: web.RequestKey[Grant] = web.RequestKey("grant", object)  # type: ignore[arg-type]
"""Claims of the request's token, once they were read."""

FORWARDED = "Dragoman-Forwarded"
"""Header of a request that another node hands on: a token with the client's address."""
_INTRODUCTION: web.RequestKey[Introduction] = web.RequestKey("introduction", Introduction)
"""Claims of that token, once it was read; the address is empty where it is not ours."""

# RFC 3986, 3.2.2: a name or an address, and a port.
_HOST = re.compile(r"[A-Za-z0-9._~\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class AccessControl:
    """Checks that raise Refusal: `rate_limited`, `unauthorized`, `forbidden` or `bad_request`."""

    def __init__(self, options: SignalingOptions, dependencies: Dependencies, tokens: Tokens) -> None:
        self._options = options
        self._wall = dependencies.wall
        self._steady = dependencies.steady
        self._tokens = tokens
        limits = options.limits
        limiter = dependencies.rate_limiter
        self._requests_of_user = limiter("requests_of_user", limits.requests_of_user)
        self._requests_of_address = AddressLimit(limiter, "requests", limits.requests_of_address)
        self._guests = AddressLimit(limiter, "guests", limits.guests_of_address)
        self._sessions = limiter("sessions_of_user", limits.sessions_of_user)
        self._wrong_codes = limiter("wrong_codes_of_address", limits.wrong_codes_of_address)
        self._wrong_codes_of_site = limiter("wrong_codes_of_site", limits.wrong_codes_of_site)
        self._logins = limiter("logins_of_address", limits.logins_of_address)
        self._logins_of_site = limiter("logins_of_site", limits.logins_of_site)
        self._accounts = AddressLimit(limiter, "accounts", limits.accounts_of_address)
        self._refreshes = AddressLimit(limiter, "refreshes", limits.refreshes_of_address)
        # One guess of a site after another: those that come at once would all pass before any is counted.
        self._guesses: KeyedLocks[str] = KeyedLocks()

    def count_request(self, request: web.Request) -> None:
        """Count a request for its address, and for the user of its token where it carries a valid one."""
        now = self._steady()
        self._require(self._requests_of_address.consume(self.address(request), now), "requests from one address")
        try:
            grant = self.grant(request)
        except Refusal:
            return
        user = grant.user if isinstance(grant, AccessClaims) else grant.participant
        self._require(self._requests_of_user.consume(user, now), "requests")

    def check_requests(self, request: web.Request) -> None:
        """Refuse an address that has sent too many requests lately. This one does not count."""
        wait = self._requests_of_address.wait(self.address(request), self._steady())
        self._require(wait, "requests from one address")

    def count_guest(self, request: web.Request) -> None:
        """Count a new guest for the address of the request."""
        self._require(self._guests.consume(self.address(request), self._steady()), "guests from one address")

    def count_login(self, request: web.Request) -> None:
        """Count an attempt to sign in for the address and the site of the request."""
        address, now = self.address(request), self._steady()
        self._require(self._logins.consume(address, now), "attempts to sign in")
        self._require(self._logins_of_site.consume(site_of(address), now), "attempts to sign in")

    def count_account(self, request: web.Request) -> None:
        """Count a new account, or an attempt to make one, for the address of the request."""
        self._require(self._accounts.consume(self.address(request), self._steady()), "new accounts from one address")

    def count_refresh(self, request: web.Request) -> None:
        """Count a refresh token that is exchanged, or tried, for the address of the request."""
        self._require(self._refreshes.consume(self.address(request), self._steady()), "refreshes from one address")

    def check_sessions(self, access: AccessClaims) -> None:
        """Refuse a user who has made too many sessions lately."""
        self._require(self._sessions.wait(access.user, self._steady()), "new sessions")

    def check_share(self, request: web.Request, made: Collection[str]) -> None:
        """Refuse a site that has made its share of the live sessions: an IPv4 address, or an IPv6 /48.

        `made`: the address of each live session's creator. A full server refuses every address alike, elsewhere.
        """
        limits = self._options.limits
        most = max(1, int(limits.sessions * limits.address_share))
        site = site_of(self.address(request))
        if len(made) < limits.sessions and sum(site_of(one) == site for one in made) >= most:
            raise Refusal(Code.RATE_LIMITED, "too many sessions from one address at a time", retry_after=60)

    def count_session(self, access: AccessClaims) -> None:
        """Count a session that the user has made."""
        self._sessions.count(access.user, self._steady())

    @asynccontextmanager
    async def trying_code(self, request: web.Request) -> AsyncIterator[None]:
        """Find a session by its code inside, and count a wrong one: no other code of the site is tried meanwhile.

        Refuses an address, or a site, that has guessed too many codes lately.
        """
        address = self.address(request)
        async with self._guesses.hold(site_of(address)):
            now = self._steady()
            self._require(self._wrong_codes.wait(address, now), "wrong codes")
            self._require(self._wrong_codes_of_site.wait(site_of(address), now), "wrong codes")
            yield

    def count_wrong_code(self, request: web.Request) -> None:
        """Count a wrong code for the address and the site of the request."""
        address, now = self.address(request), self._steady()
        self._wrong_codes.count(address, now)
        self._wrong_codes_of_site.count(site_of(address), now)

    def bearer(self, request: web.Request) -> str:
        """Return the request's bearer token (RFC 6750, 2.1), which may be any text."""
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refusal(Code.UNAUTHORIZED, "this needs a token: Authorization: Bearer …")
        return token.strip()

    def grant(self, request: web.Request) -> Grant:
        """Return the claims of the request's bearer token."""
        grant = self._tokens.read(self.bearer(request), self._wall())
        request[GRANT] = grant
        return grant

    def access(self, request: web.Request) -> AccessClaims:
        """Return the claims of an access token; a resume token is refused."""
        grant = self.grant(request)
        if not isinstance(grant, AccessClaims):
            raise Refusal(Code.UNAUTHORIZED, "this needs an access token")
        return grant

    def user(self, request: web.Request) -> AccessClaims:
        """Return the claims of a person with an account; a guest is refused."""
        access = self.access(request)
        if access.kind != USER:
            raise Refusal(Code.FORBIDDEN, "this needs an account; guests have none")
        return access

    def address(self, request: web.Request) -> str:
        """Return the client's address; of IPv6 the /64, which one subscriber has at least."""
        forwarded_from = self.forwarded_from(request)
        if forwarded_from:
            return forwarded_from
        address = parsed(request.remote)
        if address is None:
            return request.remote or "local"
        if self._trusted(address):
            # The nearest hop that is not one of our proxies; anyone could have written the hops before it.
            for hop in reversed(",".join(request.headers.getall("X-Forwarded-For", [])).split(",")):
                forwarded = parsed(hop.strip())
                if forwarded is None:
                    break
                address = forwarded
                if not self._trusted(address):
                    break
        return counted_as(address)

    def check_origin(self, request: web.Request) -> None:
        """Refuse a foreign page. Browsers name the page that opens a socket; other clients need not."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or origin in self._options.allowed_origins:
            return
        # The scheme is left out: behind a proxy that ends TLS, only the browser knows it.
        host = urlsplit(origin).netloc.lower()
        own = {request.host.lower(), urlsplit(self._own_url(request)).netloc.lower()}
        if not host or host not in own:
            raise Refusal(Code.FORBIDDEN, "that page may not connect here")

    def websocket_url(self, request: web.Request) -> str:
        """Return the absolute URL of the WebSocket, at the configured host, else at the request's."""
        return "ws" + self._own_url(request).removeprefix("http") + "/ws"

    def http_url(self, request: web.Request, path: str) -> str:
        """Return the absolute URL of a path of ours, at the configured host, else at the request's."""
        return self._own_url(request) + path

    def scheme(self, request: web.Request) -> str:
        """Return the scheme by which the client came: the connection's, or what a trusted proxy says."""
        if self._from_proxy(request):
            return request.headers.get("X-Forwarded-Proto", request.scheme)
        return request.scheme

    def forwarded_from(self, request: web.Request) -> str:
        """Return the client's address that another node tells with a request; empty for one that no node hands on."""
        return self._introduction(request).address

    def came(self, request: web.Request) -> float:
        """Return the time of the steady clock at which the client came, to another node of this machine maybe."""
        now, came = self._steady(), self._introduction(request).came
        return now if came is None else min(came, now)

    def _introduction(self, request: web.Request) -> Introduction:
        if FORWARDED not in request.headers:
            return Introduction("")
        if _INTRODUCTION not in request:
            asked = f"{request.method} {request.rel_url}"
            found = self._tokens.read_forwarded(request.headers[FORWARDED], asked, self._wall())
            request[_INTRODUCTION] = found or Introduction("")
        return request[_INTRODUCTION]

    def _own_url(self, request: web.Request) -> str:
        if self._options.public_url is not None:
            return self._options.public_url.rstrip("/")
        scheme, host = self.scheme(request), self.host(request)
        if scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise Refusal(Code.BAD_REQUEST, "the Host header is not a host")
        return f"{scheme}://{host}"

    def host(self, request: web.Request) -> str:
        """Return the host by which the client came: that of the request, or what a trusted proxy says."""
        return request.headers.get("X-Forwarded-Host", request.host) if self._from_proxy(request) else request.host

    def _from_proxy(self, request: web.Request) -> bool:
        if self.forwarded_from(request):
            return True  # another node, which says by what its client came
        remote = parsed(request.remote)
        return remote is not None and self._trusted(remote)

    def _trusted(self, address: Address) -> bool:
        return any(address in network for network in self._options.trusted_proxies)

    def _require(self, wait: float, what: str) -> None:
        """Raise Refusal `rate_limited` where `wait` seconds are left."""
        if wait > 0:
            raise Refusal(Code.RATE_LIMITED, f"too many {what}", retry_after=retry_after(wait))
