"""Clients who send a request a byte at a time hold a connection for seconds, and nobody else waits for them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

from server.serve import IDLE_SECONDS
from tests.kit.signaling_server import Front, open_front

SLOW = 40
IDLE_S = 0.5
HEAD = b"GET /api/v1/languages HTTP/1.1\r\nHost: call.example\r\nX-Slow: "


async def trickle(front: Front) -> int:
    """Begin a request, and go on with a byte of its head now and then. Return the bytes once we are cut off."""
    reader, writer = await asyncio.open_connection(*urlsplit(front.url).netloc.split(":"))
    sent = 0
    writer.write(HEAD)
    try:
        while not reader.at_eof():
            writer.write(b"x")
            sent += 1
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_S / 10):
                    await reader.read(1)
    except ConnectionError:
        pass  # cut off while we wrote
    finally:
        writer.close()
    return sent


async def test_a_head_that_never_ends_is_cut_off_and_others_are_answered_meanwhile() -> None:
    async with open_front(idle_s=IDLE_S) as front, asyncio.timeout(60), asyncio.TaskGroup() as group:
        slow = [group.create_task(trickle(front)) for _ in range(SLOW)]
        await asyncio.sleep(IDLE_S / 5)
        assert not any(one.done() for one in slow)
        assert (await front.call("GET", "/languages"))[0] == 200
        assert all([await one > 1 for one in slow])


def test_the_server_waits_for_a_request_no_longer_than_documented() -> None:
    assert IDLE_SECONDS == 15
