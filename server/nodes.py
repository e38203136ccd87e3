"""Decides if this server is one of several nodes, and gives its signaling what nodes share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from aiohttp import web
from prometheus_client.registry import Collector

from server.observe.exposition import Exposition
from server.observe.nodes import NodeReadings
from server.port import open_port
from server.settings import BadSetting, Settings
from server.tls.renewal import Renewal
from signaling.config import SignalingOptions
from signaling.rate_limits import LocalRateLimiter, Rate, RateLimiter
from signaling.sessions.directory import Directory, random_code
from storage.session_snapshots import SessionSnapshots

Page: TypeAlias = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _alone(name: str, rate: Rate) -> RateLimiter:
    return LocalRateLimiter(rate)


def _says_nothing(address: str) -> None:
    """Do nothing: nobody asks for this server's address."""


async def _print_ready(address: str) -> None:
    print(f"ready {address}", flush=True)


async def _stops_alone(seconds: float) -> float:
    """Return the time as it is: no other server has to know."""
    return seconds


def _own_figures(exposition: Exposition) -> Page:
    return exposition.page


def session_life_s(options: SignalingOptions) -> float:
    """Return the time after which no session can live, however often its process changed."""
    return options.limits.session_length_s + 2 * options.code_lifetime_s + options.grace_s


@dataclass(frozen=True, slots=True)
class Shared:
    """Parts of signaling that nodes share; those of a server alone by default."""

    snapshots: SessionSnapshots
    directory: Directory | None = None
    rate_limiter: Callable[[str, Rate], RateLimiter] = _alone
    listens: Callable[[str], None] = _says_nothing
    """Call it with the address at which other servers reach this one."""
    readings: Sequence[Collector] = ()
    """Figures of a node."""
    open_port: Callable[[Settings, web.AppRunner, Renewal | None], AbstractAsyncContextManager[str]] = open_port
    """Serves an application; yields its address."""
    announce: Callable[[str], Awaitable[None]] = _print_ready
    """Await it once the engines are ready, with that address."""
    stops: Callable[[float], Awaitable[float]] = _stops_alone
    """Await it once this server was asked to stop, with the seconds that sentences in flight get; returns them."""
    figures: Callable[[Exposition], Page] = _own_figures
    """Returns the page of `GET /metrics`."""
    late: bool = False
    """True if others serve the same port meanwhile: this server opens it once its engines are ready."""
    judges: bool = True
    """True if this server judges weights that nobody has judged yet."""


@asynccontextmanager
async def shared_by_nodes(
    settings: Settings, options: SignalingOptions, snapshots: SessionSnapshots
) -> AsyncIterator[Shared]:
    """Be one of several nodes where `DRAGOMAN_NODE` names this one. Else `snapshots` are this server's. BadSetting."""
    if settings.node is None:
        yield Shared(snapshots)
        return
    try:
        from nodes.over_redis import running_node
    except ModuleNotFoundError:
        raise BadSetting("DRAGOMAN_NODE needs the extra `redis`: pip install 'dragoman[redis]'") from None
    from nodes.running import NodeOptions

    sockets = f"ws{(options.public_url or '').rstrip('/').removeprefix('http')}/ws"
    node_options = NodeOptions(
        name=settings.node,
        websocket_url=lambda name: f"{sockets}/{name}",
        session_life_s=session_life_s(options),
        random_code=partial(random_code, options.code_digits),
    )
    async with running_node(node_options, settings.redis_url or "") as node:
        yield Shared(
            node.ledger,
            node.directory,
            node.counts.limiter,
            lambda address: node.presence.listens(settings.node_url or address),
            [NodeReadings(node.ledger, node.directory)],
        )
