"""Two hundred calls, half of them abrupt: nothing stays behind."""

import asyncio
import threading
from dataclasses import replace

from signaling.config import SignalingOptions
from tests.kit.moved_clock import until
from tests.kit.signaling_server import GENEROUS, Front, open_front


async def one_call(front: Front, abrupt: bool) -> None:
    ana, bo = await front.pair()
    await bo.say({"type": "offer", "negotiation": 1, "sdp": "hello"})
    await bo.hear("answer")
    if abrupt:
        await ana.vanish()
        await bo.vanish()
    else:
        await ana.say({"type": "leave_session"})
        await ana.hear("session_ended")
        await bo.hear("session_ended")
        assert await ana.next() == await bo.next() == 1000


async def test_tasks_threads_and_sockets_return_to_where_they_were() -> None:
    config = SignalingOptions(limits=replace(GENEROUS, sessions=500), grace_s=0.3, close_handshake_s=0.3)
    async with open_front(config) as front:
        await one_call(front, abrupt=False)
        await asyncio.sleep(0.1)
        tasks, threads = len(asyncio.all_tasks()), threading.active_count()
        for batch in range(10):
            await asyncio.gather(*(one_call(front, abrupt=(batch + number) % 2 == 0) for number in range(20)))
        await until(lambda: len(front.sessions) + len(front.sessions.connections) == 0)
        assert all(room.closed for room in front.rooms) and len(front.rooms) == 201
        live, ended = await front.store.load(0)
        assert live == [] and len(ended) == 201

        # aiohttp keeps its idle keep-alive connections, each with a task: they are not ours to count.
        def mine() -> int:
            return len([one for one in asyncio.all_tasks() if "RequestHandler" not in repr(one)])

        await until(lambda: mine() <= tasks and threading.active_count() <= threads)
