"""A viewer reads by any node, and goes on reading where the session has moved to another."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from media.subtitles.server_messages import ServerMessages
from pipeline.events import Transcribed
from tests.kit.moved_clock import until
from tests.kit.nodes import HereNode, pair_over, two_nodes
from tests.kit.redis_server import RedisServer
from tests.kit.subtitles_reader import reading


def writer(session: str) -> Any:
    return ServerMessages(session, "", asyncio.get_running_loop().time, lambda: 1_800_000_000_000).write


def say(node: HereNode, utterance: str, text: str) -> None:
    node.front.room.tell(Transcribed(utterance, "p_ana", 0, text, 0, True, "es", 0, 900, 0.9))


async def test_a_viewer_reads_by_any_node_and_after_a_move(redis: RedisServer) -> None:
    async with two_nodes(redis, subtitles=writer) as (a, b):
        ana, bo = await pair_over(a, b)
        path = f"/sessions/{ana.session}/viewers"
        status, viewer = await b.front.call("POST", path, None, ana.resume_token)
        assert status == 201
        token, last = viewer["token"], 0
        async with reading(b.front.http, b.front.url, ana.session, token) as reader:
            say(a, "u-1", "one")
            assert (await reader.next() or {})["text"] == "one"
            last = reader.last
            await a.front.sessions.shutdown(60)
            assert await reader.next() is None, "the session is not over"
        for one in (ana, bo):
            one.front = b.front
            await one.open(one.resume_token)
            await one.hear("session_joined")
        await until(lambda: bool(b.front.rooms))
        say(b, "u-2", "two")
        async with reading(b.front.http, b.front.url, ana.session, token, last) as reader:
            assert (await reader.next() or {})["code"] == "gap"
            assert (await reader.next() or {})["text"] == "two"
            await ana.call("DELETE", f"/sessions/{ana.session}")
            assert await reader.next() == {"type": "ended", "reason": "session_ended"}


async def test_a_viewer_is_taken_back_by_way_of_any_node(redis: RedisServer) -> None:
    async with two_nodes(redis, subtitles=writer) as (a, b):
        ana, _ = await pair_over(a, b)
        path = f"/sessions/{ana.session}/viewers"
        _, viewer = await b.front.call("POST", path, None, ana.resume_token)
        async with reading(b.front.http, b.front.url, ana.session, viewer["token"]) as reader:
            status, _ = await b.front.call("DELETE", f"{path}/{viewer['viewerId']}", None, ana.resume_token)
            assert status == 204
            assert await reader.next() == {"type": "ended", "reason": "revoked"}


async def test_a_stream_that_is_handed_on_ends_soon_after_its_reader_has_gone(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("signaling.http.viewers.PING_EVERY_S", 1e6)  # nothing is written that could show it
    monkeypatch.setattr("signaling.http.forwarding._TIMEOUT", aiohttp.ClientTimeout(total=None))
    async with two_nodes(redis, subtitles=writer) as (a, b):
        ana, _ = await pair_over(a, b)
        _, viewer = await b.front.call("POST", f"/sessions/{ana.session}/viewers", None, ana.resume_token)
        async with reading(b.front.http, b.front.url, ana.session, viewer["token"]) as reader:
            (there,) = a.front.sessions.viewing._open
            assert not there.stream.gone
            reader.drop()
            await until(lambda: there.stream.gone)
