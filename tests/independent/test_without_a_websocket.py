"""docs/protocol.md, 2, "Without a WebSocket": one by an event stream calls one by a socket, and is refused."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from .calls import answers, guest, refused, refused_on
from .client import Client
from .recording import TYPED
from .speech import speech
from .stream import LOST, Stream, StreamingClient

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


@asynccontextmanager
async def streaming(url: str, language: str = "en") -> AsyncIterator[StreamingClient]:
    """Ana, who has made a session and signals by streams. Nothing is opened yet."""
    async with StreamingClient(url) as ana:
        await ana.sign_in("Ana")
        await ana.create(language)
        yield ana


@asynccontextmanager
async def mixed(url: str) -> AsyncIterator[tuple[StreamingClient, Client]]:
    """Ana by a stream in English, Ben by a socket in Spanish; both have joined."""
    async with streaming(url) as ana, guest(url, "Ben") as ben:
        await ana.connect()
        await ben.join(ana.session_code, "es")
        await ben.connect()
        await ana.signal.inbox.wait_for("session_paired")
        yield ana, ben


async def test_a_call_of_one_by_a_stream_with_one_by_a_socket(server_url: str) -> None:
    spoken = speech("Where is the hotel?", "en-us")
    async with mixed(server_url) as (ana, ben):
        await asyncio.gather(ana.offer(trickle=True), ben.offer())
        for one in (ana, ben):
            await one.signal.inbox.wait_for("partner_connected", timeout=15)
        await ana.speak(spoken)
        told = await ben.peer.inbox.wait_for("utterance_end")
        assert (told["sourceUserId"], told["outcome"]) == (ana.participant_id, "spoken")
        assert ben.peer.lines[0].loud(), "the interpreter's voice"
        already = len(ana.peer.inbox.received)
        ben.say(TYPED)
        assert await ana.peer.inbox.wait_for("translation", after=already, final=True)

        await ana.set_language("es")
        assert (await ben.signal.inbox.wait_for("partner_language"))["language"] == "es"
        await ben.leave()
        assert (await ana.signal.inbox.wait_for("session_ended"))["reason"] == "partner_left"
        assert await ana.signal.close_code() == 1000


async def test_a_stream_and_a_socket_take_over_from_each_other(server_url: str) -> None:
    async with mixed(server_url) as (ana, ben):
        stream = ana.signal
        by_socket = await Client.open(ana)
        await by_socket.send(
            "join_session", sessionId=ana.session_id, token=ana.resume_token, language="en", protocol=1
        )
        await by_socket.inbox.wait_for("session_joined")
        await refused_on(stream, "taken_over", fatal=True)
        assert await stream.close_code() == 4001
        joined = await ana.resume()
        assert (joined["participantId"], joined["status"]) == (ana.participant_id, "active")
        await refused_on(by_socket, "taken_over", fatal=True)
        assert await by_socket.close_code() == 4001
        await answers(ana.signal)
        assert not ben.signal.inbox.of("session_ended")


async def test_a_lost_stream_is_followed_by_another(server_url: str) -> None:
    async with mixed(server_url) as (ana, ben):
        await ana.signal.close()
        assert await ana.signal.close_code() == LOST
        assert (await ana.resume())["status"] == "active"
        await ana.offer()
        assert (await ben.signal.inbox.wait_for("partner_connected", timeout=15))["participantId"] == ana.participant_id


async def test_messages_are_handled_in_their_order(server_url: str) -> None:
    async with streaming(server_url) as ana:
        await ana.connect()
        async with asyncio.TaskGroup() as tasks:
            for number in range(8):
                tasks.create_task(ana.signal.send("heartbeat", id=number))
        await ana.signal.inbox.wait_for("heartbeat", id=7)
        assert [one["id"] for one in ana.signal.inbox.of("heartbeat")] == list(range(8))


async def test_the_first_message_must_be_join_session(server_url: str) -> None:
    async with streaming(server_url) as ana:
        stream = await ana.open()
        await stream.send("heartbeat")
        await refused_on(stream, "bad_request", fatal=True)
        assert await stream.close_code() == 4400


async def test_a_message_that_is_too_large_is_told_by_both(server_url: str) -> None:
    async with streaming(server_url) as ana:
        await ana.connect()
        with refused(413, "too_large"):
            await ana.signal.send("heartbeat", id="x" * 65_536)
        await refused_on(ana.signal, "too_large", fatal=True)
        assert await ana.signal.close_code() == 1009


async def test_streams_are_their_owners(server_url: str) -> None:
    async with mixed(server_url) as (ana, ben), guest(server_url, "Eve") as eve:
        stream = ana.signal
        assert isinstance(stream, Stream)
        with refused(401, "unauthorized"):
            await ana.call("GET", f"/sessions/{ana.session_id}/messages", token="")
        with refused(403, "forbidden"):
            await eve.call("GET", f"/sessions/{ana.session_id}/messages")
        with refused(404, "session_not_found"):
            await ana.call("GET", "/sessions/s_nowhere/messages")
        path = f"/sessions/{ana.session_id}/messages?stream="
        with refused(404, "not_found"):
            await ana.call("POST", path + "m_nowhere", {"type": "heartbeat"}, token=ana.resume_token)
        with refused(404, "not_found"):  # it is Ana's
            await ben.call("POST", path + stream.name, {"type": "leave_session"}, token=ben.resume_token)
        with refused(403, "forbidden"):
            await eve.call("POST", path + stream.name, {"type": "leave_session"})
        await answers(stream)
        assert not ana.signal.inbox.of("session_ended")
