"""Below a path behind a proxy the page, its calls and its invitations work, or the start says why not."""

import asyncio
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from server.settings import BadSetting, read
from signaling.config import SignalingOptions
from signaling.rate_limits import Rate
from tests.kit.chromium import Browsers
from tests.kit.page_meeting import IN_CALL
from tests.kit.path_proxy import path_proxy
from tests.kit.server_process import UNLIMITED, Server
from tests.kit.signaling_server import GENEROUS, open_front

WEB = Path(__file__).parents[2] / "web"


@pytest.mark.real_time
@pytest.mark.side_by_side
@pytest.mark.parametrize("strips", [True, False], ids=["a proxy that strips the path", "one that passes it on"])
async def test_a_call_below_a_path(browsers: Browsers, tmp_path: Path, strips: bool) -> None:
    async with path_proxy("/call", strips=strips) as proxy:
        settings = UNLIMITED | {"DRAGOMAN_MODELS": "scripted", "DRAGOMAN_PUBLIC_URL": proxy.url.rstrip("/")}
        server = Server(tmp_path / "server", **settings)
        await asyncio.to_thread(server.__enter__)
        try:
            proxy.target = server.url
            anna, luis = await asyncio.gather(browsers.tab(service_workers="allow"), browsers.tab())
            await anna.open(proxy.url.rstrip("/"))  # as people write it
            await anna.page.select_option("#language", "en")
            await anna.page.click("#create-button")
            await anna.page.wait_for_selector("#session-code:visible")
            code = await anna.page.inner_text("#session-code")
            link = await anna.page.input_value("#link")
            assert link == f"{proxy.url}#{code}"
            assert anna.page.url == proxy.url
            await luis.open(link)
            await luis.page.select_option("#language", "es")
            await luis.page.click("#join-button")
            for tab in (anna, luis):
                await tab.until(IN_CALL)
            scope = "navigator.serviceWorker.ready.then(({ scope }) => scope)"
            assert await anna.page.evaluate(scope) == proxy.url, "the rest of the host is not ours"
            kept = await anna.page.evaluate("caches.keys()")
            assert kept == ["dragoman-shell /call/"]

            await luis.page.reload()
            await luis.page.click("#return-button:enabled")
            await luis.until(IN_CALL)
            await anna.page.click("#hang-up")
            await luis.page.wait_for_selector("#ended:visible")
            assert proxy.missed == []
            assert not anna.complaints and not luis.complaints
        finally:
            await asyncio.to_thread(server.stop)


async def test_routes_are_below_the_public_path_too_with_their_limits_and_headers(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<!doctype html>")
    options = SignalingOptions(limits=GENEROUS, public_url="https://example.org/call")
    async with open_front(options, web_root=tmp_path) as front:
        for path in ("/", "/call/", "/health", "/call/health", "/api/v1/languages", "/call/api/v1/languages"):
            async with front.http.get(front.url + path) as answer:
                assert answer.status == 200, path
                assert ("no-store" in answer.headers.get("Cache-Control", "")) == ("/api/" in path)
        async with front.http.get(f"{front.url}/call", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (308, "/call/")
        for path in ("/other/", "/call/call/", "/callhealth", "/call/api/v2/languages"):
            async with front.http.get(front.url + path) as answer:
                assert answer.status == 404, path
        ana = await front.guest()
        assert (await ana.create())["wsUrl"] == "wss://example.org/call/ws"


async def test_requests_below_the_path_are_counted_as_all_others() -> None:
    limits = replace(GENEROUS, requests_of_address=Rate(3, 60))
    async with open_front(SignalingOptions(limits=limits, public_url="https://example.org/call")) as front:
        statuses = []
        for path in ("/call/api/v1/languages", "/api/v1/languages", "/call/ws", "/call/api/v1/languages"):
            async with front.http.get(front.url + path) as answer:
                statuses.append(answer.status)
        assert statuses[0] == statuses[1] == 200
        assert statuses[3] == 429


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/call?x=1", "https://example.org/call#a", "https://example.org/a b", "ftp://example.org",
        "https://example.org/../call", "https://example.org/a/./b", "https://example.org//call", "call.example.org",
        "https://example.org/%2e%2e/call", "https://example.org/{name}", "https://user@example.org/call", "/call",
    ],
)  # fmt: skip
def test_a_public_url_that_cannot_be_served_stops_the_start(url: str) -> None:
    with pytest.raises(BadSetting, match=r"DRAGOMAN_PUBLIC_URL.*https://example.org/call"):
        read({"DRAGOMAN_PUBLIC_URL": url})


@pytest.mark.parametrize(
    ("url", "taken"),
    [
        ("https://example.org/call/", "https://example.org/call"),
        ("https://example.org/", "https://example.org"),
        ("http://127.0.0.1:8080/a/b-c_d/v1.2", "http://127.0.0.1:8080/a/b-c_d/v1.2"),
        ("https://[2001:db8::1]:8443/call", "https://[2001:db8::1]:8443/call"),
    ],
)
def test_a_public_url_may_have_a_path(url: str, taken: str) -> None:
    assert read({"DRAGOMAN_PUBLIC_URL": url}).public_url == taken


def test_an_origin_has_no_path() -> None:
    with pytest.raises(BadSetting, match=r"DRAGOMAN_ALLOWED_ORIGINS.*no path"):
        read({"DRAGOMAN_ALLOWED_ORIGINS": "https://a.example,https://b.example/app"})


def test_no_file_of_the_page_names_an_address_from_the_root() -> None:
    assert not re.findall(r'(?:href|src)="/', (WEB / "index.html").read_text())
    manifest = json.loads((WEB / "manifest.webmanifest").read_text())
    assert "id" not in manifest, "it would name the root: another app than ours"
    places = [manifest["start_url"], manifest["scope"], *[icon["src"] for icon in manifest["icons"]]]
    assert not [place for place in places if place.startswith("/")]
    for path in WEB.rglob("*.js"):
        text = re.sub(r"//[^\n]*|/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert not re.findall(r"""["'`]/(?:[\w/-]+\.\w+)?["'`#]""", text), path
    for path in WEB.rglob("*.css"):
        assert not re.findall(r"url\(['\"]?/", path.read_text()), path
