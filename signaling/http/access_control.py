"""Access control of requests: whose token it is, and rate limits of users, addresses and sites."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import AsyncExitStack, asynccontextmanager

from aiohttp import hdrs, web

from accounts.keyed_locks import KeyedLocks
from signaling.config import SignalingOptions
from signaling.http.address_limits import AddressLimit, site_of
from signaling.http.client_arrival import ClientArrival
from signaling.ports import Dependencies
from signaling.rate_limits import retry_after
from signaling.refusal import Code, Refusal
from signaling.tokens import USER, AccessClaims, Grant, Tokens

GRANT: web.RequestKey[Grant] = web.RequestKey("grant", object)  # type: ignore[arg-type]
"""Claims of the request's token, once they were read."""

TURN_S = 2.0
"""Time for which a code of a site waits while others of it are tried."""


class AccessControl:
    """Checks that raise Refusal: `rate_limited`, `unauthorized`, `forbidden`, `bad_request` or `at_capacity`."""

    def __init__(self, options: SignalingOptions, dependencies: Dependencies, tokens: Tokens) -> None:
        self._options = options
        self._wall = dependencies.wall
        self._steady = dependencies.steady
        self._tokens = tokens
        self.arrival = ClientArrival(options, dependencies, tokens)
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
        self._require(
            self._requests_of_address.consume(self.arrival.address(request), now), "requests from one address"
        )
        try:
            grant = self.grant(request)
        except Refusal:
            return
        user = grant.user if isinstance(grant, AccessClaims) else grant.participant
        self._require(self._requests_of_user.consume(user, now), "requests")

    def check_requests(self, request: web.Request) -> None:
        """Refuse an address that has sent too many requests lately. This one does not count."""
        wait = self._requests_of_address.wait(self.arrival.address(request), self._steady())
        self._require(wait, "requests from one address")

    def count_guest(self, request: web.Request) -> None:
        """Count a new guest for the address of the request."""
        self._require(self._guests.consume(self.arrival.address(request), self._steady()), "guests from one address")

    def count_login(self, request: web.Request) -> None:
        """Count an attempt to sign in for the address and the site of the request."""
        address, now = self.arrival.address(request), self._steady()
        self._require(self._logins.consume(address, now), "attempts to sign in")
        self._require(self._logins_of_site.consume(site_of(address), now), "attempts to sign in")

    def count_account(self, request: web.Request) -> None:
        """Count a new account, or an attempt to make one, for the address of the request."""
        self._require(
            self._accounts.consume(self.arrival.address(request), self._steady()), "new accounts from one address"
        )

    def count_refresh(self, request: web.Request) -> None:
        """Count a refresh token that is exchanged, or tried, for the address of the request."""
        self._require(
            self._refreshes.consume(self.arrival.address(request), self._steady()), "refreshes from one address"
        )

    def check_sessions(self, access: AccessClaims) -> None:
        """Refuse a user who has made too many sessions lately."""
        self._require(self._sessions.wait(access.user, self._steady()), "new sessions")

    def check_share(self, request: web.Request, made: Collection[str]) -> None:
        """Refuse a site that has made its share of the live sessions: an IPv4 address, or an IPv6 /48.

        `made`: the address of each live session's creator. A full server refuses every address alike, elsewhere.
        """
        limits = self._options.limits
        most = max(1, int(limits.sessions * limits.address_share))
        site = site_of(self.arrival.address(request))
        if len(made) < limits.sessions and sum(site_of(one) == site for one in made) >= most:
            raise Refusal(Code.RATE_LIMITED, "too many sessions from one address at a time", retry_after=60)

    def count_session(self, access: AccessClaims) -> None:
        """Count a session that the user has made."""
        self._sessions.count(access.user, self._steady())

    @asynccontextmanager
    async def trying_code(self, request: web.Request) -> AsyncIterator[None]:
        """Find a session by its code inside, and count a wrong one: no other code of the site is tried meanwhile.

        Refuses an address, or a site, that has guessed too many codes lately, and by `at_capacity` a code whose turn
        does not come within `TURN_S`: the place where nodes meet hardly answers then.
        """
        address = self.arrival.address(request)
        async with AsyncExitStack() as turn:
            try:
                async with asyncio.timeout(TURN_S):
                    await turn.enter_async_context(self._guesses.hold(site_of(address)))
            except TimeoutError:
                raise Refusal(Code.AT_CAPACITY, "session codes can't be found just now", retry_after=2) from None
            now = self._steady()
            self._require(self._wrong_codes.wait(address, now), "wrong codes")
            self._require(self._wrong_codes_of_site.wait(site_of(address), now), "wrong codes")
            yield

    def count_wrong_code(self, request: web.Request) -> None:
        """Count a wrong code for the address and the site of the request."""
        address, now = self.arrival.address(request), self._steady()
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

    def _require(self, wait: float, what: str) -> None:
        """Raise Refusal `rate_limited` where `wait` seconds are left."""
        if wait > 0:
            raise Refusal(Code.RATE_LIMITED, f"too many {what}", retry_after=retry_after(wait))
