"""A call of two pages whose WebSockets the proxy in front breaks: each reads and hears the other all the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.certificates import Authority, Certificates, Key, new_key
from tests.kit.chromium import Recording, Running, Tab
from tests.kit.free_port import free_port
from tests.kit.page_meeting import IN_CALL, make_call
from tests.kit.page_over_tls import POLITE, is_understood, two_pages
from tests.kit.reverse_proxies import NAME, Site, running_proxy
from tests.kit.server_process import Server

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

STREAMED = re.compile(r"GET https://[^?]*/api/v1/sessions/s_[0-9a-f]{32}/messages$")
TO_BE_EXPECTED = re.compile(r"WebSocket|ERR_INTERNET_DISCONNECTED|status of (404|410)")
"""A heartbeat may meet a stream that has just ended."""
POSTED = re.compile(r"POST https://.*/messages\?stream=m_[0-9a-f]{32}$")


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Key]]:
    """Yield the address at which nginx shows a server, and the key of its certificate."""
    folder: Path = tmp_path_factory.mktemp("blocked")
    key, port = new_key(), free_port()
    certificates = Certificates.make(folder, NAME, authority=Authority(), key=key)
    settings = POLITE | {
        "DRAGOMAN_PUBLIC_URL": f"https://{NAME}:{port}",
        "DRAGOMAN_TRUSTED_PROXIES": "127.0.0.1",
    }
    with Server(folder / "server", **settings) as server:
        site = Site(folder / "nginx", port, free_port(), server.url.removeprefix("http://"), certificates)
        with running_proxy("nginx without upgrades", site):
            yield f"https://{NAME}:{port}", key


def watch(tab: Tab) -> tuple[list[str], list[str]]:
    """Return the sockets that a page tries, and the requests that it sends, as they come."""
    sockets: list[str] = []
    requests: list[str] = []
    tab.page.on("websocket", lambda socket: sockets.append(socket.url))
    tab.page.on("request", lambda request: requests.append(f"{request.method} {request.url}"))
    return sockets, requests


async def test_a_call_of_two_pages(running: Running, shown: tuple[str, Key]) -> None:
    url, key = shown
    async with two_pages(running, key, NAME) as tabs:
        anna, luis = tabs
        watched = [watch(tab) for tab in tabs]
        await make_call(anna, luis, url)
        for sockets, requests in watched:
            assert len(sockets) == 1, "it was tried once"
            assert len(list(filter(STREAMED.match, requests))) == 1
            assert len(list(filter(POSTED.match, requests))) >= 2, "join_session, an offer"

        ear = Recording(luis, "interpreter")
        await ear.start()
        await is_understood(anna, "Good morning.", luis, "Buenos días.")
        await luis.until("!dragoman.state.mixer.ducking")
        assert any(abs(piece).max() > 0.05 for piece in await ear.heard()), "the voice of the translation"
        await luis.page.select_option("#call-language", "en")
        await anna.until("dragoman.call.state.partner.language === 'en'")

        # a lost stream is followed by a WebSocket, and by a stream again
        await luis.page.context.set_offline(True)
        await luis.until("dragoman.call.state.socket === 'lost'")
        await luis.page.context.set_offline(False)
        await luis.until(f"dragoman.call.state.socket === 'joined' && {IN_CALL}")
        sockets, requests = watched[1]
        assert len(sockets) >= 2 and len(list(filter(STREAMED.match, requests))) >= 2

        await anna.page.click("#hang-up")
        for tab, reason in ((anna, "You left"), (luis, "The other person left")):
            await tab.page.wait_for_selector("#ended:visible")
            assert reason in await tab.page.inner_text("#ended-reason")
        complaints = [line for line in anna.complaints + luis.complaints if not TO_BE_EXPECTED.search(line)]
        assert not complaints
