"""A file of the page that does not come, as where the network changes while it loads, leaves nobody before nothing."""

import pytest
from playwright.async_api import Route

from tests.kit.chromium import Browsers, Tab
from tests.kit.page_with_fake_server import play_api

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

SEEN = (
    "document.readyState === 'complete' && "
    "getComputedStyle(document.getElementById('unloaded')).visibility === 'visible'"
)


async def without(tab: Tab, name: str, times: int | None = None) -> list[str]:
    """Let a file of the page fail `times` times, or always; return the requests for it, as they come."""
    asked = []

    async def fail(route: Route) -> None:
        asked.append(route.request.url)
        if times is None or len(asked) <= times:
            await route.abort("internetdisconnected")
        else:
            await route.continue_()

    await tab.page.route(f"**/{name}", fail)
    return asked


@pytest.mark.parametrize("name", ["app.js", "subtitles.js", "words/en.js"])
async def test_it_is_loaded_again_by_itself(browsers: Browsers, site_url: str, name: str) -> None:
    tab = await browsers.tab()
    await play_api(tab)
    asked = await without(tab, name, 2)
    await tab.page.goto(f"{site_url}/#123456")
    await tab.page.wait_for_selector("#join-button:enabled")
    assert len(asked) > 2
    assert await tab.page.input_value("#code") == "123456", "the link to the call is not forgotten"
    assert await tab.page.locator("#unloaded").count() == 0
    assert await tab.page.evaluate("sessionStorage.getItem('dragoman.loads')") is None


async def test_in_the_end_it_says_so_and_can_be_loaded_again(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await play_api(tab)
    asked = await without(tab, "subtitles.js")
    loaded_three_times_more = tab.page.expect_event("requestfailed", lambda _: len(asked) == 4, timeout=20_000)
    async with loaded_three_times_more:
        await tab.page.goto(f"{site_url}/#123456")
    await tab.until(SEEN)
    await tab.page.unroute("**/subtitles.js")
    await tab.page.click("#unloaded a")
    await tab.page.wait_for_selector("#join-button:enabled")
    assert await tab.page.input_value("#code") == "123456"


async def test_it_is_said_even_where_no_script_came(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await without(tab, "boot.js")
    await tab.page.goto(site_url)
    assert not await tab.page.evaluate(SEEN), "a page that is still loading is not broken"
    await tab.page.evaluate("document.getAnimations().forEach((animation) => animation.finish())")
    assert await tab.page.evaluate(SEEN)
    assert "Not all of this page has come" in await tab.page.inner_text("#unloaded")
