"""One WebSocket: its first message, everything that can be wrong with a message, pings and the close codes."""

import json
import time
from dataclasses import replace

import aiohttp
import pytest

from signaling.config import SignalingOptions
from signaling.rate_limits import Rate
from signaling.tokens import AccessClaims, Tokens
from tests.kit.moved_clock import MovedClock, until
from tests.kit.signaling_server import GENEROUS, Client, Front, open_front

SHORT = SignalingOptions(limits=GENEROUS, first_message_s=0.3, close_handshake_s=0.3)
IMPOLITE = SignalingOptions(limits=GENEROUS, close_handshake_s=0.3)
PING_S = 60.0
PINGED = replace(IMPOLITE, ping_every_s=PING_S, grace_s=1e6)


async def test_no_socket_is_compressed() -> None:
    """Tokens and words that a stranger chooses are in one stream (docs/adr/0016)."""
    async with open_front() as front:
        socket = await front.socket(compress=15)
        assert socket.compress == 0


async def refused_first(front: Front, first: str | bytes, code: str, close: int) -> None:
    ana = await front.guest()
    socket = await ana.connect()
    await (socket.send_str(first) if isinstance(first, str) else socket.send_bytes(first))
    await ana.hear_error(code, fatal=True, close=close)


@pytest.mark.parametrize(
    ("first", "code", "close"),
    [
        ("", "bad_request", 4400),
        ("{", "bad_request", 4400),
        ("[]", "bad_request", 4400),
        ('{"type": 5}', "bad_request", 4400),
        ('{"type": "heartbeat"}', "bad_request", 4400),
        ('{"type": "leave_session"}', "bad_request", 4400),
        ('{"type": "dance"}', "unknown_type", 4400),
        ('{"type": "join_session"}', "bad_request", 4400),
        ("[" * 60_000, "bad_request", 4400),
        (b'{"type": "heartbeat"}', "bad_request", 4400),
        ("x" * 65_537, "too_large", 1009),
        ("x" * 1_000_000, "too_large", 1009),
        (b"x" * 65_537, "too_large", 1009),
    ],
    ids=range(13),
)
async def test_a_bad_first_message(first: str | bytes, code: str, close: int) -> None:
    async with open_front() as front:
        await refused_first(front, first, code, close)


async def test_a_message_beyond_all_measure_is_cut_off_with_the_same_word() -> None:
    async with open_front(IMPOLITE) as front:
        ana = await front.guest()
        socket = await ana.connect()
        # Only the frame's header and a little of it, as a client that is stopped half-way.
        connection = socket._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.write(b"\x81\xff" + (10_000_000).to_bytes(8, "big") + b"mask" + b"x" * 1000)
        await ana.hear_error("too_large", fatal=True, close=1009)


async def test_refused_joins() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        stranger = await front.guest()
        tokens = Tokens(await front.store.signing_key())
        expired = tokens.issue_access(AccessClaims(ana.user, "Ana"), time.time() - 1000)
        cases = [
            ({"sessionId": "s_unknown"}, ana.token, "session_not_found", 4400),
            ({}, "forged", "unauthorized", 4401),
            ({}, expired, "unauthorized", 4401),
            ({}, stranger.token, "forbidden", 4401),
            ({"language": "tlh"}, ana.token, "unsupported_language", 4400),
            ({"protocol": 2}, ana.token, "bad_request", 4400),
            ({"sessionId": "s_unknown"}, ana.resume_token, "forbidden", 4401),
        ]
        for changes, token, code, close in cases:
            stranger.session, stranger.language = ana.session, "es"
            await stranger.open(token, **changes)
            await stranger.hear_error(code, fatal=True, close=close)
        for one in (ana, bo):
            await one.quiet()


async def test_silence_is_not_waited_for() -> None:
    async with open_front(SHORT) as front:
        ana = await front.guest()
        await ana.connect()
        await ana.hear_error("bad_request", fatal=True, close=4408)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "bad_request"),
        ("[]", "bad_request"),
        ('{"type": 5}', "bad_request"),
        ('{"type": "set_language"}', "bad_request"),
        ('{"type": "offer", "negotiation": "1", "sdp": "x"}', "bad_request"),
        ('{"type": "dance"}', "unknown_type"),
        ('{"type": "set_voice", "voice": "none"}', "not_found"),
        ('{"type": "admit", "participantId": "p", "accept": true}', "not_found"),
        ('{"type": "join_session", "sessionId": "s", "token": "t", "language": "en", "protocol": 1}', "bad_request"),
    ],
    ids=range(9),
)
async def test_a_bad_message_disturbs_nothing_else(message: str, code: str) -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        await ana.say(message)
        await ana.hear_error(code, fatal=False)
        assert ana.socket is not None
        await ana.socket.send_bytes(message.encode())
        await ana.hear_error("bad_request", fatal=False)
        await ana.quiet()
        await bo.quiet()


