"""Reads the body of a request, within its time."""

from __future__ import annotations

import asyncio

from aiohttp import web

from signaling.refusal import Code, Refusal

BODY_TIMEOUT_S = 10.0
"""Time for a client to send its body of at most 64 KiB."""


async def body_of(request: web.Request) -> bytes:
    """Return the body. Raises Refusal `bad_request` if it comes late; aiohttp refuses one that is too large."""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_S):
            return await request.read()
    except TimeoutError:
        raise Refusal(Code.BAD_REQUEST, "the body did not come in time") from None
