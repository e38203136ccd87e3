"""Who knocks: the address behind a request, its origin, its token, and how often it has been here."""

from __future__ import annotations

import re
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from signaling.config import SignalingOptions
from signaling.ports import Dependencies
from signaling.rate_limits import Limit, retry_after
from signaling.refusal import Code, Refusal
from signaling.tokens import AccessClaims, Grant, Tokens

Address = IPv4Address | IPv6Address

# RFC 3986, 3.2.2: a name or an address, and a port.
_HOST = re.compile(r"[A-Za-z0-9._~\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class AccessControl:
    """Every check raises Refusal: `rate_limited`, `unauthorized`, `forbidden` or `bad_request`."""

    def __init__(self, config: SignalingOptions, ports: Dependencies, tokens: Tokens) -> None:
        self._config = config
        self._ports = ports
        self._tokens = tokens
        limits = config.limits
        self._requests_of_user = Limit(limits.requests_of_user)
        self._requests_of_address = Limit(limits.requests_of_address)
        self._guests = Limit(limits.guests_of_address)
        self._sessions = Limit(limits.sessions_of_user)
        self._wrong_codes = Limit(limits.wrong_codes_of_address)
        self._wrong_codes_of_site = Limit(limits.wrong_codes_of_site)

    def count_request(self, request: web.Request) -> None:
        """For its address, and for whoever's token it carries, whether the call needs one or not."""
        now = self._ports.steady()
        self._pass(self._requests_of_address.take(self.address(request), now), "requests from one address")
        try:
            grant = self.grant(request)
        except Refusal:
            return
        user = grant.user if isinstance(grant, AccessClaims) else grant.participant
        self._pass(self._requests_of_user.take(user, now), "requests")

    def count_guest(self, request: web.Request) -> None:
        self._pass(self._guests.take(self.address(request), self._ports.steady()), "guests from one address")

    def check_sessions(self, access: AccessClaims) -> None:
        self._pass(self._sessions.wait(access.user, self._ports.steady()), "new sessions")

    def check_share(self, request: web.Request, made: Collection[str]) -> None:
        """`made`: the addresses from which the live sessions were made. A full server refuses all alike."""
        limits = self._config.limits
        most = max(1, int(limits.sessions * limits.address_share))
        if len(made) < limits.sessions and sum(one == self.address(request) for one in made) >= most:
            raise Refusal(Code.RATE_LIMITED, "too many sessions from one address at a time", retry_after=60)

    def count_session(self, access: AccessClaims) -> None:
        self._sessions.count(access.user, self._ports.steady())

    def check_wrong_codes(self, request: web.Request) -> None:
        address, now = self.address(request), self._ports.steady()
        self._pass(self._wrong_codes.wait(address, now), "wrong codes")
        self._pass(self._wrong_codes_of_site.wait(_site(address), now), "wrong codes")

    def count_wrong_code(self, request: web.Request) -> None:
        address, now = self.address(request), self._ports.steady()
        self._wrong_codes.count(address, now)
        self._wrong_codes_of_site.count(_site(address), now)

    def grant(self, request: web.Request) -> Grant:
        """What the bearer token (RFC 6750, 2.1) of a request grants."""
        scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
        if scheme.lower() != "bearer" or not token.strip():
            raise Refusal(Code.UNAUTHORIZED, "this needs a token: Authorization: Bearer …")
        return self._tokens.read(token.strip(), self._ports.wall())

    def access(self, request: web.Request) -> AccessClaims:
        """Somebody, not just a participant of one session."""
        grant = self.grant(request)
        if not isinstance(grant, AccessClaims):
            raise Refusal(Code.UNAUTHORIZED, "this needs an access token")
        return grant

    def address(self, request: web.Request) -> str:
        """The client's address; of IPv6 the /64, which is what one subscriber has."""
        address = _parse(request.remote)
        if address is None:
            return request.remote or "local"
        if self._trusted(address):
            # The nearest hop that is not one of ours; what stands before it anyone could have written.
            for hop in reversed(",".join(request.headers.getall("X-Forwarded-For", [])).split(",")):
                forwarded = _parse(hop.strip())
                if forwarded is None:
                    break
                address = forwarded
                if not self._trusted(address):
                    break
        if isinstance(address, IPv6Address):
            return str(ip_network((address, 64), strict=False))
        return str(address)

    def check_origin(self, request: web.Request) -> None:
        """A browser says which page opens the socket; other clients need not."""
        origin = request.headers.get(hdrs.ORIGIN)
        if origin is None or origin in self._config.allowed_origins:
            return
        # The scheme is left out: behind a proxy that ends TLS, only the browser knows it.
        host = urlsplit(origin).netloc.lower()
        own = {request.host.lower(), urlsplit(self._own_url(request)).netloc.lower()}
        if not host or host not in own:
            raise Refusal(Code.FORBIDDEN, "that page may not connect here")

    def websocket_url(self, request: web.Request) -> str:
        """Absolute, without a query; its host is the configured one, else the request's."""
        return "ws" + self._own_url(request).removeprefix("http") + "/ws"

    def _own_url(self, request: web.Request) -> str:
        if self._config.public_url is not None:
            return self._config.public_url.rstrip("/")
        scheme, host = request.scheme, request.host
        remote = _parse(request.remote)
        if remote is not None and self._trusted(remote):
            scheme = request.headers.get("X-Forwarded-Proto", scheme)
            host = request.headers.get("X-Forwarded-Host", host)
        if scheme not in ("http", "https") or not _HOST.fullmatch(host):
            raise Refusal(Code.BAD_REQUEST, "the Host header is not a host")
        return f"{scheme}://{host}"

    def _trusted(self, address: Address) -> bool:
        return any(address in network for network in self._config.trusted_proxies)

    def _pass(self, wait: float, what: str) -> None:
        if wait > 0:
            raise Refusal(Code.RATE_LIMITED, f"too many {what}", retry_after=retry_after(wait))


def _site(address: str) -> str:
    """The /48 of an IPv6 /64: one customer may have all of its 65536 networks, and guess from each of them."""
    if not address.endswith("/64"):
        return address
    return str(ip_network(address).supernet(new_prefix=48))


def _parse(text: str | None) -> Address | None:
    try:
        address = ip_address((text or "").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
