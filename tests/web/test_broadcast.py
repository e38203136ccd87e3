"""A streamer's part of the panel: from its button to words on the captions page, and to sound by WHIP."""

from __future__ import annotations

import aiohttp
import pytest
from yarl import URL

from tests.kit.chromium import Browsers, Tab
from tests.kit.extent import extent
from tests.kit.page_meeting import make_call, say
from tests.kit.page_with_fake_server import enter, let_in, meet, refusal, set_stage
from tests.kit.sdp_offers import chromium

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

VIEWERS = "/sessions/s/viewers"
LOCALES = ("en", "ar", "de", "es", "fr", "pt")
STATE = "document.getElementById('broadcast-state').textContent"
SHOWN = "document.getElementById('caption').innerText"


async def unfold(tab: Tab, what: str) -> None:
    """Open a part of the panel by the keyboard alone."""
    await tab.page.focus(f"#{what} > summary")
    await tab.page.keyboard.press("Enter")
    assert await tab.page.evaluate(f"document.getElementById('{what}').open")


async def test_from_the_button_to_words_on_the_captions_page_and_to_whip(browsers: Browsers, server_url: str) -> None:
    anna, luis, scene = [await browsers.tab() for _ in range(3)]
    await anna.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await make_call(anna, luis, server_url)

    await unfold(anna, "captions")
    await anna.page.keyboard.press("Tab")
    await anna.page.keyboard.press("Enter")
    await anna.until(f"{STATE} === 'Copied.'")
    link = await anna.page.input_value("#captions-link")
    assert await anna.page.evaluate("document.activeElement.id") == "captions-link"
    assert await anna.page.evaluate("navigator.clipboard.readText()") == link
    assert link.startswith(f"{server_url}/captions#session=s_")
    await luis.until("document.getElementById('notice').textContent.includes('subtitles of this call (1)')")
    await scene.page.goto(link)
    await scene.until("document.title.includes('Captions appear')")
    await say(anna, "Good afternoon.")
    await scene.until(f"{SHOWN}.includes('tardes')", 15)

    await anna.page.focus("#captions-link")
    await anna.page.keyboard.press("Shift+Tab")
    assert await anna.page.evaluate("document.activeElement.id") == "revoke-captions"
    await anna.page.keyboard.press("Enter")
    await scene.until("document.title.includes('not valid any more')")
    await anna.until(f"{STATE}.startsWith('Taken back.')")
    await luis.until("dragoman.call.state.viewers === 0")
    assert await anna.page.is_hidden("#captions-made") and await anna.page.input_value("#captions-link") == ""
    assert await anna.page.evaluate("document.activeElement.id") == "make-captions"

    await unfold(anna, "whip")
    await anna.until("document.getElementById('whip-token').value !== ''")
    address, token = [await anna.page.input_value(f"#{one}") for one in ("whip-address", "whip-token")]
    assert await anna.page.get_attribute("#whip-token", "type") == "password"
    await anna.page.click("#copy-whip-token")
    await anna.until(f"{STATE} === 'Copied.'")
    assert await anna.page.evaluate("navigator.clipboard.readText()") == token
    assert await publish(address, token) == (201, 200)

    await anna.page.click("#hang-up")
    await anna.page.wait_for_selector("#ended:visible")
    for field in ("captions-link", "whip-address", "whip-token"):
        assert await anna.page.input_value(f"#{field}") == "", "nothing of one call stays for the next"
    assert not anna.complaints and not luis.complaints


