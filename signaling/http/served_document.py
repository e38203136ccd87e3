"""Serves /openapi.json: the rows of those operations for which this server has routes."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from aiohttp import web

from signaling.http.openapi import document
from signaling.http.operations import OPERATIONS
from signaling.http.operations.row import Operation
from signaling.http.static_pages import StaticFile, page_of, serve_page


def served_operations(app: web.Application) -> list[Operation]:
    """Return the rows of the routes that the application has."""
    routes = {(route.method, route.resource.canonical) for route in app.router.routes() if route.resource}
    return [row for row in OPERATIONS if (row.method, row.path) in routes]


def document_route(app: web.Application, public_url: str | None) -> web.RouteDef:
    """Return the route of the document, which is written once the application starts: routes may be added until then.

    `public_url`: its path is where the document says that the server's paths begin.
    """
    page: StaticFile | None = None

    async def write(app: web.Application) -> None:
        nonlocal page
        base = urlsplit(public_url or "").path.rstrip("/") or "/"
        text = json.dumps(document(served_operations(app), base), ensure_ascii=False, separators=(",", ":"))
        page = page_of(text.encode(), "application/json", compressible=True)

    async def serve(request: web.Request) -> web.StreamResponse:
        assert page is not None, "the application has started"
        return await serve_page(page)(request)

    app.on_startup.append(write)
    return web.get("/openapi.json", serve)
