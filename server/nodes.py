"""Decides if this server is one of several nodes, and gives its signaling what nodes share."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from prometheus_client.registry import Collector

from server.observe.nodes import NodeReadings
from server.settings import BadSetting, Settings
from signaling.config import SignalingOptions
from signaling.rate_limits import LocalRateLimiter, Rate, RateLimiter
from signaling.sessions.directory import Directory, random_code
from storage.session_snapshots import SessionSnapshots


def _alone(name: str, rate: Rate) -> RateLimiter:
    return LocalRateLimiter(rate)


def _says_nothing(address: str) -> None:
    """Do nothing: nobody asks for this server's address."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Parts of signaling that nodes share; those of a server alone by default."""

    snapshots: SessionSnapshots
    directory: Directory | None = None
    rate_limiter: Callable[[str, Rate], RateLimiter] = _alone
    listens: Callable[[str], None] = _says_nothing
    """Call it with the address at which this server listens."""
    readings: Sequence[Collector] = ()
    """Figures of a node."""


@asynccontextmanager
async def shared_by_nodes(
    settings: Settings, options: SignalingOptions, snapshots: SessionSnapshots
) -> AsyncIterator[Shared]:
    """Be one of several nodes where `DRAGOMAN_NODE` names this one. Else `snapshots` are this server's. BadSetting."""
    if settings.node is None:
        yield Shared(snapshots)
        return
    try:
        from nodes.running import NodeOptions, running_node
    except ModuleNotFoundError:
        raise BadSetting("DRAGOMAN_NODE needs the extra `redis`: pip install 'dragoman[redis]'") from None
    sockets = f"ws{(options.public_url or '').rstrip('/').removeprefix('http')}/ws"
    node_options = NodeOptions(
        name=settings.node,
        redis_url=settings.redis_url or "",
        websocket_url=lambda name: f"{sockets}/{name}",
        session_life_s=options.limits.session_length_s + 2 * options.code_lifetime_s + options.grace_s,
        random_code=partial(random_code, options.code_digits),
    )
    async with running_node(node_options) as node:
        yield Shared(
            node.ledger,
            node.directory,
            node.counts.limiter,
            lambda address: node.presence.listens(settings.node_url or address),
            [NodeReadings(node.ledger, node.directory)],
        )