async def publish(address: str, token: str) -> tuple[int, int]:
    """Offer sound as an encoder does, and end it. Return both statuses."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/sdp"}
    async with aiohttp.ClientSession(headers=headers) as http:
        async with http.post(address, data=chromium("A")) as answer:
            made, location = answer.status, answer.headers.get("Location", "")
        async with http.delete(URL(address).join(URL(location))) as answer:
            ended = answer.status
    return made, ended


async def test_a_refusal_is_told_and_another_try_may_succeed(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    answers = {VIEWERS: (429, refusal("rate_limited"), {})}
    await set_stage(tab, site_url, answers=answers)
    await enter(tab)
    await meet(tab)
    await unfold(tab, "captions")
    await tab.page.click("#make-captions")
    await tab.until(f"{STATE}.startsWith('Too many attempts')")
    assert await tab.page.is_hidden("#captions-link")
    answers[VIEWERS] = (201, {"viewerId": "v_1", "token": "a.b.c", "expiresAt": 0}, {})
    await tab.page.click("#make-captions")
    await tab.page.wait_for_selector("#captions-link:visible")
    assert await tab.page.input_value("#captions-link") == f"{site_url}/captions#session=s&token=a.b.c"


async def test_links_are_taken_back_also_after_a_reload_and_a_refusal_is_told(
    browsers: Browsers, site_url: str
) -> None:
    tab = await browsers.tab()
    answers = {VIEWERS: (503, refusal("at_capacity"), {})}
    await set_stage(tab, site_url, answers=answers)
    await enter(tab)
    await meet(tab)
    await unfold(tab, "captions")
    assert await tab.page.is_hidden("#revoke-captions"), "there is no link"
    await tab.page.evaluate("stage.tell({ type: 'viewers', count: 1 })")  # made before this page was loaded
    await tab.page.click("#revoke-captions")
    await tab.until(f"{STATE} !== ''")
    assert not (await tab.page.inner_text("#broadcast-state")).startswith("Taken back.")
    answers[VIEWERS] = (204, {}, {})
    await tab.page.click("#revoke-captions")
    await tab.until(f"{STATE}.startsWith('Taken back.')")
    await tab.page.evaluate("stage.tell({ type: 'viewers', count: 0 })")
    await tab.page.wait_for_selector("#revoke-captions", state="hidden")


async def test_what_cannot_be_copied_is_shown_to_be_selected_until_one_turns_away(
    browsers: Browsers, site_url: str
) -> None:
    tab = await browsers.tab()
    forbidden = "delete Navigator.prototype.clipboard; document.execCommand = () => false;"
    await set_stage(tab, site_url, fault=forbidden)
    await enter(tab)
    shown = "document.querySelectorAll('#captions-link[type=text], #whip-token[type=text]').length"
    assert await tab.page.evaluate(shown) == 0
    for part, button, text in (
        ("whip", "copy-whip-token", "r"),
        ("captions", "make-captions", f"{site_url}/captions#session=s&token=a.b.c"),
    ):
        await unfold(tab, part)
        for turn_away in ("document.activeElement.blur()", f"document.getElementById('{part}').open = false"):
            await tab.page.click(f"#{button}")
            await tab.until(f"{shown} === 1")
            assert (await tab.page.inner_text("#broadcast-state")).startswith("Not copied")
            assert await tab.page.evaluate("getSelection().toString()") == text
            await tab.page.evaluate(turn_away)
            await tab.until(f"{shown} === 0")


async def test_no_access_token_is_handed_to_an_encoder(browsers: Browsers, site_url: str) -> None:
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await tab.page.fill("#name", "Anna")
    await tab.page.click("#create-button")
    await tab.until("stage.sent.some(({ type }) => type === 'join_session')")
    await unfold(tab, "whip")
    await tab.page.evaluate("new Promise((done) => setTimeout(done, 50))")
    assert await tab.page.input_value("#whip-token") == ""
    assert await tab.page.is_disabled("#copy-whip-token")
    await let_in(tab)
    assert await tab.page.input_value("#whip-token") == "r"
    assert await tab.page.is_enabled("#copy-whip-token")


@pytest.mark.parametrize("locale", extent(LOCALES[:2], LOCALES))
async def test_it_fits_a_narrow_page_in_each_language(browsers: Browsers, site_url: str, locale: str) -> None:
    tab = await browsers.tab(viewport={"width": 320, "height": 640}, locale=locale)
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    await tab.page.click("#panel-button")
    for part in ("captions", "whip"):
        await unfold(tab, part)
    await tab.page.click("#make-captions")
    await tab.page.wait_for_selector("#captions-link:visible")
    await tab.page.evaluate("stage.tell({ type: 'viewers', count: 1 })")
    await tab.page.wait_for_selector("#revoke-captions:visible")
    assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 320
    panel = "document.getElementById('panel')"
    assert await tab.page.evaluate(f"{panel}.scrollWidth <= {panel}.clientWidth")
