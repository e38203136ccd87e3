"""A reverse proxy as operators set up: it shows a server below a path of another host, HTTP and WebSocket."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import WSMsgType, web

HOP_BY_HOP = {"connection", "host", "keep-alive", "transfer-encoding", "upgrade", "content-length", "content-encoding"}


@dataclass
class PathProxy:
    """Shows `target` below `path`. `strips`: takes the path off, as nginx does where `proxy_pass` ends in a slash."""

    path: str
    strips: bool
    target: str = ""
    url: str = ""
    """Address at which the proxy shows the server's page, with its last slash."""
    missed: list[str] = field(default_factory=list)
    """Paths that were answered by 404."""
    asked: list[str] = field(default_factory=list)

    async def serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        if request.path == self.path and self.strips:
            raise web.HTTPMovedPermanently(f"{self.path}/")  # as nginx does
        if request.path != self.path and not request.path.startswith(f"{self.path}/"):
            self.missed.append(request.path)
            raise web.HTTPNotFound
        inner = request.path_qs.removeprefix(self.path) if self.strips else request.path_qs
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._carry(request, inner)
        headers = {name: value for name, value in request.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["Host"] = request.host
        async with (
            aiohttp.ClientSession() as http,
            http.request(
                request.method, self.target + inner, headers=headers, data=await request.read(), allow_redirects=False
            ) as answer,
        ):
            if answer.status == 404:
                self.missed.append(request.path)
            kept = {name: value for name, value in answer.headers.items() if name.lower() not in HOP_BY_HOP}
            return web.Response(status=answer.status, headers=kept, body=await answer.read())

    async def _carry(self, request: web.Request, inner: str) -> web.StreamResponse:
        headers = {"Origin": request.headers["Origin"], "Host": request.host} if "Origin" in request.headers else {}
        async with aiohttp.ClientSession() as http, http.ws_connect(self.target + inner, headers=headers) as behind:
            front = web.WebSocketResponse()
            await front.prepare(request)
            await asyncio.gather(_copy(front, behind), _copy(behind, front))
            return front


Socket = web.WebSocketResponse | aiohttp.ClientWebSocketResponse


async def _copy(source: Socket, sink: Socket) -> None:
    async for message in source:
        if message.type is WSMsgType.TEXT:
            await sink.send_str(message.data)
    await sink.close(code=source.close_code or 1000)


@asynccontextmanager
async def path_proxy(path: str, *, strips: bool) -> AsyncIterator[PathProxy]:
    """Run a proxy on a free port; its `target` may be set later."""
    proxy = PathProxy(path, strips)
    app = web.Application()
    app.router.add_route("*", "/{anything:.*}", proxy.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        proxy.url = f"http://127.0.0.1:{runner.addresses[0][1]}{path}/"
        yield proxy
    finally:
        await runner.cleanup()
