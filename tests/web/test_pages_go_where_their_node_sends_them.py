"""Two pages in a call whose node stops: one knows `moved`, the other one is of before it. Both go on elsewhere."""

import asyncio
from pathlib import Path

import pytest

import web
from tests.kit.chromium import Browsers, Tab, speech_file
from tests.kit.extent import LONG
from tests.kit.page_meeting import IN_CALL, make_call
from tests.kit.page_over_tls import POLITE, is_understood
from tests.kit.redis_server import running_redis
from tests.kit.reverse_proxies import replaced
from tests.kit.served_nodes import connected, two_served

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(not LONG, reason="two servers, nginx, Redis and two browsers; the short form has their parts"),
]
SIGNALING = "protocol/signaling.js"
KNOWS_MOVED = '    if (message.type === "moved") this.wsUrl = message.wsUrl; // of the node that has the session now\n'


def sockets(tab: Tab) -> list[str]:
    """Return the list to which the address of each WebSocket goes that the page opens."""
    opened: list[str] = []
    tab.page.on("websocket", lambda socket: opened.append(socket.url))
    return opened


async def test_both_pages_go_on(browsers: Browsers, tmp_path: Path) -> None:
    before_moved = replaced((Path(web.__file__).parent / SIGNALING).read_text("utf-8"), (KNOWS_MOVED, ""))
    with running_redis(tmp_path) as redis, two_served(redis, tmp_path / "nodes", **POLITE) as served:
        silence = speech_file(tmp_path / "silence.wav", "en-us", 300.0)
        anna = await browsers.tab(microphone=silence)
        luis = await browsers.tab(microphone=silence)
        await luis.page.route(
            f"**/{SIGNALING}", lambda route: route.fulfill(body=before_moved, content_type="text/javascript")
        )
        hers, his = sockets(anna), sockets(luis)
        await make_call(anna, luis, served.url)
        await is_understood(anna, "Good morning.", luis, "Buenos días.")
        home = hers[0][-1]
        other = "b" if home == "a" else "a"
        assert {*hers, *his} == {served.websocket_of(home)}
        assert await asyncio.to_thread(served.nodes[home].stop) == 0
        async with asyncio.timeout(60):
            while await asyncio.to_thread(connected, served.nodes[other]) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        for tab in (anna, luis):
            await tab.until(IN_CALL)
        await is_understood(anna, "Good night.", luis, "Buenas noches.")
        assert set(hers[1:]) == {served.websocket_of(other)}
        assert set(his[1:]) == {served.websocket_of(home)}
