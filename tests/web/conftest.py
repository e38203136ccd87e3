"""Chromium, and the page without a server: what the tests of this folder share."""

import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from chromium import Browsers, running_browsers

PAGE = Path(__file__).parents[2] / "web"


class _StaticPage(SimpleHTTPRequestHandler):
    """Serves the files of the page as the server does, with the Content-Security-Policy that they must bear."""

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="session")
def site_url() -> Iterator[str]:
    """Return where the page's files are served, and nothing else: the API is up to the test."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_StaticPage, directory=str(PAGE))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
async def browsers() -> AsyncIterator[Browsers]:
    """Return a starter of Chromium processes, which end with the test."""
    async with running_browsers() as started:
        yield started
