"""Requests to identity providers by aiohttp: bounded in time and size, without redirects and cookies."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp

from accounts.oidc.asking import Answer, Ask
from accounts.oidc.refusals import failed

REQUEST_S = 5.0
"""Time for one request, from the name's look-up to the last byte."""
LONGEST_BODY = 512 * 1024
"""Bytes of an answer that are read."""


@asynccontextmanager
async def provider_requests(request_s: float = REQUEST_S) -> AsyncIterator[Ask]:
    """Open a client for requests to identity providers."""
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=request_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"Accept-Encoding": "identity", "User-Agent": "dragoman"},
        raise_for_status=False,
    ) as http:

        async def ask(method: str, url: str, headers: Mapping[str, str], form: str = "") -> Answer:
            try:
                async with http.request(
                    method, url, headers=headers, data=form.encode() if form else None, allow_redirects=False
                ) as reply:
                    body = bytearray()
                    async for part in reply.content.iter_chunked(65536):
                        body += part
                        if len(body) > LONGEST_BODY:
                            raise failed("the provider's answer is too long")
                    return Answer(reply.status, _json(bytes(body)))
            except TimeoutError:
                raise failed("the provider is too slow") from None
            # The library's messages may hold addresses with codes.
            except (aiohttp.ClientError, OSError, ValueError) as error:
                raise failed(f"the provider can't be reached ({type(error).__name__})") from None

        yield ask


def _json(body: bytes) -> object:
    try:
        found: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found
