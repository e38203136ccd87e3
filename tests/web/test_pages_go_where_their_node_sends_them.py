"""Pages of today, and of before `moved`, in a call whose node stops and is there again: all of them go on elsewhere."""

import asyncio
import mimetypes
import re
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Route

import web
from tests.kit.chromium import Browsers, Tab, speech_file
from tests.kit.clients_before_moved import clients_before_moved
from tests.kit.extent import LONG
from tests.kit.page_meeting import IN_CALL, make_call
from tests.kit.page_over_tls import POLITE, is_understood
from tests.kit.redis_server import running_redis
from tests.kit.reverse_proxies import replaced
from tests.kit.served_nodes import connected, reading, two_served

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


async def answer_from(folder: Path, route: Route) -> None:
    """Answer a request for a file of the page with that of an older one."""
    path = folder / (urlsplit(route.request.url).path.lstrip("/") or "index.html")
    if await asyncio.to_thread(path.is_file):
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        await route.fulfill(body=await asyncio.to_thread(path.read_bytes), content_type=kind)
    else:
        await route.fulfill(status=404)


async def test_old_pages_go_on_and_are_handed_on_when_their_node_is_back(browsers: Browsers, tmp_path: Path) -> None:
    old = clients_before_moved(tmp_path) / "web"
    with running_redis(tmp_path) as redis, two_served(redis, tmp_path / "nodes", **POLITE) as served:
        silence = speech_file(tmp_path / "silence.wav", "en-us", 300.0)
        # A page that comes by `answer_from` has no address, and Chromium lets such a page open no socket here.
        feature = "--disable-features=LocalNetworkAccessChecks"
        tabs = anna, luis = [await browsers.tab(feature, microphone=silence) for _ in range(2)]
        for tab in tabs:
            await tab.page.route(re.compile(rf"^{re.escape(served.url)}/(?!api/|ws)"), partial(answer_from, old))
        opened = [sockets(tab) for tab in tabs]
        await make_call(anna, luis, served.url)
        await is_understood(anna, "Good morning.", luis, "Buenos días.")
        home = opened[0][0][-1]
        other = "b" if home == "a" else "a"
        assert await asyncio.to_thread(served.nodes[home].stop) == 0
        async with asyncio.timeout(60):
            while await asyncio.to_thread(connected, served.nodes[other]) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        for tab in tabs:
            await tab.until(IN_CALL)
        await is_understood(anna, "Good night.", luis, "Buenas noches.")

        await asyncio.to_thread(served.nodes[home].start)
        before = [len(one) for one in opened]
        served.drop_connections()
        async with asyncio.timeout(60):
            while not all(len(one) >= many + 2 for one, many in zip(opened, before, strict=True)):  # noqa: ASYNC110
                await asyncio.sleep(0.1)  # sent away by `moved`, and there again
        for tab in tabs:
            await tab.until(f"dragoman.call.state.socket === 'joined' && {IN_CALL}")
        await is_understood(anna, "Good morning.", luis, "Buenos días.")
        assert {url for one in opened for url in one} == {served.websocket_of(home)}
        assert await asyncio.to_thread(reading, served.nodes[other], "dragoman_websockets") == 2
        assert await asyncio.to_thread(reading, served.nodes[home], "dragoman_websockets") == 0
        print(f"sockets that each page opened: {[len(one) for one in opened]}")
