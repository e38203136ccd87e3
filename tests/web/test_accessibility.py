"""Every screen, light and dark, by axe-core; a call without a mouse; live regions that tell once."""

import asyncio
from pathlib import Path

import pytest

from tests.kit.axe import violations
from tests.kit.chromium import Browsers, Tab, speech_file
from tests.kit.page_meeting import IN_CALL, line_with
from tests.kit.page_with_fake_server import enter, feed, meet, set_stage, spoken, utterance

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


SCHEMES = [("light", "en-US", 1280), ("dark", "ar", 390)]


@pytest.mark.parametrize(("scheme", "locale", "width"), SCHEMES, ids=["light, wide", "dark, Arabic, phone"])
async def test_no_screen_has_a_violation(
    browsers: Browsers, site_url: str, scheme: str, locale: str, width: int
) -> None:
    size = {"width": width, "height": 844}
    tab = await browsers.tab(color_scheme=scheme, locale=locale, viewport=size, reduced_motion="reduce")
    found = {}

    async def look(screen: str) -> None:
        if told := await violations(tab):
            found[screen] = told
        wide = await tab.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{screen} is {wide} px wide"

    await set_stage(tab, f"{site_url}/#123456")
    await look("start")
    await tab.page.click("#check-microphone")
    await tab.page.wait_for_selector("#microphone-check:visible")
    await tab.page.fill("#code", "1")
    await tab.page.press("#code", "Enter")
    await look("start, with a problem and the microphone's check")
    await enter(tab)
    await look("invitation")
    await tab.page.evaluate("stage.tell({ type: 'join_request', participantId: 'x', displayName: 'Luis' })")
    await tab.page.wait_for_selector("#knock[open]")
    await look("somebody asks to be let in")
    await tab.page.click("#let-in")
    await meet(tab)
    await feed(tab, *utterance(1, "them", "Hola.", "Hello."), *spoken(1, "them"))
    await feed(tab, *utterance(2, "me", "Good morn", None, language="en", stableLength=5, final=False))
    await feed(tab, *utterance(3, "them", "Adiós.", "Goodbye."), spoken(3, "them")[0])
    way = {"speaker": "me", "listener": "them", "language": "es", "speech": True, "typed": True, "spoken": True}
    told = {"type": "session_info", "expiresAt": 1_790_000_000_000, "viewers": 0, "interpretation": [way]}
    await tab.page.evaluate("told => stage.tell(told)", told)
    await feed(tab, {"type": "typing", "sourceUserId": "them", "on": True})
    await look("call")
    if await tab.page.is_visible("#panel-button"):
        await tab.page.click("#panel-button")
        await look("call, with the panel")
    await tab.page.click("#captions > summary")
    await tab.page.click("#whip > summary")
    await tab.page.click("#make-captions")
    await tab.page.wait_for_selector("#captions-link:visible")
    await tab.page.evaluate("stage.tell({ type: 'viewers', count: 1 })")
    await tab.page.wait_for_selector("#revoke-captions:visible")
    await look("call, with what a streamer takes")
    await tab.page.evaluate("stage.peers.at(-1).sound(1, 0.1)")
    await tab.page.evaluate("stage.sockets.at(-1).onclose({ code: 1006, reason: '' })")
    await tab.until("document.getElementById('connection-state').dataset.state === 'lost'")
    await look("reconnecting")
    await tab.until("stage.sockets.length === 2")
    metrics = {"durationMs": 83000, "utterances": 4, "spoken": 4, "failed": 0, "firstAudioMs": {"p50": 690}}
    ended = {"type": "session_ended", "reason": "partner_left", "metrics": metrics}
    await tab.page.evaluate("message => stage.tell(message)", ended)
    await tab.page.wait_for_selector("#ended:visible")
    await look("ended")
    assert not found
    assert not tab.complaints


@pytest.mark.parametrize("preference", [{"contrast": "more"}, {"forced_colors": "active"}], ids=["contrast", "forced"])
async def test_high_contrast(browsers: Browsers, site_url: str, preference: dict[str, str]) -> None:
    tab = await browsers.tab(**preference)
    await set_stage(tab, site_url)
    assert not await violations(tab)
    await enter(tab)
    await meet(tab)
    await feed(tab, *utterance(1, "them", "Hola.", "Hello."), *spoken(1, "them"))
    assert not await violations(tab)