async def test_a_large_message_closes_and_the_participant_may_resume() -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        await ana.say(json.dumps({"type": "heartbeat", "id": "x" * 65_536}))
        await ana.hear_error("too_large", fatal=True, close=1009)
        await ana.open(ana.resume_token)
        assert (await ana.hear("session_joined"))["status"] == "active"
        await bo.quiet()


async def test_umlauts_count_as_bytes() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        await ana.say('{"type": "heartbeat", "id": "' + "ü" * 33_000 + '"}')
        await ana.hear_error("too_large", fatal=True, close=1009)


async def test_a_flood_is_stopped() -> None:
    config = SignalingOptions(limits=replace(GENEROUS, messages_of_socket=Rate(20, 60)))
    async with open_front(config) as front:
        ana, bo = await front.pair()
        # The join and the first pong count as well.
        for number in range(18):
            await ana.say({"type": "heartbeat", "id": number})
        for number in range(18):
            assert (await ana.hear("heartbeat"))["id"] == number
        assert ana.socket is not None
        await ana.socket.ping()
        await ana.hear_error("rate_limited", fatal=True, close=4429)
        await bo.quiet()


async def test_heartbeats_are_answered_in_kind() -> None:
    async with open_front() as front:
        ana, _ = await front.pair()
        for id in ("a", 7, -1):
            await ana.say({"type": "heartbeat", "id": id})
            assert await ana.next() == {"type": "heartbeat", "id": id}
        await ana.say({"type": "heartbeat"})
        assert await ana.next() == {"type": "heartbeat"}


async def pings_are_answered(one: Client) -> None:
    """Return once the server has read the answer to each ping that it has sent."""
    for _ in range(2):  # the answer to a ping is on its way before the second question
        await one.quiet()


async def test_two_unanswered_pings_and_the_socket_is_dropped() -> None:
    clock = MovedClock()
    async with open_front(PINGED) as front:
        ana, bo = await front.pair()
        deaf = await front.socket(autoping=False)
        join = {"type": "join_session", "sessionId": ana.session, "token": ana.token, "language": "es", "protocol": 1}
        await deaf.send_json(join)
        await ana.hear_error("taken_over", fatal=True, close=4001)
        kinds = []
        while not deaf.closed:
            kinds.append((await deaf.receive(timeout=60)).type)
            await pings_are_answered(bo)
            clock.pass_time(PING_S)
        assert kinds.count(aiohttp.WSMsgType.PING) == 2
        assert deaf.close_code == 1006
        for _ in range(8):
            await pings_are_answered(bo)
            clock.pass_time(PING_S)


async def test_a_client_that_does_not_read_is_let_go() -> None:
    clock = MovedClock()
    async with open_front(PINGED) as front:
        ana, bo = await front.pair()
        assert ana.socket is not None
        connection = ana.socket._response.connection
        assert connection is not None and connection.transport is not None
        connection.transport.pause_reading()
        for number in range(4):  # what is sent to her meanwhile waits for nobody
            assert len(front.sessions.connections) == 2 or number > 0
            await bo.say({"type": "set_language", "language": "es" if number % 2 else "de"})
            await pings_are_answered(bo)
            clock.pass_time(PING_S)
        await until(lambda: len(front.sessions.connections) == 1)
        await bo.quiet()
        assert not front.room.closed
        await ana.vanish()


ORIGINS = [
    (None, True),
    ("http://{host}", True),
    ("https://{host}", True),
    ("https://pages.example", True),
    ("https://call.example", True),
    ("https://evil.example", False),
    ("https://{host}.evil.example", False),
    ("null", False),
    ("", False),
    ("//", False),
]


@pytest.mark.parametrize(("origin", "allowed"), ORIGINS)
async def test_only_our_pages_may_connect(origin: str | None, allowed: bool) -> None:
    config = SignalingOptions(
        limits=GENEROUS,
        public_url="https://call.example",
        allowed_origins=frozenset({"https://pages.example"}),
        first_message_s=0.1,
    )
    async with open_front(config) as front:
        headers = {} if origin is None else {"Origin": origin.format(host=front.url.removeprefix("http://"))}
        ana = await front.guest()
        if allowed:
            await ana.connect(**headers)
            await ana.hear_error("bad_request", fatal=True, close=4408)
        else:
            with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
                await ana.connect(**headers)
            assert caught.value.status == 403


async def test_a_defect_costs_one_socket(caplog: pytest.LogCaptureFixture) -> None:
    async with open_front() as front:
        ana, bo = await front.pair()
        session = front.sessions.member(ana.session, AccessClaims(ana.user, "Ana")).session

        def fail(participant: str, language: str, detect: bool) -> None:
            raise RuntimeError("a defect")

        session.set_language = fail  # type: ignore[method-assign]
        await ana.say({"type": "set_language", "language": "en"})
        assert await ana.next() == 1006
        await bo.quiet()
        assert "a defect" in caplog.text
