"""Clients who send a request a byte at a time hold a connection for seconds, and nobody else waits for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from server.serve import IDLE_SECONDS
from tests.kit.moved_clock import MovedClock, until
from tests.kit.signaling_server import Front, open_front

SLOW = 40
IDLE_S = 600.0
HEAD = b"GET /api/v1/languages HTTP/1.1\r\nHost: call.example\r\nX-Slow: "


class Trickle:
    """Begins a request, and goes on with a byte of its head now and then. `sent` counts these bytes."""

    def __init__(self) -> None:
        self.sent = 0

    async def until_cut_off(self, front: Front) -> None:
        reader, writer = await asyncio.open_connection(*urlsplit(front.url).netloc.split(":"))
        writer.write(HEAD)
        try:
            while not reader.at_eof():
                writer.write(b"x")
                self.sent += 1
                with suppress(TimeoutError):
                    async with asyncio.timeout(0.05):
                        await reader.read(1)
        except ConnectionError:
            pass  # cut off while we wrote
        finally:
            writer.close()


async def test_a_head_that_never_ends_is_cut_off_and_others_are_answered_meanwhile() -> None:
    clock, slow = MovedClock(), [Trickle() for _ in range(SLOW)]
    async with open_front(idle_s=IDLE_S) as front, asyncio.timeout(IDLE_S + 60), asyncio.TaskGroup() as group:
        cut = [group.create_task(one.until_cut_off(front)) for one in slow]
        for more in (2, 4):  # a byte is no whole request, and gives no more time
            await until(lambda: all(one.sent >= more for one in slow))  # noqa: B023 - awaited here
            assert not any(one.done() for one in cut)
            assert (await front.call("GET", "/languages"))[0] == 200
            clock.pass_time(IDLE_S / 2)


def test_the_server_waits_for_a_request_no_longer_than_documented() -> None:
    assert IDLE_SECONDS == 15