async def test_320_pixels_and_a_page_zoomed_to_400_percent(browsers: Browsers, site_url: str) -> None:
    """WCAG 1.4.10: 320 × 256 CSS pixels is 1280 × 1024 at 400 %. Everything can be reached by scrolling one way."""
    tab = await browsers.tab(viewport={"width": 320, "height": 256})
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    assert await tab.page.evaluate("document.documentElement.scrollWidth") <= 320
    for control in ("#mute", "#start-over", "#say", "#hang-up", "#panel-button"):
        await tab.page.locator(control).scroll_into_view_if_needed()
        await tab.page.click(control, trial=True)


async def test_live_regions_do_not_flood(browsers: Browsers, site_url: str) -> None:
    """A sentence that grew through twenty revisions is read out once; the clock and the levels never."""
    tab = await browsers.tab()
    await set_stage(tab, site_url)
    await enter(tab)
    await meet(tab)
    await tab.page.evaluate(
        """() => {
            globalThis.told = [];
            const regions = document.querySelectorAll("[role=status], [role=alert], [aria-live]");
            for (const region of regions) {
                new MutationObserver(() => told.push(region.id)).observe(region, { childList: true, subtree: true });
            }
        }"""
    )
    for revision in range(20):
        text = "Buenos días a todos los presentes"[: revision + 5]
        message = utterance(1, "them", text, None, revision=revision, final=False, stableLength=0)
        await feed(tab, *message)
    await feed(tab, *utterance(1, "them", "Buenos días.", "Good morning.", revision=20), *spoken(1, "them"))
    await tab.page.wait_for_timeout(1200)
    assert await tab.page.evaluate("told") == ["announcer"]


async def press(tab: Tab, target: str, key: str = "Enter") -> None:
    """Reach a control with the Tab key alone, and press a key on it."""
    for _ in range(60):
        if await tab.page.evaluate("id => document.activeElement?.id === id", target):
            await tab.page.keyboard.press(key)
            return
        await tab.page.keyboard.press("Tab")
    raise AssertionError(f"the Tab key does not lead to #{target}: {await tab.told()}")


async def test_a_whole_call_without_a_mouse(browsers: Browsers, server_url: str, tmp_path: Path) -> None:
    silence = speech_file(tmp_path / "silence.wav", "en-us", 60.0)
    anna, luis = await asyncio.gather(browsers.tab(microphone=silence), browsers.tab(microphone=silence))
    await asyncio.gather(anna.open(server_url), luis.open(server_url))
    await press(anna, "name", "A")
    await press(anna, "admit", " ")
    await press(anna, "create-button")
    await anna.page.wait_for_selector("#session-code:visible")
    code = await anna.page.inner_text("#session-code")
    await press(luis, "language", "E")  # English, then Español
    await luis.page.keyboard.press("s")
    if await luis.page.evaluate("document.getElementById('language').value") != "es":
        await luis.page.keyboard.press("ArrowDown")
    assert await luis.page.evaluate("document.getElementById('language').value") == "es"
    await press(luis, "code", code[0])
    await luis.page.keyboard.type(code[1:])
    await luis.page.keyboard.press("Enter")
    await anna.page.wait_for_selector("#knock[open]")
    await press(anna, "let-in")
    await asyncio.gather(*[tab.until(IN_CALL) for tab in (anna, luis)])
    await press(anna, "say", "G")
    await anna.page.keyboard.type("ood afternoon.")
    await anna.page.keyboard.press("Enter")
    await luis.until(line_with(":not(.mine) .translation", "tardes"))
    await press(luis, "mute", " ")
    assert await luis.page.get_attribute("#mute", "aria-pressed") == "true"
    await press(luis, "start-over", " ")
    assert await luis.page.inner_text("#notice")
    await press(luis, "balance", "ArrowLeft")
    await press(luis, "open-microphone", "ArrowRight")
    assert await luis.page.is_checked("#push-to-talk")
    await luis.page.keyboard.down(" ")
    assert await luis.page.inner_text("#talk") == "Talking…"
    await luis.page.keyboard.up(" ")
    await press(luis, "hang-up")
    await anna.page.wait_for_selector("#ended:visible")
    await press(anna, "again")
    assert await anna.page.is_visible("#start")
