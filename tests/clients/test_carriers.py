"""The choice between a WebSocket and a stream in `dragoman call`, and the stream's order, pings and ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from clients.signaling import carriers
from clients.signaling.api import Api
from clients.signaling.carriers import Carriers
from clients.signaling.connection import Refused, SocketLost, Unreachable
from clients.signaling.message_stream import MessageStream
from clients.signaling.reconnect import FIRST_JOIN_S
from signaling.config import SignalingOptions
from tests.kit.signaling_server import GENEROUS, Client, Front, open_front

PAGE = Path(__file__).parents[2] / "web/protocol/signaling.js"
MESSAGES = "/api/v1/sessions/s/messages"


def lost(choice: Carriers, *ends: tuple[bool, int | None]) -> list[bool]:
    """Take one end after another: (heard, close code). Return whether a stream came next."""
    found = []
    for heard, code in ends:
        choice.ended(heard=heard, close_code=code)
        found.append(choice.streams)
    return found


def test_the_first_failure_is_enough_where_no_websocket_has_worked() -> None:
    assert lost(Carriers(), (False, None)) == [True]
    assert lost(Carriers(), (False, 1006)) == [True]
    assert lost(Carriers(), (False, 1012), (False, 1012)) == [False, False], "a server that closes has been reached"


def test_the_third_in_a_row_where_one_has() -> None:
    choice = Carriers()
    choice.joined()
    assert lost(choice, (True, 1006), (False, None), (False, None), (False, None)) == [False, False, False, True]
    choice = Carriers()
    lost(choice, (True, None), (False, None), (False, None))
    assert lost(choice, (True, None), (False, None)) == [False, False], "one that brought something begins the row anew"


def test_a_lost_stream_is_followed_by_a_websocket_that_has_a_second() -> None:
    choice = Carriers()
    assert choice.patience_s == 2.5
    lost(choice, (False, None))
    assert (choice.streams, choice.patience_s) == (True, 2.5)
    choice.joined()
    assert lost(choice, (True, None)) == [False]
    assert choice.patience_s == carriers.DOUBTED_PATIENCE_S
    assert lost(choice, (False, None)) == [True]
    lost(choice, (False, None))  # the stream did not open
    assert not choice.streams
    choice.joined()
    assert choice.patience_s == 2.5, "a WebSocket that works is trusted again"


def test_patience_grows() -> None:
    choice = Carriers()
    found = []
    for _ in range(5):
        found.append(choice.patience_s)
        lost(choice, (False, 1012))
    assert found == [2.5, 2.5, 4.0, 8.0, 8.0]


def test_the_numbers_are_those_of_the_page() -> None:
    page = PAGE.read_text("utf-8")

    def numbers(name: str) -> list[int]:
        (found,) = re.findall(rf"^const {name} = (.*);", page, re.MULTILINE)
        return [int(one) for one in re.findall(r"\d+", found)]

    assert numbers("CONNECT_TIMEOUT_MS") == [1000 * one for one in carriers.PATIENCE_S]
    assert numbers("DOUBTED_TIMEOUT_MS") == [1000 * carriers.DOUBTED_PATIENCE_S]
    assert numbers("FAILURES_OF_NEW") == [carriers.FAILURES_OF_NEW]
    assert numbers("FAILURES_OF_PROVEN") == [carriers.FAILURES_OF_PROVEN]
    assert f"const GIVE_UP_AFTER_MS = {round(1000 * FIRST_JOIN_S):_};" in page


@asynccontextmanager
async def serving(*routes: web.RouteDef) -> AsyncIterator[str]:
    """Yield the address of a server with these routes."""
    app = web.Application()
    app.add_routes(routes)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def opened(front: Front, ana: Client) -> AsyncIterator[MessageStream]:
    """Yield a stream of one who has made a session; it has not joined."""
    async with Api(front.url) as http, await http.open_stream(ana.session, ana.token) as stream:
        yield stream


async def creator(front: Front) -> Client:
    ana = await front.guest("Ana")
    await ana.create("es")
    return ana


async def test_messages_go_in_order_and_by_the_resume_token() -> None:
    async with open_front() as front:
        ana = await creator(front)
        async with opened(front, ana) as stream:
            joined = await stream.join(ana.session, ana.token, "es")
            assert joined["status"] == "waiting" and stream.heard
            async with asyncio.TaskGroup() as tasks:
                for number in range(20):
                    tasks.create_task(stream.send({"type": "heartbeat", "id": number}))
            messages = stream.messages()
            ids = [(await anext(messages)).get("id") for _ in range(21)]
            assert ids == [None, *range(20)], "the heartbeat of joining comes first"
            assert stream._headers["Authorization"] == f"Bearer {joined['resumeToken']}"


async def test_a_stream_that_is_taken_over_says_so() -> None:
    async with open_front() as front:
        ana = await creator(front)
        async with opened(front, ana) as stream:
            await stream.join(ana.session, ana.token, "es")
            await ana.open()
            messages = stream.messages()
            told = [await anext(messages) for _ in range(2)]
            assert [one.get("code") for one in told] == [None, "taken_over"]
            with pytest.raises(SocketLost) as caught:
                await anext(messages)
            assert caught.value.code == 4001


async def test_pings_are_answered_by_who_has_nothing_to_say() -> None:
    pinged = SignalingOptions(limits=GENEROUS, ping_every_s=0.1)
    async with open_front(pinged) as front:
        ana = await creator(front)
        async with opened(front, ana) as stream:
            await stream.join(ana.session, ana.token, "es")
            messages = stream.messages()
            told = [await anext(messages) for _ in range(8)]  # a stream without answers is dropped after the second
            assert told == [{"type": "heartbeat"}] * 8


async def test_who_may_not_have_a_stream_is_refused() -> None:
    async with open_front() as front:
        ana, bo = await creator(front), await front.guest("Bo")
        async with Api(front.url) as http:
            for session, token, code in ((ana.session, bo.token, "forbidden"), ("s_1", bo.token, "session_not_found")):
                with pytest.raises(Refused) as caught:
                    await http.open_stream(session, token)
                assert caught.value.code == code


async def test_a_refused_message_loses_the_stream_that_does_not_say_why() -> None:
    async with open_front() as front:
        ana = await creator(front)
        async with opened(front, ana) as stream:
            await stream.join(ana.session, ana.token, "es")
            stream._name = "m_of_nobody"
            await stream.send({"type": "heartbeat"})
            messages = stream.messages()
            await anext(messages)
            with pytest.raises(SocketLost) as caught:
                await anext(messages)
            assert caught.value.code is None


async def test_a_stream_that_closes_loses_what_waits_to_be_sent() -> None:
    arrived, over = asyncio.Event(), asyncio.Event()

    async def read(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b'event: opened\ndata: {"stream": "m_1"}\n\n')
        await over.wait()
        return answer

    async def take(_: web.Request) -> web.Response:
        arrived.set()
        await over.wait()
        return web.Response(status=202)

    async with serving(web.get(MESSAGES, read), web.post(MESSAGES, take)) as url, Api(url) as http:
        stream = await http.open_stream("s", "token")
        sent = [asyncio.ensure_future(stream.send({"type": "heartbeat", "id": number})) for number in range(2)]
        await arrived.wait()
        await stream.close()
        results = await asyncio.gather(*sent, return_exceptions=True)
        over.set()
    assert [type(one) for one in results] == [SocketLost, SocketLost]


@pytest.mark.parametrize("answer", ["not found", "page", "broken", "other"])
async def test_what_is_no_stream_is_unreachable(answer: str) -> None:
    async def handle(request: web.Request) -> web.StreamResponse:
        if answer == "not found":  # a server that is older than streams
            return web.json_response({"error": {"code": "not_found", "message": "nothing here"}}, status=404)
        if answer == "page":
            return web.Response(status=403, text="<html>Please log in</html>", content_type="text/html")
        text = "event: opened\ndata: {" if answer == "broken" else "<html>\n\n</html>"
        return web.Response(text=text, content_type="text/event-stream")

    async with serving(web.get(MESSAGES, handle)) as url, Api(url) as http:
        with pytest.raises(Unreachable):
            await http.open_stream("s", "token")
