"""Nothing is made on the server before the page can show a call, and what is not used is given back."""

import asyncio
import time

import pytest

from tests.kit.browser_faults import script
from tests.kit.chromium import Browsers, Tab
from tests.kit.page_with_fake_server import CREATED, JOINED, enter, meet, set_stage

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

# Parts of the screen without which it cannot be; each is taken out before the page looks for it.
PARTS = ["subtitles", "waterfall", "mute", "hang-up", "balance", "knock", "panel", "link", "sound", "notice"]


def asked(tab: Tab) -> list[str]:
    """Return the page's requests that make or end a session, as they come."""
    found: list[str] = []
    tab.page.on("request", lambda one: "/sessions/" in one.url and found.append(f"{one.method} {one.url[-8:]}"))
    return found


async def came(requests: list[str], *expected: str) -> None:
    """Wait until these requests have come, in this order, and no other; AssertionError after 2 s."""
    give_up = time.monotonic() + 2
    while requests != list(expected):
        assert time.monotonic() < give_up, requests
        await asyncio.sleep(0.05)


async def problem(tab: Tab) -> str:
    await tab.until("!document.getElementById('start-problem').hidden")
    return await tab.page.inner_text("#start-problem")


@pytest.mark.parametrize("part", PARTS)
async def test_a_screen_that_cannot_be_asks_the_server_for_nothing(
    browsers: Browsers, site_url: str, part: str
) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    await set_stage(tab, site_url)
    await tab.page.evaluate("id => document.getElementById(id).remove()", part)
    for _ in range(2):
        await tab.page.click("#create-button")
        assert "Something went wrong" in await problem(tab)
        await tab.until("!document.getElementById('create-button').disabled")
    assert requests == []
    assert await tab.page.is_visible("#start")


REFUSING_SOCKET = """
    const Socket = WebSocket;
    put(window, "WebSocket", class extends Socket {
        constructor(url) { if (!globalThis.allowed) refuse("SecurityError"); super(url); }
    });
"""


@pytest.mark.parametrize(("code", "made"), [(None, "POST s/create"), ("427193", "POST ons/join")])
async def test_a_call_without_a_socket_is_given_back_and_the_next_one_works(
    browsers: Browsers, site_url: str, code: str | None, made: str
) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    await set_stage(tab, site_url, fault=script(REFUSING_SOCKET))
    if code is not None:
        await tab.page.fill("#code", code)
    await tab.page.click("#join-button" if code else "#create-button")
    assert "forbids the connection" in await problem(tab)
    assert await tab.page.is_visible("#start")
    await tab.until("!document.getElementById('create-button').disabled")
    await came(requests, made, "DELETE ssions/s")
    assert await tab.page.evaluate("sessionStorage.getItem('dragoman.call')") is None
    await tab.page.evaluate("globalThis.allowed = true")
    await enter(tab, code=code)
    await meet(tab)
    await came(requests, made, "DELETE ssions/s", made)


EMPTIED = """
    globalThis.emptied = 0;
    const look = () => { if (!document.getElementById("elapsed").textContent) globalThis.emptied += 1; };
    new MutationObserver(look).observe(document.getElementById("elapsed"), { childList: true });
"""


async def test_a_return_without_a_socket_leaves_no_second_screen(browsers: Browsers, site_url: str) -> None:
    """Two screens share one document: the one without a call empties the time of the other, each second."""
    tab = await browsers.tab()
    await set_stage(tab, site_url, fault=script(REFUSING_SOCKET))
    kept = {"wsUrl": "ws://stage/ws", "sessionId": "s", "token": "t", "language": "en", "code": None}
    await tab.page.evaluate("kept => sessionStorage.setItem('dragoman.call', JSON.stringify(kept))", kept)
    await tab.page.reload()
    await tab.page.click("#return-button:enabled")
    assert "forbids the connection" in await problem(tab)
    await tab.page.evaluate("globalThis.allowed = true")
    await enter(tab)
    await meet(tab)
    await tab.page.evaluate(EMPTIED)
    await tab.page.wait_for_timeout(2500)
    assert await tab.page.evaluate("emptied") == 0


@pytest.mark.parametrize("answer", [CREATED | {"wsUrl": "no address"}, JOINED | {"wsUrl": ""}], ids=["text", "empty"])
async def test_an_answer_without_an_address_is_given_back(
    browsers: Browsers, site_url: str, answer: dict[str, object]
) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    await set_stage(tab, site_url, answers={"/sessions/create": (201, answer, {})})
    await tab.page.click("#create-button")
    assert "Something went wrong" in await problem(tab)
    await came(requests, "POST s/create", "DELETE ssions/s")


async def test_who_hangs_up_before_the_socket_opens_leaves_no_session(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    silent = "const Socket = WebSocket; put(window, 'WebSocket', class extends Socket { send() {} });"
    await set_stage(tab, site_url, fault=script(silent))
    await tab.page.click("#create-button")
    await tab.page.click("#hang-up")
    await tab.page.wait_for_selector("#ended:visible")
    assert "You left" in await tab.page.inner_text("#ended-reason")
    assert await tab.page.is_hidden("#take-back")
    await came(requests, "POST s/create", "DELETE ssions/s")


async def test_a_network_without_websockets_is_told_and_the_session_given_back(
    browsers: Browsers, site_url: str
) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    silent = "const Socket = WebSocket; put(window, 'WebSocket', class extends Socket { send() {} });"
    await set_stage(tab, site_url, fault=script(silent))
    await tab.page.clock.install()
    await tab.page.click("#create-button")
    await tab.page.wait_for_selector("#call:visible")
    await tab.page.clock.run_for(10_500)
    assert "may block such connections" in await tab.page.inner_text("#notice")
    await tab.page.clock.run_for(130_000)
    await tab.page.wait_for_selector("#ended:visible")
    assert "did not come back" in await tab.page.inner_text("#ended-reason")
    assert await tab.page.is_hidden("#take-back"), "it was never joined"
    await came(requests, "POST s/create", "DELETE ssions/s")


async def test_a_call_that_ends_as_it_should_is_not_ended_again(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    requests = asked(tab)
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    await tab.page.evaluate("stage.tell({ type: 'session_ended', reason: 'partner_left', metrics: {} })")
    await tab.page.wait_for_selector("#ended:visible")
    assert requests == ["POST s/create"]
