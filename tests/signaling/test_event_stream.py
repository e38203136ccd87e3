"""One event stream: what is written of an event, pings, a reader that goes, and one that reads nothing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from signaling.http.event_stream import LOOK_EVERY_S, PING_EVERY_S, STALLED_S, EventStream
from tests.kit.moved_clock import MovedClock, until

Tell = Callable[[EventStream], Awaitable[None]]


@asynccontextmanager
async def served(tell: Tell) -> AsyncIterator[tuple[str, list[EventStream]]]:
    """Yield the address of a server, and its streams; each does what `tell` says."""
    streams: list[EventStream] = []

    async def serve(request: web.Request) -> web.StreamResponse:
        stream = EventStream(request)
        streams.append(stream)
        await stream.open()
        await tell(stream)
        await stream.end()
        return stream.response

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/", streams
    finally:
        await runner.cleanup()


async def test_events_are_written_whole_and_in_order() -> None:
    async def tell(stream: EventStream) -> None:
        await stream.send('{"type": "a"}')
        await stream.send("one\r\ntwo\rthree\nfour\u2028five", id="7", event="caption")
        await stream.send("")

    async with served(tell) as (url, _), aiohttp.ClientSession() as http, http.get(url) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert answer.headers["X-Accel-Buffering"] == "no"
        assert answer.headers["Cache-Control"] == "no-store, no-transform"
        events = (await answer.read()).decode().split("\n\n")
        assert events == [
            ": open",
            'data: {"type": "a"}',
            "event: caption\nid: 7\ndata: one\ndata: two\ndata: three\ndata: four\u2028five",
            "data: ",
            "",
        ]


@pytest.mark.parametrize("unfit", ["a\nb", "a\rb", "a\0b"])
async def test_no_name_breaks_out_of_its_line(unfit: str) -> None:
    refused: list[str] = []

    async def tell(stream: EventStream) -> None:
        for names in ({"id": unfit}, {"event": unfit}):
            with pytest.raises(ValueError, match="line ends"):
                await stream.send("data", **names)
            refused.extend(names)

    async with served(tell) as (url, _), aiohttp.ClientSession() as http, http.get(url) as answer:
        assert await answer.text() == ": open\n\n"
    assert refused == ["id", "event"]


async def test_a_quiet_stream_is_pinged_until_its_reader_goes() -> None:
    clock = MovedClock()
    ended = asyncio.Event()

    async def tell(stream: EventStream) -> None:
        await stream.keep_alive()
        ended.set()

    async with served(tell) as (url, streams), aiohttp.ClientSession() as http:
        answer = await http.get(url)
        assert await answer.content.readuntil(b"\n\n") == b": open\n\n"
        for _ in range(3):
            clock.pass_time(PING_EVERY_S)
            async with asyncio.timeout(60):
                assert await answer.content.readuntil(b"\n\n") == b": ping\n\n"
        assert not ended.is_set()
        answer.close()
        await until(lambda: streams[0].gone)
        clock.pass_time(LOOK_EVERY_S)
        async with asyncio.timeout(60):
            await ended.wait()
        assert repr(streams[0]) == "<EventStream gone>"


async def test_a_reader_that_has_gone_is_an_error_to_the_writer() -> None:
    go_on, ended = asyncio.Event(), asyncio.Event()

    async def tell(stream: EventStream) -> None:
        await go_on.wait()
        for write in (stream.ping(), stream.send("late")):
            with pytest.raises(ConnectionError):
                await write
        ended.set()

    async with served(tell) as (url, streams), aiohttp.ClientSession() as http:
        answer = await http.get(url)
        answer.close()
        await until(lambda: streams and streams[0].gone)
        go_on.set()
        async with asyncio.timeout(60):
            await ended.wait()


async def test_a_reader_that_takes_nothing_holds_up_the_writer_for_a_while_and_is_dropped() -> None:
    clock = MovedClock()
    written = 0
    dropped = asyncio.Event()

    async def tell(stream: EventStream) -> None:
        nonlocal written
        with pytest.raises(ConnectionError):  # noqa: PT012 - which of them raises is up to the buffers
            while written < 10_000:
                await stream.send("x" * 10_000)
                written += 1
        dropped.set()

    async with served(tell) as (url, streams):
        host, port = url.removeprefix("http://").rstrip("/").split(":")
        _, writer = await asyncio.open_connection(host, int(port), limit=1024)  # reads as much, and no more
        writer.write(b"GET / HTTP/1.1\r\nHost: test\r\n\r\n")
        before = -1
        while written == 0 or written != before:  # until no more goes into the buffers of both ends
            before = written
            await asyncio.sleep(0.1)
        assert not dropped.is_set()
        for _ in range(1200):
            if dropped.is_set():
                break
            clock.pass_time(STALLED_S)
            await asyncio.sleep(0.05)
        assert dropped.is_set()
        assert streams[0].gone
        assert written < 10_000, "nothing held the writer up"
        writer.transport.abort()
