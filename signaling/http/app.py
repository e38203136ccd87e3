"""The aiohttp application: every route, every refusal in the documented shape, and the security headers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from signaling.carrier import Carrier
from signaling.config import SignalingOptions
from signaling.dispatch import HandOn, serve_client
from signaling.http.access_control import AccessControl
from signaling.http.accounts.history import HistoryApi
from signaling.http.accounts.offer import offer_route
from signaling.http.accounts.past_calls import PastCallsApi
from signaling.http.accounts.routes import account_routes
from signaling.http.api import Api
from signaling.http.audit_trail import AuditTrail
from signaling.http.event_stream import STREAMED
from signaling.http.forwarding import Forwarding
from signaling.http.messages import MessagesApi, brings_message
from signaling.http.operator.calls import OperatorCalls
from signaling.http.public_path import path_inside, serve_below
from signaling.http.served_document import document_route
from signaling.http.static_pages import page_routes
from signaling.http.strict_transport import strict_transport
from signaling.http.viewers import ViewersApi
from signaling.http.whip import WhipApi
from signaling.ports import Dependencies
from signaling.readiness import Degraded, Readiness
from signaling.refusal import Code, Refusal
from signaling.sessions.deleted_accounts import expel_deleted
from signaling.sessions.directory import Directory, Elsewhere, LocalDirectory, random_code
from signaling.sessions.live_sessions import LiveSessions
from signaling.tokens import Tokens
from signaling.websocket.between_nodes import ALL_END_S, SocketsBetweenNodes
from signaling.websocket.connection import ClientConnection
from signaling.websocket.socket import WebSocketCarrier
from storage.accounts.ports import Unavailable
from storage.session_snapshots import SessionSnapshots

log = logging.getLogger(__name__)

WEBSOCKET = "/ws"
WEBSOCKET_OF_NODE = "/ws/{node}"
"""Path of one of several nodes: a proxy sends a socket to the one that it names."""

LIVE_SESSIONS: web.AppKey[LiveSessions] = web.AppKey("live_sessions", LiveSessions)
READINESS: web.AppKey[Callable[[], Readiness]] = web.AppKey("readiness", Callable)  # type: ignore[arg-type]

_COUNTED: web.RequestKey[bool] = web.RequestKey("counted", bool)
"""True for a request that counts already: one that another node could have done comes by a second time."""


def make_app(
    options: SignalingOptions,
    dependencies: Dependencies,
    *,
    tasks: asyncio.TaskGroup,
    snapshots: SessionSnapshots,
    tokens: Tokens,
    directory: Directory | None = None,
    web_root: Path | None = None,
) -> web.Application:
    """Return the application, ready for an AppRunner. Its startup restores the sessions of an earlier process.

    `tasks` gets a task for each session: await `app[LIVE_SESSIONS].shutdown(timeout)` before the runner's cleanup
    and before that group is left. Where an error prevents that, the sessions stay in the snapshots for the next
    process. `directory` is that of this process alone unless it is given. Without a `web_root` there are no pages.
    More routes may be added before the runner is set up.
    """
    accounts = dependencies.accounts
    if accounts is not None:
        tokens = tokens.refusing(accounts.revoked.kills)
    places: Directory = directory or LocalDirectory(partial(random_code, options.code_digits))
    dependencies = replace(dependencies, takes_back=lambda: places.admits)
    sessions = LiveSessions(
        options,
        dependencies,
        tasks=tasks,
        snapshots=snapshots,
        directory=places,
        tokens=tokens,
    )
    access_control = AccessControl(options, dependencies, tokens)
    carried = SocketsBetweenNodes(options)
    forwarding = Forwarding(sessions, access_control, tokens, dependencies.wall, places.lighter)
    trail = AuditTrail(accounts.audit, dependencies, access_control) if accounts is not None else None

    def readiness() -> Readiness:
        away = set(dependencies.away())
        if accounts is not None and accounts.revoked.away:
            away.add(Degraded.ACCOUNTS_DATABASE)
        if places.away:
            away.add(Degraded.DIRECTORY)
        ending = sessions.closing
        stages, ready = dependencies.stages(), dependencies.ready()
        return Readiness(stages, ready, ending, frozenset(away), places.admits, places.others_take)

    async def serve(request: web.Request, carrier: Carrier, hand_on: HandOn | None = None) -> web.StreamResponse:
        if not places.admits:  # a proxy asks another node then
            raise Refusal(Code.AT_CAPACITY, "this server can let nobody in just now", retry_after=1)

        def joined(session: str, user: str | None, outcome: str) -> None:
            if trail is not None:
                trail.connected(request, session, user, outcome)

        def withdrew(session: str, user: str) -> None:
            if trail is not None:
                trail.withdrew(request, session, user)

        connection = ClientConnection(carrier, options, dependencies, access_control.came(request))
        await serve_client(sessions, connection, joined, withdrew, request.match_info.get("node"), hand_on)
        return carrier.response

    async def websocket(request: web.Request) -> web.StreamResponse:
        access_control.check_origin(request)
        carrier, came = WebSocketCarrier(request, options), access_control.came(request)
        taken: list[aiohttp.ClientWebSocketResponse] = []

        async def hand_on(place: Elsewhere, first: str) -> bool:
            if carried.full:
                log.warning("no more sockets are carried", extra={"carried": len(carried)})
                return False
            node = await forwarding.open_socket(place, request, first, came)
            taken.extend([] if node is None else [node])
            return node is not None

        try:
            return await serve(request, carrier, None if access_control.forwarded_from(request) else hand_on)
        finally:
            for node in taken:
                await carried.carry(carrier.socket, node)

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def ready(request: web.Request) -> web.Response:
        found = readiness()
        return web.json_response(found.as_json(), status=200 if found.ready else 503)

    async def restore(app: web.Application) -> None:
        await sessions.restore()
        if accounts is not None:
            with suppress(Unavailable):  # it looks again soon
                await expel_deleted(accounts, sessions)

    async def close_connections(app: web.Application) -> None:
        sessions.close_connections()
        # Where all end, each tells its people so itself, after their last sentences.
        left_s = sessions.silent_at + ALL_END_S - dependencies.steady()
        await carried.close(0 if places.has_others else max(0.0, left_s))

    audited = [trail.middleware()] if trail is not None else []
    messages = MessagesApi(options, sessions, access_control, serve)
    placing = [_count_requests(access_control, messages), forwarding.placing()]
    middlewares = [_answer_failures, forwarding.sending(), *audited, *placing]
    app = web.Application(middlewares=middlewares, client_max_size=options.limits.message_bytes)
    app[LIVE_SESSIONS] = sessions
    app[READINESS] = readiness
    routes = [web.get(path, websocket) for path in (WEBSOCKET, WEBSOCKET_OF_NODE)]
    routes += [web.get("/health", health), web.get("/ready", ready)]
    routes += Api(dependencies, sessions, access_control).routes()
    routes += ViewersApi(sessions, access_control).routes()
    routes += WhipApi(dependencies, sessions, access_control).routes()
    routes += messages.routes()
    routes += HistoryApi(dependencies, sessions, access_control, trail).routes()
    if dependencies.accounts is not None and dependencies.kept_calls is not None:
        routes += PastCallsApi(dependencies.accounts, dependencies.kept_calls, sessions, access_control).routes()
    routes.append(offer_route(accounts, dependencies))
    if accounts is not None and trail is not None:
        routes += account_routes(accounts, dependencies, access_control, sessions, options, trail)
        accounts.revoked.follow(partial(expel_deleted, accounts, sessions))
    if options.operator_token is not None and dependencies.engines is not None:
        routes += OperatorCalls(options.operator_token, dependencies.engines).routes()
    routes.append(document_route(app, options.public_url))
    if web_root is not None:
        routes += page_routes(web_root)
    serve_below(app, options.public_url, routes)
    app.on_response_prepare.append(_security_headers(options, access_control))
    app.cleanup_ctx.append(forwarding.running)
    app.on_startup.append(restore)
    app.on_shutdown.append(close_connections)
    return app


@web.middleware
async def _answer_failures(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer every failure, ours and aiohttp's, with `{"error": {...}}`."""
    try:
        return await handler(request)
    except Refusal as problem:
        return _answer(problem, problem.status)
    except Unavailable:
        return _answer(Refusal(Code.AT_CAPACITY, "the accounts' database does not answer", retry_after=5), 503)
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
    # The request's boundary: a defect costs this request alone, and is answered in the documented shape.
    except Exception:
        if _is_websocket(request) or STREAMED in request:
            raise  # too late for an answer: the connection is dropped, and the client may resume
        log.exception("request failed", extra={"method": request.method, "path": ascii(request.path)})
        return _answer(Refusal(Code.INTERNAL, "the server has failed to answer this"), 500)


