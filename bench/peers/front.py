"""The HTTP front of a measured server: offers in, answers out, on a free port. Runs in every environment."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Answer = Callable[[dict[str, Any]], Awaitable[str]]
"""Takes the posted JSON (`sdp`, `type`, `call`), returns the answer's SDP."""


async def front(answer: Answer) -> None:
    """Serve until standard input ends."""

    async def offer(request: web.Request) -> web.Response:
        return web.json_response({"type": "answer", "sdp": await answer(await request.json())})

    app = web.Application()
    app.add_routes([web.post("/offer", offer)])
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        print("ready", runner.addresses[0][1], flush=True)
        reader = asyncio.StreamReader()
        loop = asyncio.get_running_loop()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        await reader.read()
    finally:
        await runner.cleanup()
