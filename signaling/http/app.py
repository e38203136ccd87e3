"""The aiohttp application: every route, every refusal in the documented shape, and the security headers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from signaling.config import SignalingOptions
from signaling.dispatch import converse
from signaling.http.access_control import AccessControl
from signaling.http.api import Api
from signaling.http.static_pages import page_routes
from signaling.ports import Dependencies
from signaling.refusal import Code, Refusal
from signaling.sessions.live_sessions import LiveSessions
from signaling.tokens import Tokens
from signaling.websocket.connection import ClientConnection
from storage.sqlite import SqliteSessions

log = logging.getLogger(__name__)

WEBSOCKET = "/ws"

SWITCHBOARD: web.AppKey[LiveSessions] = web.AppKey("switchboard", LiveSessions)


def make_app(
    config: SignalingOptions,
    ports: Dependencies,
    *,
    tasks: asyncio.TaskGroup,
    store: SqliteSessions,
    tokens: Tokens,
    web_root: Path | None = None,
) -> web.Application:
    """The application, ready for an AppRunner. Sessions of an earlier process are taken back at its startup.

    `tasks` holds a task for each session: await `app[SWITCHBOARD].shutdown(timeout)` before the runner's
    cleanup and before that group is left; where an error prevents that, the sessions stay in the store for the
    next process. More routes may be added before the runner is set up.
    """
    switchboard = LiveSessions(config, ports, tasks=tasks, store=store, tokens=tokens)
    gate = AccessControl(config, ports, tokens)

    async def websocket(request: web.Request) -> web.StreamResponse:
        gate.check_origin(request)
        return await converse(request, switchboard, ClientConnection(config, ports))

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(request: web.Request) -> web.Response:
        is_ready = ports.ready() and not switchboard.closing
        return web.json_response({"ready": is_ready}, status=200 if is_ready else 503)

    async def restore(app: web.Application) -> None:
        await switchboard.restore()

    async def hang_up(app: web.Application) -> None:
        switchboard.hang_up()

    app = web.Application(middlewares=[_refusals, _counted(gate)], client_max_size=config.limits.message_bytes)
    app[SWITCHBOARD] = switchboard
    app.add_routes([web.get(WEBSOCKET, websocket), web.get("/health", health), web.get("/ready", ready)])
    app.add_routes(Api(ports, switchboard, gate).routes())
    if web_root is not None:
        app.add_routes(page_routes(web_root))
    app.on_response_prepare.append(_headers(config))
    app.on_startup.append(restore)
    app.on_shutdown.append(hang_up)
    return app


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every failure as `{"error": {...}}`, ours and aiohttp's."""
    try:
        return await handler(request)
    except Refusal as problem:
        return _answer(problem, problem.status)
    except web.HTTPRequestEntityTooLarge:
        return _answer(Refusal(Code.TOO_LARGE, "the body is too large"), 413)
    except web.HTTPNotFound:
        return _answer(Refusal(Code.NOT_FOUND, "there is nothing at this path"), 404)
    except web.HTTPMethodNotAllowed as problem:
        answer = _answer(Refusal(Code.BAD_REQUEST, "this path has no such method"), 405)
        answer.headers[hdrs.ALLOW] = ", ".join(sorted(problem.allowed_methods))
        return answer
    except web.HTTPException as problem:
        if problem.status < 400:
            raise
        return _answer(Refusal(Code.BAD_REQUEST, problem.reason), problem.status)
    # The request's boundary: a defect costs this request, and the client is told in the documented shape.
    except Exception:
        if request.path == WEBSOCKET:
            raise  # too late for an answer: the connection is dropped, and the client may resume
        log.exception("request failed method=%s path=%s", request.method, ascii(request.path))
        return _answer(Refusal(Code.INTERNAL, "the server has failed to answer this"), 500)


def _counted(gate: AccessControl) -> Middleware:
    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Pages and probes are free; the API and the WebSocket are counted for the address."""
        if request.path == WEBSOCKET or request.path.startswith("/api/"):
            gate.count_request(request)
        return await handler(request)

    return counted


def _answer(problem: Refusal, status: int) -> web.Response:
    answer = web.json_response(problem.as_json(), status=status)
    if problem.retry_after is not None:
        answer.headers[hdrs.RETRY_AFTER] = str(problem.retry_after)
    if status == 401:
        answer.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return answer


def _headers(config: SignalingOptions) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    # 'self' covers a WebSocket to the page's own host (CSP 3); a configured public name may be another one.
    connect = "'self'"
    if config.public_url is not None:
        public = urlsplit(config.public_url)
        connect += f" {'wss' if public.scheme == 'https' else 'ws'}://{public.netloc}"
    policy = "; ".join(
        [
            "default-src 'self'",
            f"connect-src {connect}",
            "media-src 'self' blob:",
            "img-src 'self' data:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": "microphone=(self), camera=()",
    }

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(headers)
        if request.path.startswith("/api/"):
            # Tokens and codes are in there.
            response.headers[hdrs.CACHE_CONTROL] = "no-store"

    return add
