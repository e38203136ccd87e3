"""Fixtures of the tests that open the page: its files on a server, Playwright's driver, and browsers."""

import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Playwright, async_playwright

from tests.kit.chromium import COMMON, EXECUTABLE, Browsers, running_browsers

PAGE = Path(__file__).parents[2] / "web"


class StaticPage(SimpleHTTPRequestHandler):
    """Serves the files of the page as the server does, with the Content-Security-Policy that they must bear."""

    protocol_version = "HTTP/1.1"  # forty small files on one connection

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'; media-src 'self' blob:; img-src 'self' data:")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def site_url() -> Iterator[str]:
    """Return where the page's files are served, and nothing else: the API is up to the test."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticPage, directory=str(PAGE))) as server:
        server.block_on_close = False  # a browser may keep its connection
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """Return Playwright's driver, one for all tests of a folder."""
    async with async_playwright() as started:
        yield started


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def chromium_for_all(playwright: Playwright) -> AsyncIterator[Browser]:
    """Return a Chromium whose contexts the tests share."""
    browser = await playwright.chromium.launch(executable_path=EXECUTABLE, args=COMMON)
    yield browser
    await browser.close()


@pytest_asyncio.fixture(loop_scope="session")
async def browsers(playwright: Playwright, chromium_for_all: Browser) -> AsyncIterator[Browsers]:
    """Return a starter of pages, which end with the test."""
    async with running_browsers(playwright, chromium_for_all) as started:
        yield started


def run_in_one_loop(items: Iterable[pytest.Item]) -> None:
    """Let these tests run in one event loop, which is Playwright's."""
    for item in items:
        item.add_marker(pytest.mark.browser)
        if pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)
