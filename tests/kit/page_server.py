"""Serves the page's files, and answers the API of a tab that is on a stage as the test of that tab plays it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "web"
STAGE = "X-Stage"
"""Header that names the stage of a tab, in each request of that tab."""

Answer = tuple[int, dict[str, Any], dict[str, str]]
"""Status, body and headers."""
Play = Callable[[str], Answer]
"""Answers a path below `/api/v1`, its query included."""

stages: dict[str, Play] = {}
"""Stages by name. They outlive their tabs: a page may give a call back as it closes."""


class StaticPage(SimpleHTTPRequestHandler):
    """Serves the files of the page as the server does, with the Content-Security-Policy that they must bear."""

    protocol_version = "HTTP/1.1"  # forty small files on one connection
    wbufsize = 65_536  # a file and its headers leave together
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        if not self._play():
            super().do_GET()

    def do_POST(self) -> None:
        if not self._play():
            self.send_error(HTTPStatus.NOT_FOUND)

    do_PATCH = do_PUT = do_DELETE = do_POST

    def _play(self) -> bool:
        """Answer a request to the API of a tab on a stage. Return False for all others."""
        play, (_, api, path) = stages.get(self.headers.get(STAGE, "")), self.path.partition("/api/v1")
        if not play or not api:
            return False
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        status, body, headers = play(path)
        content = b"" if status == HTTPStatus.NO_CONTENT else json.dumps(body).encode()
        length = {} if status == HTTPStatus.NO_CONTENT else {"Content-Length": str(len(content))}
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **length, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        return True

    def end_headers(self) -> None:
        self.send_header("Content-Security-Policy", "default-src 'self'; media-src 'self' blob:; img-src 'self' data:")
        self.send_header("Cache-Control", "no-store")
        super().end_headers()

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving_page() -> Iterator[str]:
    """Yield the address of the page's files."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(StaticPage, directory=str(PAGE))) as server:
        server.block_on_close = False  # a browser may keep its connection
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
