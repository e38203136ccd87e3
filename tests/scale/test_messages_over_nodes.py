"""Signaling without a WebSocket by any node: the stream and its requests need not meet the node of the session."""

from __future__ import annotations

from tests.kit.nodes import pair_over, two_nodes, websocket_of
from tests.kit.redis_server import RedisServer
from tests.kit.streaming_client import StreamingClient


async def test_a_stream_and_its_requests_come_by_any_node(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        streamed = StreamingClient(b.front, ana.token, ana.user)
        streamed.session, streamed.language = ana.session, "es"
        await streamed.open()
        assert (await streamed.hear("session_joined"))["participantId"] == ana.me
        await ana.hear_error("taken_over", fatal=True, close=4001)
        await streamed.say({"type": "set_language", "language": "en"})
        assert (await bo.hear("partner_language"))["language"] == "en"
        streamed.front = a.front
        await streamed.quiet()
        streamed.front = b.front
        for token, status, code in ((bo.resume_token, 404, "not_found"), ("forged", 401, "unauthorized")):
            found, answer = await streamed.post({"type": "leave_session"}, token)
            assert (found, answer["error"]["code"]) == (status, code)

        await a.front.sessions.shutdown(60)
        for one in (streamed, bo):
            assert await one.hear("moved") == {"type": "moved", "wsUrl": websocket_of("b"), "fatal": False}
            assert await one.next() == 1001
        await streamed.open(streamed.resume_token)
        assert (await streamed.hear("session_joined"))["status"] == "active"
        await streamed.quiet()


async def test_messages_and_the_end_of_a_call_need_no_redis(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        streamed = StreamingClient(a.front, ana.token, ana.user)
        streamed.session, streamed.language = ana.session, "es"
        await streamed.open()
        await streamed.hear("session_joined")
        await ana.hear_error("taken_over", fatal=True, close=4001)
        redis.kill()
        await a.beat()
        a.clock.ahead += 600
        assert not a.node.presence.admits
        await streamed.say({"type": "set_language", "language": "en"})
        assert (await bo.hear("partner_language"))["language"] == "en"
        await streamed.quiet()
        found, answer = await streamed.listen(streamed.resume_token)
        assert (found, answer["error"]["code"]) == (503, "at_capacity"), "nobody comes back meanwhile"
        assert (await a.front.call("DELETE", f"/sessions/{bo.session}", None, bo.token))[0] == 200
        for one in (streamed, bo):
            assert (await one.hear("session_ended"))["reason"] == "deleted"
        redis.start()