def _count_requests(access_control: AccessControl, messages: MessagesApi) -> Middleware:
    @web.middleware
    async def count(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Count requests of the API and the WebSocket.

        Pages and probes are free, and so are messages of streams that are open here, and what another node has
        counted. A message for a stream elsewhere counts once it is refused, but not every one may ask for its place.
        """
        counts = _is_websocket(request) or path_inside(request).startswith("/api/")
        if counts and _COUNTED not in request and not access_control.forwarded_from(request):
            request[_COUNTED] = True
            if not brings_message(request, access_control):
                access_control.count_request(request)
            elif not messages.has_stream_of(request):
                access_control.check_requests(request)
        return await handler(request)

    return count


def _is_websocket(request: web.Request) -> bool:
    path = path_inside(request)
    return path == WEBSOCKET or path.startswith(f"{WEBSOCKET}/")


def _answer(problem: Refusal, status: int) -> web.Response:
    answer = web.json_response(problem.as_json(), status=status)
    if problem.retry_after is not None:
        answer.headers[hdrs.RETRY_AFTER] = str(problem.retry_after)
    if status == 401:
        answer.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    return answer


def _security_headers(
    options: SignalingOptions, access_control: AccessControl
) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
    # 'self' covers a WebSocket to the page's own host (CSP 3); a configured public name may be another one.
    connect = "'self'"
    if options.public_url is not None:
        public = urlsplit(options.public_url)
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
        if access_control.scheme(request) == "https" and (tls_alone := strict_transport(options, request.host)):
            response.headers["Strict-Transport-Security"] = tls_alone
        if path_inside(request).startswith("/api/") and STREAMED not in request:  # a stream has said so, and more
            # Tokens and codes are in there.
            response.headers[hdrs.CACHE_CONTROL] = "no-store"

    return add
