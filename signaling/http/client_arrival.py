"""Decides by which address, scheme and host a client came, through trusted proxies and other nodes."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from aiohttp import hdrs, web

from signaling.config import SignalingOptions
from signaling.http.address_limits import Address, counted_as, parsed
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from signaling.tokens import Introduction, Tokens

FORWARDED = "Dragoman-Forwarded"
"""Header of a request that another node hands on: a token with the client's address."""
_INTRODUCTION: web.RequestKey[Introduction] = web.RequestKey("introduction", Introduction)
"""Claims of that token, once it was read; the address is empty where it is not ours."""

# RFC 3986, 3.2.2: a name or an address, and a port.
_HOST = re.compile(r"[A-Za-z0-9._~\-]+(:\d{1,5})?|\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


class ClientArrival:
    """Ways of requests to this server, and the URLs by which their clients reach it."""

    def __init__(self, options: SignalingOptions, dependencies: Dependencies, tokens: Tokens) -> None:
        self._options = options
        self._wall = dependencies.wall
        self._steady = dependencies.steady
        self._tokens = tokens

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
        if self.from_proxy(request):
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
        return request.headers.get("X-Forwarded-Host", request.host) if self.from_proxy(request) else request.host

    def from_proxy(self, request: web.Request) -> bool:
        """Return True for a request that a trusted proxy or another node brings."""
        if self.forwarded_from(request):
            return True  # another node, which says by what its client came
        remote = parsed(request.remote)
        return remote is not None and self._trusted(remote)

    def _trusted(self, address: Address) -> bool:
        return any(address in network for network in self._options.trusted_proxies)
