"""Signaling by an event stream and requests: what may be asked, and the rules that hold as they do on a socket."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from media.events import MediaConnected
from signaling.config import SignalingOptions
from signaling.http.event_stream import LOOK_EVERY_S
from signaling.http.message_stream import MAX_INBOX, MAX_READING
from signaling.rate_limits import Rate
from signaling.sessions.directory import LocalDirectory, Place
from signaling.tokens import AccessClaims, Tokens
from signaling.websocket.connection import MAX_OUTBOX
from tests.kit.moved_clock import MovedClock, until
from tests.kit.signaling_server import GENEROUS, Client, open_front
from tests.kit.streaming_client import LOST, StreamingClient, streaming, streaming_pair
from tests.kit.timed_front import GRACE_S, timed_front

HEARTBEAT = {"type": "heartbeat", "id": "quiet"}
SHORT = SignalingOptions(limits=GENEROUS, first_message_s=0.3, close_handshake_s=0.3)
PING_S = 60.0
PINGED = SignalingOptions(limits=GENEROUS, close_handshake_s=0.3, ping_every_s=PING_S, grace_s=1e6)


async def test_two_people_meet_and_part() -> None:
    async with open_front() as front:
        ana, bo = await streaming(front, "Ana"), await streaming(front, "Bo")
        await ana.create("es")
        await ana.open()
        assert (await ana.hear("session_joined"))["status"] == "waiting"
        await ana.say({"type": "offer", "negotiation": 1, "sdp": "hello"})
        assert (await ana.hear("answer"))["sdp"] == "answer to hello"
        await bo.join(ana.code, "en")
        await bo.open()
        assert (await bo.hear("session_joined"))["status"] == "active"
        assert (await ana.hear("session_paired"))["partner"]["displayName"] == "Bo"
        await bo.say({"type": "set_language", "language": "es"})
        assert (await ana.hear("partner_language"))["language"] == "es"
        for one in (ana, bo):
            await one.quiet()
        await bo.say({"type": "leave_session"})
        assert (await bo.hear("session_ended"))["reason"] == "left"
        assert (await ana.hear("session_ended"))["reason"] == "partner_left"
        for one in (ana, bo):
            assert await one.next() == 1000
            assert await one.ended()
            status, answer = await one.post(HEARTBEAT)
            assert (status, answer["error"]["code"]) == (410, "session_ended")


async def test_a_stream_is_neither_kept_nor_collected_by_a_proxy() -> None:
    async with open_front() as front:
        ana, _ = await streaming_pair(front)
        assert ana.answer is not None
        assert ana.answer.headers["Cache-Control"] == "no-store, no-transform"
        assert ana.answer.headers["X-Accel-Buffering"] == "no"
        assert ana.answer.headers["Content-Type"] == "text/event-stream; charset=utf-8"
        assert ana.answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "Content-Encoding" not in ana.answer.headers


async def test_silence_is_not_waited_for() -> None:
    async with open_front(SHORT) as front:
        ana = await streaming(front, "Ana")
        await ana.create()
        await ana.listen()
        await ana.hear_error("bad_request", fatal=True, close=4408)


@pytest.mark.parametrize(
    ("first", "status", "code", "close"),
    [
        ("", 202, "bad_request", 4400),
        ("{", 202, "bad_request", 4400),
        ("[]", 202, "bad_request", 4400),
        ('{"type": "heartbeat"}', 202, "bad_request", 4400),
        ('{"type": "dance"}', 202, "unknown_type", 4400),
        ('{"type": "join_session"}', 202, "bad_request", 4400),
        (b"\xff\xfe", 202, "bad_request", 4400),
        ("x" * 65_537, 413, "too_large", 1009),
        ("x" * 1_000_000, 413, "too_large", 1009),
    ],
    ids=range(9),
)
async def test_a_bad_first_message(first: str | bytes, status: int, code: str, close: int) -> None:
    async with open_front() as front:
        ana = await streaming(front, "Ana")
        await ana.create()
        await ana.listen()
        answered, refusal = await ana.post(first)
        assert answered == status
        assert refusal is None or refusal["error"]["code"] == code
        await ana.hear_error(code, fatal=True, close=close)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "bad_request"),
        (b"\xff\xfe", "bad_request"),
        ('{"type": "offer", "negotiation": "1", "sdp": "x"}', "bad_request"),
        ('{"type": "dance"}', "unknown_type"),
        ('{"type": "set_voice", "voice": "none"}', "not_found"),
        ('{"type": "join_session", "sessionId": "s", "token": "t", "language": "en", "protocol": 1}', "bad_request"),
    ],
    ids=range(6),
)
async def test_a_bad_message_disturbs_nothing_else(message: str | bytes, code: str) -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        await ana.say(message)
        await ana.hear_error(code, fatal=False)
        for one in (ana, bo):
            await one.quiet()


async def test_a_large_message_closes_and_the_participant_may_resume() -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        whole = '{"type": "heartbeat", "id": "quiet"}'
        await ana.say(whole + " " * (65_536 - len(whole)))
        assert await ana.next() == HEARTBEAT
        status, answer = await ana.post(whole + " " * (65_537 - len(whole)))
        assert (status, answer["error"]["code"]) == (413, "too_large")
        await ana.hear_error("too_large", fatal=True, close=1009)
        await ana.open(ana.resume_token)
        assert (await ana.hear("session_joined"))["status"] == "active"
        await bo.quiet()


async def test_a_flood_is_stopped() -> None:
    limits = replace(GENEROUS, messages_of_socket=Rate(20, 60), requests_of_user=Rate(10, 60))
    async with open_front(SignalingOptions(limits=limits)) as front:
        ana, bo = await streaming_pair(front)
        for number in range(19):  # the join counts as well; messages are no requests of the user
            await ana.say({"type": "heartbeat", "id": number})
            assert (await ana.hear("heartbeat"))["id"] == number
        await ana.say(HEARTBEAT)
        await ana.hear_error("rate_limited", fatal=True, close=4429)
        await bo.quiet()


async def test_messages_for_no_stream_count_as_requests() -> None:
    limits = replace(GENEROUS, requests_of_user=Rate(10, 60))
    async with open_front(SignalingOptions(limits=limits)) as front:
        ana, _ = await streaming_pair(front)
        codes = [(await ana.post(HEARTBEAT, stream="m_0"))[1]["error"]["code"] for _ in range(12)]
        assert set(codes) == {"not_found", "rate_limited"} and codes == sorted(codes)
        await ana.quiet()


REFUSED = [
    ({"token": "forged"}, 401, "unauthorized"),
    ({"token": "expired"}, 401, "unauthorized"),
    ({"token": "stranger"}, 403, "forbidden"),
    ({"token": "resume", "session": "other"}, 403, "forbidden"),
    ({"session": "s_unknown"}, 404, "session_not_found"),
]


@pytest.mark.parametrize(("changes", "status", "code"), REFUSED, ids=range(len(REFUSED)))
async def test_no_stream_for_a_wrong_token(changes: dict[str, str], status: int, code: str) -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        other, _ = await front.pair()
        old = Tokens(await front.store.signing_key()).issue_access(AccessClaims(ana.user, "Ana"), time.time() - 1000)
        tokens = {"expired": old, "stranger": other.token, "resume": ana.resume_token, "forged": "forged"}
        token = tokens.get(changes.get("token", ""), ana.token)
        asked = StreamingClient(front, token, ana.user)
        asked.session = {"other": other.session}.get(changes.get("session", ""), changes.get("session", ana.session))
        for found, answer in (await asked.listen(), await asked.post(HEARTBEAT, stream=ana.stream)):
            assert (found, answer["error"]["code"]) == (status, code)
        for one in (ana, bo):
            await one.quiet()


async def test_no_stream_without_a_token_and_none_for_an_ended_session() -> None:
    async with open_front() as front:
        ana, _ = await streaming_pair(front)
        status, answer = await front.call("GET", f"/sessions/{ana.session}/messages")
        assert (status, answer["error"]["code"]) == (401, "unauthorized")
        status, answer = await front.call("POST", f"/sessions/{ana.session}/messages?stream={ana.stream}", HEARTBEAT)
        assert (status, answer["error"]["code"]) == (401, "unauthorized")
        await ana.say({"type": "leave_session"})
        await ana.hear("session_ended")
        status, answer = await ana.listen(ana.resume_token)
        assert (status, answer["error"]["code"]) == (410, "session_ended")


async def test_nobody_speaks_by_the_stream_of_another() -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        for token in (bo.token, bo.resume_token):
            status, answer = await ana.post({"type": "leave_session"}, token)
            assert (status, answer["error"]["code"]) == (404, "not_found")
        status, answer = await ana.post({"type": "leave_session"}, stream="m_" + "0" * 32)
        assert (status, answer["error"]["code"]) == (404, "not_found")
        again = StreamingClient(front, ana.token, ana.user)
        again.session, again.language = ana.session, "es"
        await again.listen()
        await again.join_session(bo.resume_token)
        await again.hear_error("forbidden", fatal=True, close=4401)
        for one in (ana, bo):
            await one.quiet()


@pytest.mark.parametrize(("before", "after"), [("stream", "stream"), ("stream", "socket"), ("socket", "stream")])
async def test_the_newer_connection_takes_over(before: str, after: str) -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        old: Client = ana
        if before == "socket":
            old = Client(front, ana.token, ana.user)
            old.session, old.language = ana.session, "es"
            await old.open()
            await ana.hear_error("taken_over", fatal=True, close=4001)
            await old.hear("session_joined")
        new = (StreamingClient if after == "stream" else Client)(front, ana.token, ana.user)
        new.session, new.language = ana.session, "es"
        await new.open()
        joined = await new.hear("session_joined")
        assert joined["status"] == "active" and joined["participantId"] == ana.me
        await old.hear_error("taken_over", fatal=True, close=4001)
        if isinstance(old, StreamingClient):
            await until(lambda: len(front.sessions.connections) == 2)
            status, answer = await old.post({"type": "leave_session"})
            assert (status, answer["error"]["code"]) == (404, "not_found")
        for one in (new, bo):
            await one.quiet()


async def test_a_stream_that_is_opened_and_says_nothing_takes_nothing_over() -> None:
    async with open_front(SHORT) as front:
        ana, bo = await streaming_pair(front)
        second = StreamingClient(front, ana.token, ana.user)
        second.session, second.language = ana.session, "es"
        await second.listen()
        assert second.stream != ana.stream
        await ana.quiet()
        await second.hear_error("bad_request", fatal=True, close=4408)
        for one in (ana, bo):
            await one.quiet()


async def test_who_loses_the_stream_comes_back_to_what_happened_meanwhile() -> None:
    async with timed_front() as (front, clock):
        ana, bo = await streaming_pair(front)
        front.room.tell(MediaConnected(ana.me))
        await bo.hear("partner_connected")
        await ana.vanish()
        clock.pass_time(LOOK_EVERY_S)
        assert (await bo.hear("partner_disconnected"))["participantId"] == ana.me
        for language in ("es", "en", "es"):
            await bo.say({"type": "set_language", "language": language})
        await bo.quiet()
        clock.pass_time(GRACE_S - 60)
        await ana.open(ana.resume_token)
        joined = await ana.hear("session_joined")
        assert joined["status"] == "active" and joined["partner"]["language"] == "es"
        assert (await bo.hear("partner_connected"))["participantId"] == ana.me
        clock.pass_time(2 * GRACE_S)
        for one in (ana, bo):
            await one.quiet()


async def test_who_does_not_come_back_is_lost_after_the_grace() -> None:
    async with timed_front() as (front, clock):
        ana, bo = await streaming_pair(front)
        await ana.vanish()
        clock.pass_time(LOOK_EVERY_S)
        await until(lambda: len(front.sessions.connections) == 1)
        clock.pass_time(GRACE_S)
        assert (await bo.hear("session_ended"))["reason"] == "partner_lost"
        assert await bo.next() == 1000


async def test_a_client_that_posts_nothing_is_dropped_after_two_pings() -> None:
    clock = MovedClock()
    async with open_front(PINGED) as front:
        ana, bo = await streaming_pair(front)
        for _ in range(3):  # each message answers the pings before it
            await ana.quiet()
            clock.pass_time(PING_S)
            await bo.quiet()
        await ana.quiet()
        assert set(ana.comments[1:]) == {"ping"} and len(ana.comments) >= 4
        pings = len(ana.comments)
        dropped = asyncio.Event()

        async def read() -> None:
            assert await ana.next() == LOST
            dropped.set()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(read())
            while not dropped.is_set():
                for _ in range(2):  # the answer to a ping is on its way before the second question
                    await bo.quiet()
                clock.pass_time(PING_S)
        assert len(ana.comments) - pings == 2
        await bo.quiet()


async def test_a_client_that_leaves_too_much_unread_is_dropped() -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        session = front.sessions.member(ana.session, AccessClaims(ana.user, "Ana")).session
        connection = dict(session._participants.connections())[ana.me]
        for _ in range(MAX_OUTBOX + 1):
            connection.send({"type": "heartbeat"})
        while (heard := await ana.next()) != LOST:
            assert heard == {"type": "heartbeat"}
        await until(lambda: len(front.sessions.connections) == 1)
        await bo.quiet()


async def test_requests_and_messages_that_wait_are_few() -> None:
    class Slow(LocalDirectory):
        """Answers one of its questions only once it is `opened`."""

        opened = asyncio.Event()
        asked = slow = 0

        async def locate(self, name: str) -> Place | None:
            self.asked += 1
            if self.asked == self.slow:
                await self.opened.wait()
            return await super().locate(name)

    directory = Slow()
    async with open_front(directory=directory) as front:
        ana = await streaming(front, "Ana")
        await ana.create()
        await ana.listen()
        directory.slow = directory.asked + 2  # behind that of the request itself
        await ana.join_session()
        statuses = [(await ana.post(HEARTBEAT))[0] for _ in range(MAX_INBOX + 2)]
        assert statuses.count(429) in (1, 2), "the first may have been taken before the second came"
        directory.opened.set()
        await ana.hear("session_joined")
        for _ in range(statuses.count(202)):
            assert await ana.next() == HEARTBEAT

        sent = asyncio.Event()

        async def slowly() -> AsyncIterator[bytes]:
            yield b'{"type": '
            await sent.wait()
            yield b'"heartbeat"}'

        url = f"{front.url}/api/v1/sessions/{ana.session}/messages?stream={ana.stream}"
        headers = {"Authorization": f"Bearer {ana.resume_token}"}

        async def post_slowly() -> int:
            async with front.http.post(url, data=slowly(), headers=headers) as answer:
                return answer.status

        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            slow = [tasks.create_task(post_slowly()) for _ in range(MAX_READING)]
            while (answer := await ana.post(HEARTBEAT))[0] != 429:
                assert await ana.next() == HEARTBEAT
            assert answer[1]["error"]["code"] == "rate_limited"
            sent.set()
        assert [task.result() for task in slow] == [202] * MAX_READING
        for _ in slow:
            assert await ana.next() == {"type": "heartbeat"}


@pytest.mark.parametrize(("goes_on", "close"), [(False, 1001), (True, 1012)])
async def test_a_server_that_ends_closes_streams_as_it_closes_sockets(goes_on: bool, close: int) -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        cy = await streaming(front, "Cy")
        await cy.create()
        await cy.listen()
        await front.sessions.shutdown(0, goes_on=goes_on)
        for one in (ana, bo):
            if not goes_on:
                assert (await one.hear("session_ended"))["reason"] == "shutdown"
            assert await one.next() == close
        assert await cy.next() == close
        for streamed in (ana, cy):
            assert await streamed.ended()


async def test_only_our_pages_may_open_a_stream() -> None:
    async with open_front() as front:
        ana = await streaming(front, "Ana")
        await ana.create()
        status, answer = await ana.listen(Origin="https://evil.example")
        assert (status, answer["error"]["code"]) == (403, "forbidden")
        assert await ana.listen(Origin=front.url) == (200, None)


async def test_a_defect_costs_one_stream(caplog: pytest.LogCaptureFixture) -> None:
    async with open_front() as front:
        ana, bo = await streaming_pair(front)
        session = front.sessions.member(ana.session, AccessClaims(ana.user, "Ana")).session

        def fail(participant: str, language: str, detect: bool) -> None:
            raise RuntimeError("a defect")

        session.set_language = fail  # type: ignore[method-assign]
        await ana.say({"type": "set_language", "language": "en"})
        assert await ana.next() == LOST
        await bo.quiet()
        assert "a defect" in caplog.text


async def test_only_get_and_post_are_there() -> None:
    async with open_front() as front:
        ana, _ = await streaming_pair(front)
        url = f"{front.url}/api/v1/sessions/{ana.session}/messages"
        for method in ("HEAD", "PUT", "DELETE"):
            async with front.http.request(method, url, headers={"Authorization": f"Bearer {ana.token}"}) as answer:
                assert answer.status == 405
                assert method == "HEAD" or json.loads(await answer.text())["error"]["code"] == "bad_request"
