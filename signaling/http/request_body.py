"""Reads the body of a request, within its time."""

from __future__ import annotations

import asyncio

from aiohttp import web

from signaling.refusal import Code, Refusal

BODY_TIMEOUT_S = 10.0
"""Time for a client to send its body of at most 64 KiB."""


async def body_of(request: web.Request, within_s: float = BODY_TIMEOUT_S) -> bytes:
    """Return the body. Raises Refusal `bad_request` for one that comes late, or that can't be read to its end.

    aiohttp refuses one that is too large.
    """
    try:
        async with asyncio.timeout(within_s):
            return await request.read()
    except TimeoutError:
        raise Refusal(Code.BAD_REQUEST, "the body did not come in time") from None
    # It is not encoded as its header says, or the client has hung up.
    except (web.RequestPayloadError, OSError):
        # Behind the answer aiohttp would try to read the rest, and log that as a defect of the server.
        request.content.feed_eof()
        request.protocol.close()
        raise Refusal(Code.BAD_REQUEST, "the body can't be read") from None
