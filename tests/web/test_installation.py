"""The page as an app: a manifest that browsers accept, and a shell that opens without a network."""

import json
import re
from pathlib import Path

import pytest

from tests.kit.chromium import Browsers

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

WEB = Path(__file__).parents[2] / "web"


def test_the_shell_is_every_file_of_the_page() -> None:
    text = (WEB / "service-worker.js").read_text()
    listed = re.search(r"SHELL = \[(.*?)\];", text, re.DOTALL)
    assert listed
    files = {path.relative_to(WEB).as_posix() for path in WEB.rglob("*") if path.is_file()}
    files = {file for file in files if not re.search(r"\.pyc?$|^service-worker\.js$", file)}
    # The captions page is of no use without a network.
    files -= {file for file in files if "captions" in file or file == "protocol/viewer.js"}
    assert set(re.findall(r'"([^"]+)"', listed[1])) == (files - {"index.html"}) | {"./"}


def test_icons_are_what_the_manifest_says() -> None:
    manifest = json.loads((WEB / "manifest.webmanifest").read_text())
    for icon in manifest["icons"]:
        path = WEB / icon["src"]
        if icon["type"] == "image/png":
            header = path.read_bytes()
            size = int.from_bytes(header[16:20], "big"), int.from_bytes(header[20:24], "big")
            assert "x".join(map(str, size)) == icon["sizes"]
        else:
            assert path.exists()


async def test_it_can_be_installed_and_opens_without_a_network(browsers: Browsers, server_url: str) -> None:
    tab = await browsers.tab(service_workers="allow")
    await tab.open(server_url)
    session = await tab.page.context.new_cdp_session(tab.page)
    errors = (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"]
    assert [one for one in errors if one["errorId"] != "in-incognito"] == []
    await tab.until("navigator.serviceWorker.controller !== null", 10)
    kept = await tab.page.evaluate(
        "caches.open('dragoman-shell').then((cache) => cache.keys()).then((keys) => keys.map(({ url }) => url))"
    )
    assert kept
    assert not [url for url in kept if "/api/" in url or "/ws" in url]

    await tab.page.context.set_offline(True)
    await tab.page.reload()
    await tab.until("!document.getElementById('start-problem').hidden")
    assert "Check your connection" in await tab.page.inner_text("#start-problem")
    assert await tab.page.is_disabled("#create-button")
    await tab.page.select_option("#locale", "fr")
    await tab.until("document.getElementById('start-problem').textContent.includes('Vérifiez votre connexion')")
    await tab.page.context.set_offline(False)
    await tab.until("!document.getElementById('create-button').disabled", 8)
