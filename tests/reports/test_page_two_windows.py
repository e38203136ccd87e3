"""Several windows share one call: another may take it over, nobody ends it, and it can be taken back."""

import asyncio

import pytest

from tests.kit.chromium import Browsers, Tab, watched
from tests.kit.page_meeting import IN_CALL, make_call
from tests.kit.page_with_fake_server import enter, meet, set_stage

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

TAKEN_OVER = "document.getElementById('ended-reason').dataset.reason === 'taken_over'"


async def taken_over(tab: Tab) -> None:
    """The server says that another socket of this participant has come."""
    await tab.page.evaluate("stage.tell({ type: 'error', code: 'taken_over', message: '', fatal: true })")
    await tab.page.evaluate("setTimeout(() => stage.sockets.at(-1).onclose({ code: 4001, reason: '' }), 50)")
    await tab.page.wait_for_selector("#ended:visible")


async def test_a_window_that_was_taken_over_says_so_and_takes_the_call_back(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    requests: list[str] = []
    tab.page.on("request", lambda one: "/sessions/" in one.url and requests.append(one.method))
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    for number in (1, 2):
        await taken_over(tab)
        assert "another window" in await tab.page.inner_text("#ended-reason")
        await tab.page.wait_for_timeout(1500)
        assert await tab.page.evaluate("stage.sockets.length") == number, "it does not fight for the call"
        assert await tab.page.evaluate("stage.sent.some(({ type }) => type === 'leave_session')") is False
        await tab.page.evaluate("stage.sent.length = 0")
        await tab.page.click("#take-back")
        await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
        (join,) = await tab.page.evaluate("stage.sent.filter(({ type }) => type === 'join_session')")
        assert (join["sessionId"], join["token"]) == ("s", "r"), "by the resume token"
        joined = {"type": "session_joined", "sessionId": "s", "participantId": "me", "iceServers": []}
        await tab.page.evaluate("message => stage.tell(message)", {**joined, "resumeToken": "r", "partner": None})
        await tab.until("stage.sent.some(({ type }) => type === 'offer')")
        await tab.page.evaluate("stage.connect()")
        await tab.until("dragoman.call.state.media === 'connected'")
        assert await tab.page.is_visible("#call")
        assert await tab.page.inner_text("#session-code") == "427193", "the invitation is kept"
    assert requests == ["POST"], "no other session, and none ended"


async def test_a_call_that_is_over_when_it_is_taken_back(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await enter(tab)
    await taken_over(tab)
    await tab.page.evaluate("stage.sent.length = 0")
    await tab.page.click("#take-back")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    await tab.page.evaluate("stage.tell({ type: 'error', code: 'session_ended', message: '', fatal: true })")
    await tab.page.evaluate("setTimeout(() => stage.sockets.at(-1).onclose({ code: 4401, reason: '' }), 50)")
    await tab.until("document.getElementById('ended-reason').textContent.includes('already over')")
    assert await tab.page.is_hidden("#take-back")
    assert await tab.page.evaluate("sessionStorage.getItem('dragoman.call')") is None


async def test_a_reload_before_the_socket_has_joined_returns_to_the_same_call(
    browsers: Browsers, site_url: str
) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await tab.page.click("#create-button")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    await tab.page.reload()
    await tab.page.click("#return-button:enabled")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    (join,) = await tab.page.evaluate("stage.sent.filter(({ type }) => type === 'join_session')")
    assert (join["sessionId"], join["token"]) == ("s", "t")


async def test_a_duplicated_tab_takes_the_call_over_and_gives_it_back(
    browsers: Browsers, fresh_server_url: str
) -> None:
    """On the real server, with a partner who notices nothing but a gap."""
    anna, luis = await asyncio.gather(browsers.tab(), browsers.tab())
    await make_call(anna, luis, fresh_server_url)
    async with anna.page.context.expect_page() as opened:
        await anna.page.evaluate("url => void window.open(url)", fresh_server_url)  # which copies sessionStorage
    copy = watched(await opened.value)
    await copy.page.wait_for_selector("#return-button:enabled")
    assert await anna.page.evaluate(IN_CALL), "a window that only opens disturbs nobody"
    for here, there, button in ((copy, anna, "#return-button"), (anna, copy, "#take-back")):
        await here.page.click(button)
        await here.until(IN_CALL)
        await there.until(TAKEN_OVER)
        await there.page.wait_for_selector("#take-back:visible")
        await luis.until(IN_CALL)
    await anna.page.wait_for_timeout(1500)
    assert await anna.page.evaluate(IN_CALL), "nobody takes it back without being asked to"
    assert await luis.page.evaluate(IN_CALL)
    await anna.page.click("#hang-up")
    await luis.page.wait_for_selector("#ended:visible")
    assert "left the call" in await luis.page.inner_text("#ended-reason")
