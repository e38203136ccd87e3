"""Gives the signaling of one of several processes what these share by way of their parent."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

from aiohttp import web

from nodes.parent_channel import ParentChannel
from nodes.presence import LeaseOptions
from nodes.running import NodeOptions, node_over
from nodes.steps import Away
from server.nodes import Shared, session_life_s
from server.observe.nodes import NodeReadings
from server.port import open_port
from server.processes.figures import FiguresOfAll
from server.processes.place import OneOfSeveral
from server.settings import Settings
from server.tls.renewal import Renewal
from signaling.config import SignalingOptions
from signaling.sessions.directory import random_code

INSIDE = "127.0.0.1"
"""Address at which the processes reach one another."""
_LEASE = LeaseOptions(beat_s=0.5, forgets=False, even=0.0)
_HEARD_S = 0.1
"""Time within which the parent has got a signal that all processes got at once."""


@asynccontextmanager
async def shared_by_processes(
    process: OneOfSeveral, options: SignalingOptions, lost: Callable[[], None]
) -> AsyncIterator[Shared]:
    """Be one of several processes. `lost` is called once their parent is gone."""
    channel = ParentChannel(process.name, secrets.token_hex(8), lost)
    node_options = NodeOptions(
        name=process.name,
        websocket_url=lambda name: None,
        session_life_s=session_life_s(options),
        random_code=partial(random_code, options.code_digits),
        lease=_LEASE,
    )

    async def announce(address: str) -> None:
        with suppress(Away):
            await channel.ask("ready", process.name)

    async def stops(seconds: float) -> float:
        """Leave no session to the other processes where they all end; at once where the parent is gone.

        The next parent can have the port once all of its processes are gone, too.
        """
        await asyncio.sleep(_HEARD_S)
        try:
            all_end = await channel.ask("ends")
        except Away:
            all_end, seconds = True, 0.0
        if all_end:
            node.presence.roster.part()
        return seconds

    await channel.open(process.parent)
    async with asyncio.TaskGroup() as tasks:
        answers = tasks.create_task(channel.run())
        async with node_over(channel, channel, node_options) as node:
            figures = FiguresOfAll(process.name, node.presence.roster, partial(channel.ask, "starts"))
            yield Shared(
                node.ledger,
                node.directory,
                node.counts.limiter,
                node.presence.listens,
                [NodeReadings(node.ledger, node.directory)],
                open_port=partial(_open_both, process),
                announce=announce,
                stops=stops,
                figures=figures.of,
                late=process.late,
                judges=process.first,
            )
        answers.cancel()


@asynccontextmanager
async def _open_both(
    process: OneOfSeveral, settings: Settings, runner: web.AppRunner, renewal: Renewal | None
) -> AsyncIterator[str]:
    """Serve at an address for the other processes, and at the one port; yield the former."""
    inside = web.TCPSite(runner, INSIDE, 0)
    await inside.start()
    host, port, *_ = runner.addresses[0]
    async with open_port(settings, runner, renewal, process.listening):
        yield f"http://{host}:{port}"
