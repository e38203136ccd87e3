"""The newest sentence in a small panel of the page, or in a window above all others where the browser has one."""

from __future__ import annotations

import pytest

from tests.kit.axe import violations
from tests.kit.chromium import EXECUTABLE, Browsers, Tab
from tests.kit.page_with_fake_server import enter, feed, meet, set_stage, utterance

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

NO_WINDOWS = "delete Window.prototype.documentPictureInPicture; delete globalThis.documentPictureInPicture;"
PLAYED_WINDOW = """
globalThis.opened = [];
Object.defineProperty(globalThis, "documentPictureInPicture", { configurable: true, value: {
    async requestWindow() {
        const frame = document.createElement("iframe");
        document.body.append(frame);
        const own = frame.contentWindow;
        own.close = () => { own.dispatchEvent(new Event("pagehide")); frame.remove(); };
        opened.push(own);
        return own;
    },
} });
"""
"""A window of the browser, played by a frame: what moves between documents moves as it would."""
REFUSING = """
Object.defineProperty(globalThis, "documentPictureInPicture", { configurable: true, value: {
    requestWindow: async () => { throw new DOMException("no click", "NotAllowedError"); },
} });
"""
OLDER = """
addEventListener("DOMContentLoaded", () => {
    for (const id of ["overlay", "overlay-button", "single", "start-over"]) document.getElementById(id).remove();
});
"""
"""A page that a browser has kept, under scripts that are newer."""
HELLO = utterance(1, "them", "Hola.", "Hello.")
GOODBYE = utterance(2, "them", "Adiós.", "Goodbye.")
IN_WINDOW = "opened.at(-1).document.querySelector('#overlay')?.innerText"


async def in_call(browsers: Browsers, url: str, fault: str) -> Tab:
    tab = await browsers.tab()
    await set_stage(tab, url, fault=fault)
    await enter(tab)
    await meet(tab)
    return tab


async def test_without_windows_of_its_own_it_is_a_panel_of_the_page(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url, NO_WINDOWS)
    await feed(tab, *HELLO)
    assert await tab.page.is_hidden("#overlay")
    await tab.page.focus("#overlay-button")
    await tab.page.keyboard.press("Enter")
    assert await tab.page.get_attribute("#overlay-button", "aria-pressed") == "true"
    assert "Hello." in await tab.page.inner_text("#overlay"), "what was said last is there at once"
    await feed(tab, *GOODBYE)
    shown = tab.page.locator("#overlay .utterance:visible")
    assert await shown.count() == 1 and "Goodbye." in await shown.inner_text()
    await feed(tab, {**HELLO[1], "revision": 1, "translatedText": "Hello there."})
    assert await shown.count() == 1 and "Hello there." in await shown.inner_text()
    await tab.page.uncheck("#show-original")
    assert await tab.page.locator("#overlay .original:visible").count() == 0, "it is read as the conversation is"
    assert not await violations(tab)
    await tab.page.focus("#overlay-close")
    await tab.page.keyboard.press("Escape")
    assert await tab.page.is_hidden("#overlay")
    assert await tab.page.evaluate("document.activeElement.id") == "overlay-button"
    assert not tab.complaints


async def test_it_is_remembered_for_the_next_call(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url, NO_WINDOWS)
    await tab.page.click("#overlay-button")
    await tab.page.reload()
    await enter(tab)
    await meet(tab)
    await feed(tab, *HELLO)
    assert "Hello." in await tab.page.inner_text("#overlay")
    await tab.page.click("#overlay-close")
    await tab.page.reload()
    await enter(tab)
    assert await tab.page.is_hidden("#overlay")


async def test_in_a_window_of_its_own(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url, PLAYED_WINDOW)
    await feed(tab, *HELLO)
    await tab.page.click("#overlay-button")
    await tab.until("opened.length === 1 && opened[0].document.querySelector('#overlay')")
    assert "Hello." in await tab.page.evaluate(IN_WINDOW)
    await feed(tab, *GOODBYE)
    assert "Goodbye." in await tab.page.evaluate(IN_WINDOW)
    root = "(({ lang, dir }) => [lang, dir])(opened[0].document.documentElement)"
    assert await tab.page.evaluate(root) == await tab.page.evaluate(root.replace("opened[0].", ""))
    styles = "opened[0].document.querySelectorAll('link[rel=stylesheet]').length"
    assert await tab.page.evaluate(styles) == await tab.page.evaluate(styles.replace("opened[0].", ""))
    await tab.page.evaluate("opened[0].close()")
    assert await tab.page.get_attribute("#overlay-button", "aria-pressed") == "false"
    assert await tab.page.locator("#call > #overlay").count() == 1, "it is at home again"
    await tab.until("localStorage.getItem('dragoman.preferences').includes('\"overlay\":false')")
    await tab.page.click("#overlay-button")
    await tab.until("opened.length === 2 && opened[1].document.querySelector('#overlay')")
    assert "Goodbye." in await tab.page.evaluate(IN_WINDOW)
    await tab.page.evaluate("stage.tell({ type: 'session_ended', reason: 'partner_left' })")
    await tab.page.wait_for_selector("#ended:visible")
    assert await tab.page.locator("#overlay").count() == 1 and await tab.page.locator("iframe").count() == 0
    assert not tab.complaints


async def test_a_window_that_the_browser_refuses_is_a_panel(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url, REFUSING)
    await tab.page.click("#overlay-button")
    await feed(tab, *HELLO)
    assert "Hello." in await tab.page.inner_text("#overlay")
    assert not tab.complaints, "it is no trouble"


async def test_a_call_does_without_what_its_page_lacks(browsers: Browsers, site_url: str) -> None:
    tab = await in_call(browsers, site_url, OLDER)
    await feed(tab, *HELLO)
    assert "Hello." in await tab.page.inner_text("#subtitles") and not tab.complaints
    await tab.page.click("#hang-up")
    await tab.page.wait_for_selector("#ended:visible")


async def test_in_the_window_of_the_browser_that_people_have(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab(executable=EXECUTABLE)
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    await feed(tab, *HELLO)
    async with tab.page.context.expect_page() as opening:
        await tab.page.click("#overlay-button")
    own = Tab(await opening.value)
    await own.until("document.querySelector('#overlay .utterance')")
    assert "Hello." in await own.page.inner_text("#overlay") and await tab.page.locator("#overlay").count() == 0
    await feed(tab, *GOODBYE)
    assert "Goodbye." in await own.page.inner_text("#overlay")
    assert not await violations(own)
    await own.page.keyboard.press("Backspace")
    await tab.until("stage.sent.some(({ type }) => type === 'start_over')")
    await tab.page.check("#push-to-talk")
    await own.page.keyboard.down(" ")
    await tab.until("document.getElementById('talk').classList.contains('held')")
    await own.page.keyboard.up(" ")
    await tab.until("!document.getElementById('talk').classList.contains('held')")
    await tab.page.click("#overlay-button")
    await tab.until("documentPictureInPicture.window === null")
    assert await tab.page.locator("#call > #overlay").count() == 1
    assert await tab.page.is_hidden("#overlay") and not tab.complaints


async def test_a_page_that_goes_with_its_window_remembers_it(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab(executable=EXECUTABLE)
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    async with tab.page.context.expect_page() as opening:
        await tab.page.click("#overlay-button")
    await Tab(await opening.value).until("document.querySelector('#overlay')")
    context = tab.page.context
    await tab.page.close()
    again = await context.new_page()
    await again.goto(site_url)
    assert '"overlay":true' in await again.evaluate("localStorage.getItem('dragoman.preferences')")
