"""Pictures of every screen, with the server played: `python -m tests.web.screenshots docs/images`."""

import asyncio
import sys
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from tests.kit.chromium import Browsers, Running, Tab, running_browsers
from tests.kit.page_server import serving_page
from tests.kit.page_with_fake_server import enter, feed, meet, set_stage, spoken, utterance

MINE = {"language": "en", "target": "es"}
DIALOGUE = [
    *utterance(0, "me", "Good evening. Do you have a room for two nights?",
               "Buenas noches. ¿Tienen una habitación para dos noches?", **MINE),
    *spoken(0, "me", first_audio=640),
    *utterance(1, "them", "Sí, cuesta cuarenta euros por noche.", "Yes, it costs forty euros per night."),
    *spoken(1, "them", first_audio=930),
    *utterance(2, "me", "Is breakfast included?", "¿El desayuno está incluido?", **MINE, confidence=0.97),
    *spoken(2, "me", first_audio=610),
    *utterance(3, "them", "Sí, de siete a diez, en la planta baja.", "Yes, from seven to ten, on the ground floor."),
    *spoken(3, "them", first_audio=670)[:1],
]  # fmt: skip
OURS = {"language": "ar", "target": "es"}
ARABIC = [
    *utterance(0, "me", "مساء الخير. هل لديكم غرفة لليلتين؟", "Buenas noches. ¿Tienen una habitación para dos noches?",
               **OURS),
    *spoken(0, "me", first_audio=640),
    *utterance(1, "them", "Sí, cuesta cuarenta euros por noche.", "نعم، بأربعين يورو لليلة.", target="ar"),
    *spoken(1, "them", first_audio=930),
    *utterance(2, "me", "هل الفطور مشمول؟", "¿El desayuno está incluido?", **OURS, confidence=0.97),
    *spoken(2, "me", first_audio=610),
    *utterance(3, "them", "Sí, de siete a diez, en la planta baja.", "نعم، من السابعة إلى العاشرة، في الطابق الأرضي.",
               target="ar"),
    *spoken(3, "them", first_audio=670)[:1],
]  # fmt: skip
PARTIAL = utterance(4, "them", "Y el comedor está al lado del", None, stableLength=18, final=False)
STATISTICS = """stage.statistics = Object.entries({
    pair: { type: "candidate-pair", nominated: true, state: "succeeded", currentRoundTripTime: 0.038 },
    heard: { type: "inbound-rtp", kind: "audio", jitter: 0.003, packetsReceived: 900, packetsLost: 0,
             jitterBufferDelay: 42, jitterBufferEmittedCount: 800 },
})"""

WIDE = {"width": 980, "height": 640}
PHONE = {"width": 390, "height": 800}


async def in_call(browsers: Browsers, url: str, dialogue: list[dict[str, Any]] = DIALOGUE, **context: Any) -> Tab:
    """Return a page in the middle of a call."""
    tab = await browsers.tab(**context)
    await set_stage(tab, url)
    await enter(tab, name="ليلى" if context.get("locale") == "ar" else "Anna")
    await meet(tab, displayName="Luis")
    await tab.page.evaluate(STATISTICS)
    await tab.until("document.getElementById('quality').dataset.grade === 'good'", 5)
    await feed(tab, *dialogue)
    await tab.page.evaluate("void stage.peers.at(-1).sound(1, 0.06)")
    await tab.page.wait_for_timeout(400)
    return tab


async def take(url: str, folder: Path) -> None:
    """Write each picture into the folder."""
    async with async_playwright() as playwright:
        running = Running(playwright)
        async with running_browsers(running) as browsers:

            async def picture(tab: Tab, name: str) -> None:
                await tab.page.screenshot(path=folder / f"{name}.png", animations="disabled")

            start = await browsers.tab(viewport=WIDE)
            await set_stage(start, url)
            await start.page.fill("#name", "Anna")
            await picture(start, "start")
            await enter(start, name="Anna")
            await picture(start, "invitation")

            call = await in_call(browsers, url, viewport={"width": 760, "height": 820})
            await feed(call, *PARTIAL)
            await picture(call, "call")
            wide = await in_call(browsers, url, viewport=WIDE, color_scheme="dark")
            await feed(wide, *PARTIAL)
            await picture(wide, "call-dark")
            await picture(await in_call(browsers, url, ARABIC, viewport=WIDE, locale="ar"), "call-arabic")
            phone = await in_call(browsers, url, viewport=PHONE)
            await feed(phone, *PARTIAL)
            await picture(phone, "call-phone")
            for part in spoken(3, "them", first_audio=670)[1:]:
                await feed(phone, part)
            await phone.page.click("#panel-button")
            await phone.page.evaluate("document.getElementById('delay-title').scrollIntoView()")
            await picture(phone, "latency")
            await phone.page.click("#panel-button")
            await phone.page.evaluate("stage.answersHeartbeats = false")
            await phone.page.evaluate("stage.sockets.at(-1).onclose({ code: 1006, reason: '' })")
            await phone.until("document.getElementById('connection-state').dataset.state === 'lost'")
            await picture(phone, "reconnecting")
        await running.close()


def main(folder: Path) -> None:
    """Serve the page's files, and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with serving_page() as url:
        asyncio.run(take(url, folder))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
