"""Serves every route also below the path of the public URL: not every proxy takes its path off a request."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from aiohttp import web

_PREFIX: web.AppKey[str] = web.AppKey("public_prefix", str)
"""Such as `/call`; empty where the server has a host of its own."""


def serve_below(app: web.Application, public_url: str | None, routes: Iterable[web.RouteDef]) -> None:
    """Add the routes to the application, and each of them below the path of its public URL, too."""
    given = list(routes)
    app.add_routes(given)
    prefix = app[_PREFIX] = urlsplit(public_url or "").path.rstrip("/")
    if not prefix:
        return

    async def to_folder(request: web.Request) -> web.Response:
        """Redirect to the page's folder: its last slash is what relative addresses are resolved against."""
        return web.Response(status=308, headers={"Location": f"{prefix}/"})

    app.add_routes([web.route(one.method, prefix + one.path, one.handler, **one.kwargs) for one in given])
    app.add_routes([web.get(prefix, to_folder)])


def path_inside(request: web.Request) -> str:
    """Return the path of a request as its route names it: without the path of the public URL."""
    prefix = request.app[_PREFIX]
    if prefix and request.path.startswith(f"{prefix}/"):
        return request.path.removeprefix(prefix)
    return request.path
