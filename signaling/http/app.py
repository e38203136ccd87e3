"""The aiohttp application: every part of the HTTP side built and wired, with its routes and middlewares."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from aiohttp import web

from signaling.config import SignalingOptions
from signaling.http.access_control import AccessControl
from signaling.http.accounts.history import HistoryApi
from signaling.http.accounts.offer import offer_route
from signaling.http.accounts.past_calls import PastCallsApi
from signaling.http.accounts.routes import account_routes
from signaling.http.api import Api
from signaling.http.audit_trail import AuditTrail
from signaling.http.client_connections import ClientConnections
from signaling.http.forwarding import Forwarding
from signaling.http.messages import MessagesApi
from signaling.http.middlewares.failures import answer_failures
from signaling.http.middlewares.pacing import Pacing
from signaling.http.middlewares.request_count import count_requests
from signaling.http.middlewares.security_headers import security_headers
from signaling.http.operator.calls import OperatorCalls
from signaling.http.probes import Probes
from signaling.http.public_path import serve_below
from signaling.http.served_document import document_route
from signaling.http.sockets import SocketsApi
from signaling.http.static_pages import page_routes
from signaling.http.viewers import ViewersApi
from signaling.http.whip import WhipApi
from signaling.ports import Dependencies
from signaling.readiness import Readiness
from signaling.sessions.deleted_accounts import expel_deleted
from signaling.sessions.directory import Directory, LocalDirectory, random_code
from signaling.sessions.live_sessions import LiveSessions
from signaling.tokens import Tokens
from signaling.websocket.between_nodes import ALL_END_S
from storage.accounts.ports import Unavailable
from storage.session_snapshots import SessionSnapshots

LIVE_SESSIONS: web.AppKey[LiveSessions] = web.AppKey("live_sessions", LiveSessions)
READINESS: web.AppKey[Callable[[], Readiness]] = web.AppKey("readiness", Callable)  # type: ignore[arg-type]


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
    forwarding = Forwarding(sessions, access_control, tokens, dependencies.wall, places.lighter)
    trail = AuditTrail(accounts.audit, dependencies, access_control) if accounts is not None else None
    connections = ClientConnections(options, dependencies, sessions, access_control, places, trail)
    messages = MessagesApi(options, sessions, access_control, connections.serve)
    sockets = SocketsApi(options, access_control, connections, forwarding)
    probes = Probes(dependencies, sessions, places)

    audited = [trail.middleware()] if trail is not None else []
    placing = [count_requests(access_control, messages), forwarding.placing()]
    pages = page_routes(web_root) if web_root is not None else []
    files = frozenset(one.handler for one in pages)
    pacing = Pacing(access_control, options.limits.paced_of_address, dependencies.steady, files)
    middlewares = [answer_failures, pacing.middleware(), forwarding.sending(), *audited, *placing]
    app = web.Application(middlewares=middlewares, client_max_size=options.limits.message_bytes)
    app[LIVE_SESSIONS] = sessions
    app[READINESS] = probes.readiness
    routes = [*sockets.routes(), *probes.routes(), *messages.routes()]
    routes += _call_routes(options, dependencies, sessions, access_control)
    routes += _account_routes(options, dependencies, sessions, access_control, trail)
    routes.append(document_route(app, options.public_url))
    serve_below(app, options.public_url, routes + pages)
    app.on_shutdown.append(pacing.end)
    app.on_response_prepare.append(security_headers(options, access_control))
    app.cleanup_ctx.append(forwarding.running)
    _follow_the_life(app, dependencies, sessions, sockets, places)
    return app


def _call_routes(
    options: SignalingOptions, dependencies: Dependencies, sessions: LiveSessions, access_control: AccessControl
) -> list[web.RouteDef]:
    """Return the routes of calls, which no account is needed for, and those of the operator where there is a token."""
    routes = Api(dependencies, sessions, access_control).routes()
    routes += ViewersApi(sessions, access_control).routes()
    routes += WhipApi(dependencies, sessions, access_control).routes()
    if options.operator_token is not None and dependencies.engines is not None:
        routes += OperatorCalls(options.operator_token, dependencies.engines).routes()
    return routes


def _account_routes(
    options: SignalingOptions,
    dependencies: Dependencies,
    sessions: LiveSessions,
    access_control: AccessControl,
    trail: AuditTrail | None,
) -> list[web.RouteDef]:
    """Return the routes of people with an account, as far as this server has accounts and keeps calls."""
    accounts = dependencies.accounts
    routes = HistoryApi(dependencies, sessions, access_control, trail).routes()
    routes.append(offer_route(accounts, dependencies))
    if accounts is None or trail is None:
        return routes
    if dependencies.kept_calls is not None:
        routes += PastCallsApi(accounts, dependencies.kept_calls, sessions, access_control).routes()
    routes += account_routes(accounts, dependencies, access_control, sessions, options, trail)
    return routes


def _follow_the_life(
    app: web.Application,
    dependencies: Dependencies,
    sessions: LiveSessions,
    sockets: SocketsApi,
    places: Directory,
) -> None:
    """Restore sessions at the application's startup, expel deleted accounts, and close sockets at its shutdown."""
    accounts = dependencies.accounts
    if accounts is not None:
        accounts.revoked.follow(partial(expel_deleted, accounts, sessions))

    async def restore(app: web.Application) -> None:
        await sessions.restore()
        if accounts is not None:
            with suppress(Unavailable):  # it looks again soon
                await expel_deleted(accounts, sessions)

    async def close_connections(app: web.Application) -> None:
        sessions.close_connections()
        # Where all nodes end, each one tells its own clients so, after their last sentences.
        left_s = sessions.silent_at + ALL_END_S - dependencies.steady()
        await sockets.close(0 if places.has_others else max(0.0, left_s))

    app.on_startup.append(restore)
    app.on_shutdown.append(close_connections)
