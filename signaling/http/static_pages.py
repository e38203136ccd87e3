"""Serves the web client's files from memory, compressed and with entity tags (RFC 9110, 8.8.3).

Each has an entity tag (RFC 9110, 8.8.3); text is compressed.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import hdrs, web

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}


_COMPRESSIBLE = frozenset({".css", ".html", ".js", ".json", ".svg", ".webmanifest"})


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file in memory."""

    body: bytes
    type: str
    tag: str
    """Strong entity tag of `body`."""
    gzipped: bytes | None = None
    """The same body for clients that accept gzip (RFC 9110, 8.4.1.3); None where it is not compressed."""

    @property
    def gzip_tag(self) -> str:
        """Entity tag of `gzipped`: another representation has another strong tag."""
        return f'{self.tag[:-1]}-gzip"'


def read_pages(root: Path) -> dict[str, StaticFile]:
    """Return URL path → page for each file of a known type below `root`.

    An `index.html` also stands for its folder, and another page for its name without an ending.
    """
    pages: dict[str, StaticFile] = {}
    for path in sorted(root.rglob("*")):
        kind = TYPES.get(path.suffix)
        if kind is None or not path.is_file():
            continue
        page = page_of(path.read_bytes(), kind, compressible=path.suffix in _COMPRESSIBLE)
        url = "/" + path.relative_to(root).as_posix()
        pages[url] = page
        if path.name == "index.html":
            pages[url.removesuffix("index.html")] = page
        elif path.suffix == ".html":
            pages[url.removesuffix(".html")] = page
    return pages


def page_of(body: bytes, kind: str, *, compressible: bool) -> StaticFile:
    """Return the page of a body of that media type."""
    gzipped = gzip.compress(body, mtime=0) if compressible else None
    return StaticFile(body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"', gzipped)


def page_routes(root: Path) -> list[web.RouteDef]:
    """Return a route for each page below `root`."""
    return [web.get(url, serve_page(page)) for url, page in read_pages(root).items()]


def serve_page(page: StaticFile) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """Return the handler of a page."""

    async def serve(request: web.Request) -> web.StreamResponse:
        gzipped = page.gzipped if "gzip" in request.headers.get(hdrs.ACCEPT_ENCODING, "") else None
        tag = page.tag if gzipped is None else page.gzip_tag
        # Browsers ask each time and get a body seldom: a new version of the server is a new page at once.
        headers = {hdrs.ETAG: tag, hdrs.CACHE_CONTROL: "no-cache", hdrs.VARY: hdrs.ACCEPT_ENCODING}
        if tag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            return web.Response(status=304, headers=headers)
        headers[hdrs.CONTENT_TYPE] = page.type
        if gzipped is None:
            return web.Response(body=page.body, headers=headers)
        headers[hdrs.CONTENT_ENCODING] = "gzip"
        return web.Response(body=gzipped, headers=headers)

    return serve
