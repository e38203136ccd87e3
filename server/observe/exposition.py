"""Answers `GET /metrics`: to everybody, or to who has the token, and never more than one reading a second."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable

from aiohttp import hdrs, web

from signaling.refusal import Code, Refusal

SCRAPE_SECONDS = 1.0
"""Shortest time between two readings: each reads every room, and where there is no token anyone may ask."""


class Exposition:
    """Answers of `GET /metrics`. `token`: the bearer token that it asks for; None lets everybody read."""

    def __init__(self, read: Callable[[], bytes], token: str | None) -> None:
        self._read = read
        self._token = None if token is None else _digest(token)
        self._written, self._read_at = b"", -SCRAPE_SECONDS

    async def page(self, request: web.Request) -> web.Response:
        """Return the exposition. Raises Refusal `unauthorized`."""
        if self._token is not None:
            scheme, _, token = request.headers.get(hdrs.AUTHORIZATION, "").partition(" ")
            # Digests have one length: the time of the comparison says nothing of the token's.
            if scheme.lower() != "bearer" or not hmac.compare_digest(_digest(token.strip()), self._token):
                raise Refusal(Code.UNAUTHORIZED, "figures need the token: Authorization: Bearer …")
        if time.monotonic() - self._read_at >= SCRAPE_SECONDS:
            self._written, self._read_at = self._read(), time.monotonic()
        return web.Response(body=self._written, headers={hdrs.CONTENT_TYPE: "text/plain; version=0.0.4"})


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest()
