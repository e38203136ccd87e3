"""A web application in a thread of its own, on a free port of loopback: for what is tested without a loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue

from aiohttp import web


@contextmanager
def serving(app: web.Application) -> Iterator[str]:
    """Its URL. At the end, requests that still wait for an answer are cancelled: none may outlive its loop."""
    begun: SimpleQueue[str | Exception] = SimpleQueue()
    stop = asyncio.Event()
    life = asyncio.Runner(loop_factory=asyncio.new_event_loop)
    loop = life.get_loop()

    async def serve() -> None:
        runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        begun.put(f"http://127.0.0.1:{runner.addresses[0][1]}")
        await stop.wait()
        await runner.cleanup()

    def work() -> None:
        with life:  # cancels what still answers
            try:
                life.run(serve())
            except Exception as problem:  # noqa: BLE001 - whoever waits for the URL raises it
                begun.put(problem)

    thread = threading.Thread(target=work)
    thread.start()
    url = begun.get()
    if isinstance(url, Exception):
        thread.join()
        raise url
    try:
        yield url
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
