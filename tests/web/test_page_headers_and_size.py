"""The page as the server sends it: headers, nothing inline, nothing from elsewhere, and not much of it."""

import asyncio
import re
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from tests.kit.chromium import Browsers

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

WEB = Path(__file__).parents[2] / "web"
FILES = (
    "/",
    "/app.js",
    "/protocol/call.js",
    "/service-worker.js",
    "/styles/base.css",
    "/words/ar.js",
    "/manifest.webmanifest",
    "/captions",
)
FIRST_LOAD_BYTES = 150_000


async def test_security_headers(server_url: str) -> None:
    async with aiohttp.ClientSession(server_url) as http:
        for path in FILES:
            async with http.get(path) as answer:
                assert answer.status == 200
                policy = dict(rule.split(" ", 1) for rule in answer.headers["Content-Security-Policy"].split("; "))
                assert policy["default-src"] == "'self'"
                assert not {"script-src", "style-src"} & policy.keys(), "nothing loosens the default"
                assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
                assert answer.headers["X-Content-Type-Options"] == "nosniff"
                assert answer.headers["Referrer-Policy"] == "no-referrer"
                assert "microphone=(self)" in answer.headers["Permissions-Policy"]


async def test_first_load_is_small_and_asks_nobody_else(browsers: Browsers, server_url: str) -> None:
    tab = await browsers.tab()
    session = await tab.page.context.new_cdp_session(tab.page)
    await session.send("Network.enable")
    sizes: list[float] = []
    hosts: set[str | None] = set()
    session.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    session.on("Network.requestWillBeSent", lambda event: hosts.add(urlsplit(event["request"]["url"]).netloc))
    await tab.open(server_url)
    await asyncio.sleep(0.5)
    assert len(sizes) > 30
    assert sum(sizes) <= FIRST_LOAD_BYTES
    assert hosts == {urlsplit(server_url).netloc}
    assert not tab.complaints


async def test_compressed_and_plain_are_the_same_file(server_url: str) -> None:
    async with aiohttp.ClientSession(server_url, auto_decompress=False) as http:
        tags = set()
        for encoding in ("identity", "gzip"):
            async with http.get("/app.js", headers={"Accept-Encoding": encoding}) as answer:
                assert answer.headers.get("Content-Encoding", "identity") == encoding
                assert answer.headers["Vary"] == "Accept-Encoding"
                tags.add(tag := answer.headers["ETag"])
            async with http.get("/app.js", headers={"Accept-Encoding": encoding, "If-None-Match": tag}) as answer:
                assert answer.status == 304
        assert len(tags) == 2
    async with aiohttp.ClientSession(server_url) as http, http.get("/app.js") as answer:
        assert await answer.read() == (WEB / "app.js").read_bytes()


def test_nothing_is_inline() -> None:
    for page in (path.read_text() for path in WEB.glob("*.html")):
        assert not re.search(r"<style|\sstyle=|\son\w+=|javascript:", page)
        assert all("src=" in script for script in re.findall(r"<script[^>]*>", page))
    for path in WEB.rglob("*.js"):
        text = path.read_text()
        assert not re.search(r"(inner|outer|Adjacent)HTML|document\.write|\beval\(|new Function", text), path
