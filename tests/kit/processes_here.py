"""Nodes `p1` and `p2` of one parent, with a scripted room behind each, all in this process, at one address."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from nodes.parent_channel import ParentChannel, answer_child
from nodes.presence import LeaseOptions
from nodes.rooms_in_memory import RoomsInMemory
from nodes.running import Node, NodeOptions, node_over
from signaling.sessions.directory import random_code
from signaling.tokens import AccessClaims, Tokens
from storage.sqlite import SqliteSessions
from tests.kit.moved_clock import until
from tests.kit.nodes import KEY, LEASE_S, NEVER_S
from tests.kit.signaling_server import Client, Front, open_front

LIFE_MS = 3_600_000


@dataclass
class HereProcess:
    """A process of this process. It shows a sign of life at its start, and then when `beat` is called."""

    node: Node
    front: Front
    rooms: RoomsInMemory

    async def beat(self) -> None:
        """Show a sign of life."""
        await self.node.presence.beat(self.node.directory)

    def person(self, name: str) -> Client:
        """Return somebody with an access token, whom no request had to make."""
        user = f"u_{name}"
        return Client(self.front, Tokens(KEY).issue_access(AccessClaims(user, name), time.time()), user)


@asynccontextmanager
async def children_of(rooms: RoomsInMemory, *names: str) -> AsyncIterator[list[ParentChannel]]:
    """Run a parent's end for each child, and yield the children's ends."""
    answers = {name: getattr(rooms, name) for name in dir(rooms) if not name.startswith("_")}
    async with asyncio.TaskGroup() as tasks:
        channels = []
        for number, name in enumerate(names):
            ours, theirs = socket.socketpair()
            channel = ParentChannel(name, f"token {number}", lambda: None)
            await channel.open(theirs)
            channels.append(channel)
            tasks.create_task(answer_child(ours, answers))
            tasks.create_task(channel.run())
        yield channels
        for channel in channels:
            if channel._writer is not None:
                channel._writer.close()


@asynccontextmanager
async def two_processes(**front: Any) -> AsyncIterator[tuple[HereProcess, HereProcess]]:
    """Run both, which know of one another. `front` are arguments of `open_front`."""
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(SqliteSessions(":memory:"))
        rooms = RoomsInMemory(store, LIFE_MS, lambda: int(time.monotonic() * 1000))
        lease = LeaseOptions(LEASE_S, NEVER_S, forgets=False, even=0.0)
        found = []
        for channel in await stack.enter_async_context(children_of(rooms, "p1", "p2")):
            options = NodeOptions(channel.name, lambda name: None, 3600, random_code, lease)
            node = await stack.enter_async_context(node_over(channel, channel, options))
            opened = await stack.enter_async_context(open_front(node=node, key=KEY, **front))
            await until(lambda node=node: node.presence.holds)  # type: ignore[misc]
            found.append(HereProcess(node, opened, rooms))
        await found[0].beat()
        yield found[0], found[1]


async def pair_over(a: HereProcess, b: HereProcess) -> tuple[Client, Client]:
    """Make a call at `a` whose second person, socket and all, came to `b`."""
    ana, bo = a.person("ana"), b.person("bo")
    created = await ana.create("es")
    joined = await bo.join(ana.code, "en")
    assert [one["wsUrl"] for one in (created, joined)] == [
        f"ws{one.front.url.removeprefix('http')}/ws" for one in (a, b)
    ], "each is told the host by which it came"
    for one in (ana, bo):
        await one.open()
        await one.hear("session_joined")
    await ana.hear("session_paired")
    return ana, bo
