"""The web client's files: read once at the start, served from memory with an entity tag (RFC 9110, 8.8.3)."""

from __future__ import annotations

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


@dataclass(frozen=True, slots=True)
class Page:
    body: bytes
    type: str
    tag: str


def read_pages(root: Path) -> dict[str, Page]:
    """URL path → page, for each file of a known type below `root`; `index.html` also stands for its folder."""
    pages: dict[str, Page] = {}
    for path in sorted(root.rglob("*")):
        kind = TYPES.get(path.suffix)
        if kind is None or not path.is_file():
            continue
        body = path.read_bytes()
        page = Page(body, kind, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        url = "/" + path.relative_to(root).as_posix()
        pages[url] = page
        if path.name == "index.html":
            pages[url.removesuffix("index.html")] = page
    return pages


def page_routes(root: Path) -> list[web.RouteDef]:
    return [web.get(url, _serve(page)) for url, page in read_pages(root).items()]


def _serve(page: Page) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        # Always asked again, seldom sent again: a new version of the server is a new page at once.
        headers = {hdrs.ETAG: page.tag, hdrs.CACHE_CONTROL: "no-cache", hdrs.CONTENT_TYPE: page.type}
        if page.tag in request.headers.get(hdrs.IF_NONE_MATCH, ""):
            del headers[hdrs.CONTENT_TYPE]
            return web.Response(status=304, headers=headers)
        return web.Response(body=page.body, headers=headers)

    return serve
