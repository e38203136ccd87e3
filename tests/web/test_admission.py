"""Two people come together: the code, the link, its QR code, and the question whether to let somebody in."""

import asyncio
import re

import numpy as np
import pytest
import zxingcpp

from tests.kit.chromium import Browsers, Tab
from tests.kit.page_meeting import IN_CALL

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


async def scanned(tab: Tab) -> str:
    """Return what a camera reads in the QR code on the screen."""
    rows = await tab.page.evaluate(
        """async () => {
            const svg = document.getElementById("qr");
            const drawn = new Image();
            svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
            svg.setAttribute("width", "400");
            svg.setAttribute("height", "400");
            drawn.src = `data:image/svg+xml,${encodeURIComponent(svg.outerHTML)}`;
            await drawn.decode();
            const context = new OffscreenCanvas(400, 400).getContext("2d");
            context.fillStyle = "white";
            context.fillRect(0, 0, 400, 400);
            context.drawImage(drawn, 0, 0, 400, 400);
            const { data } = context.getImageData(0, 0, 400, 400);
            return Array.from({ length: 160000 }, (_, i) => data[4 * i]);
        }"""
    )
    (found,) = zxingcpp.read_barcodes(np.array(rows, np.uint8).reshape(400, 400))
    return str(found.text)


async def test_the_creator_lets_in_who_scanned_the_link(browsers: Browsers, server_url: str) -> None:
    anna, stranger, luis = await asyncio.gather(browsers.tab(), browsers.tab(), browsers.tab(locale="es-ES"))
    await anna.open(server_url)
    await anna.page.check("#admit")
    await anna.page.click("#create-button")
    await anna.page.wait_for_selector("#qr path", state="attached")
    link = await scanned(anna)
    code = await anna.page.inner_text("#session-code")
    assert link == f"{server_url}/#{code}"
    assert re.fullmatch(r"\d{6}", code)

    for tab, name in ((stranger, "Eve"), (luis, "Luis")):
        await tab.open(link)
        assert await tab.page.input_value("#code") == code
        await tab.page.fill("#name", name)
        await tab.page.click("#join-button")
        await tab.page.wait_for_selector("#waiting:visible")
        await anna.page.wait_for_selector("#knock[open]")
        assert f"{name} wants to join" in await anna.page.inner_text("#knock")
        await tab.page.wait_for_timeout(200)
        assert await tab.page.evaluate("dragoman.call.state.me") is None, "nothing before the answer"
        if name == "Eve":
            await anna.page.keyboard.press("Escape")  # somebody waits: that is no answer
            assert await anna.page.is_visible("#knock")
            await anna.page.click("#turn-away")
            await stranger.page.wait_for_selector("#ended:visible")
            assert "did not let you in" in await stranger.page.inner_text("#ended-reason")
        else:
            await tab.page.wait_for_timeout(3000)  # a person may take their time: the line is kept
            assert await tab.page.is_visible("#waiting")
            await anna.page.click("#let-in")
    await asyncio.gather(*[tab.until(IN_CALL) for tab in (anna, luis)])
    assert await anna.page.is_hidden("#invite")


async def test_the_microphone_is_tried_before_the_call(browsers: Browsers, server_url: str) -> None:
    """Chromium's own fake microphone beeps once a second."""
    tab = await browsers.tab()
    await tab.page.add_init_script(
        """
        globalThis.played = [];
        const { start } = AudioBufferSourceNode.prototype;
        AudioBufferSourceNode.prototype.start = function (...when) {
            played.push(this.buffer.duration);
            return start.apply(this, when);
        };
        """
    )
    await tab.open(server_url)
    await tab.page.click("#check-microphone")
    await tab.page.wait_for_selector("#microphone-check:visible")
    assert await tab.page.locator("#microphone option").count() >= 2
    await tab.until("document.getElementById('level').value > 20", 4)
    await tab.page.select_option("#microphone", index=1)
    chosen = await tab.page.input_value("#microphone")
    await tab.until("document.getElementById('level').value > 20", 4)
    await tab.page.click("#echo")
    assert "Recording" in await tab.page.inner_text("#level-words")
    await tab.until("played.length === 1", 6)
    assert 2.5 < await tab.page.evaluate("played[0]") < 3.5
    await tab.until("document.getElementById('level-words').textContent === 'Your microphone works.'", 6)
    await tab.page.click("#create-button")
    await tab.page.wait_for_selector("#invite:visible")
    await tab.until(f"document.getElementById('call-microphone').value === '{chosen}'")
    await tab.page.click("#hang-up")
    await tab.page.wait_for_selector("#ended:visible")
    assert not tab.complaints
