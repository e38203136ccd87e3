"""Nodes share their sessions by way of a real Redis: codes, joins, take-overs, fencing, and a Redis that is away."""

import asyncio
from collections import Counter
from itertools import cycle
from typing import Any

import aiohttp
import pytest

from nodes.counts import SharedCounts
from nodes.lua import ROOMS
from nodes.redis_counts import RedisExchange
from nodes.roster import Facts, Roster
from nodes.steps import Away
from remote.connection import connect
from server.observe.nodes import NodeReadings
from signaling.config import SignalingLimits, SignalingOptions
from signaling.ports import NoHistory
from signaling.rate_limits import Rate
from signaling.sessions.directory import DirectoryAway, Load
from tests.kit.moved_clock import until
from tests.kit.nodes import HereNode, join_at, node_here, pair_over, two_nodes, websocket_of
from tests.kit.redis_server import RedisServer
from tests.kit.signaling_server import GENEROUS, MANY, Client

JOINS = 100


async def handshake(node: HereNode, path: str = "/ws") -> int:
    """Return the status by which a node answers the opening of a socket."""
    try:
        await node.front.socket_at(path)
    except aiohttp.WSServerHandshakeError as refused:
        return refused.status
    return 101


async def ready(node: HereNode) -> tuple[int, list[str]]:
    async with node.front.http.get(f"{node.front.url}/ready") as answer:
        return answer.status, (await answer.json())["degraded"]


def reading(node: HereNode, name: str) -> float:
    """Return a figure of a node as a scrape reads it."""
    found = {one.name: one.samples[0].value for one in NodeReadings(node.node.ledger, node.node.directory).collect()}
    return found[name]


async def healed(node: HereNode) -> None:
    """Show signs of life until Redis has answered one."""
    async with asyncio.timeout(60):
        while True:
            await node.beat()
            if not node.node.directory.away:
                return
            await asyncio.sleep(0.05)


async def come_back(node: HereNode, person: Client) -> dict[str, Any]:
    """Let a person return to a node by the resume token."""
    person.front = node.front
    await person.open(person.resume_token)
    return await person.hear("session_joined")


async def test_a_code_is_one_sessions_on_all_nodes(redis: RedisServer) -> None:
    codes = cycle(["000001", "000001", "000002"])
    async with two_nodes(redis, random_code=lambda: next(codes)) as (a, b):
        assert (await a.person("ana").create())["sessionCode"] == "000001"
        assert (await b.person("bea").create())["sessionCode"] == "000002"


async def test_sides_that_come_to_different_nodes_are_in_one_call(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = a.person("ana"), b.person("bo")
        created = await ana.create("es")
        joined = await bo.join(ana.code, "en")
        assert created["wsUrl"] == joined["wsUrl"] == websocket_of("a")
        assert await bo.join(ana.code, "en") == joined
        bo.front = a.front
        for one in (ana, bo):
            await one.open()
            await one.hear("session_joined")
        assert (await ana.hear("session_paired"))["partner"]["participantId"] == bo.me
        bo.front = b.front
        status, shown = await bo.call("GET", f"/sessions/{bo.session}")
        assert (status, shown["status"], len(shown["participants"])) == (200, "active", 2)
        status, ice = await b.front.call("GET", "/ice-servers", None, (await come_back(a, bo))["resumeToken"])
        assert status == 200 and "credential" in ice["iceServers"][0]
        status, ended = await b.front.call("DELETE", f"/sessions/{bo.session}", None, bo.token)
        assert (status, ended["success"]) == (200, True)
        assert (await ana.hear("session_ended"))["reason"] == "deleted"
        await a.node.ledger.flush()
        for node in (a, b):
            status, refused = await join_at(node, node.person("cy"), ana.code)
            assert (status, refused["error"]["code"]) == (410, "session_ended")
            status, shown = await node.front.call("GET", f"/sessions/{bo.session}", None, bo.token)
            assert (status, shown["status"]) == (200, "ended")


async def test_of_a_hundred_joins_at_once_over_both_nodes_one_wins(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        people = [(a, b)[number % 2].person(f"p{number}") for number in range(JOINS)]
        async with asyncio.TaskGroup() as group:
            asked = [group.create_task(join_at((a, b)[n % 2], one, ana.code)) for n, one in enumerate(people)]
        outcomes = Counter(answer["error"]["code"] if status != 200 else "in" for status, answer in map(_of, asked))
        assert outcomes == {"in": 1, "session_full": JOINS - 1}


def _of(task: asyncio.Task[tuple[int, Any]]) -> tuple[int, Any]:
    return task.result()


async def test_a_socket_at_the_wrong_node_is_sent_to_the_right_one(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        ana.front = b.front
        await ana.open()
        assert await ana.hear("moved") == {"type": "moved", "wsUrl": websocket_of("a"), "fatal": False}
        assert await ana.next() == 1001
        await ana.connect(path="/ws/a")  # the proxy could not reach it, and its lease has not run out
        join = {"type": "join_session", "sessionId": ana.session, "token": ana.token, "language": "es", "protocol": 1}
        await ana.say(join)
        await ana.hear_error("at_capacity", fatal=True, close=1001)


async def test_a_client_that_does_not_know_moved_is_handed_on_when_it_comes_again(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        for token in (ana.token, ana.resume_token):  # a token of another time: it may know the message by now
            await ana.vanish()
            ana.front = b.front
            for again in (False, True):
                await ana.connect(path="/ws/b")  # where it was, before its node went away
                join = {"type": "join_session", "sessionId": ana.session, "token": token, "language": "es"}
                await ana.say({**join, "protocol": 1, "again": again})  # its text is another one each time
                if not again:
                    assert await ana.hear("moved") == {"type": "moved", "wsUrl": websocket_of("a"), "fatal": False}
                    assert await ana.next() == 1001
            back = await ana.hear("session_joined")
            assert (back["status"], back["participantId"]) == ("active", ana.me)
            assert (len(a.front.sessions.connections), len(b.front.sessions.connections)) == (2, 0)
        await ana.say({"type": "set_language", "language": "de"})
        heard: dict[str, Any] = {}
        while heard.get("type") != "partner_language":
            heard = await bo.next()  # type: ignore[assignment]
        assert heard["language"] == "de"
        assert (len(a.front.sessions), len(b.front.sessions)) == (1, 0)


async def test_a_new_session_goes_to_the_node_with_less_to_do(redis: RedisServer) -> None:
    few = SignalingOptions(limits=SignalingLimits(sessions=10, sessions_of_user=MANY, address_share=1.0))
    async with two_nodes(redis, config=few) as (a, b):
        one = a.person("ana")
        made = [(await one.create())["wsUrl"]]
        made.append((await one.create())["wsUrl"])
        for node in (a, b):
            await node.beat()
        made.append((await one.create())["wsUrl"])
        assert made == [websocket_of("a"), websocket_of("a"), websocket_of("b")]
        assert (len(a.front.sessions), len(b.front.sessions)) == (2, 1)
        a.node.presence.roster.others = {"b": Facts("http://127.0.0.1:1", Load(0.0, True))}
        assert (await one.create())["wsUrl"] == websocket_of("a"), "the other one does not answer"


async def test_a_node_whose_lease_ran_out_keeps_its_people_and_gives_the_session_up(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        await a.lapse()
        assert await handshake(a) == 503 and (await ready(a))[0] == 503
        status, refused = await a.front.call("POST", "/sessions/create", {"language": "es"}, a.person("cy").token)
        assert (status, refused["error"]["code"]) == (503, "at_capacity")
        await ana.quiet()
        await bo.vanish()
        back = await come_back(b, bo)
        assert (back["status"], back["participantId"]) == ("active", bo.me)
        await ana.say({"type": "set_language", "language": "de"})  # the old node has it still, and writes in vain
        await ana.quiet()
        await a.node.ledger.flush()
        await a.beat()
        assert await ana.hear("moved") == {"type": "moved", "wsUrl": websocket_of("b"), "fatal": False}
        assert await ana.next() == 1001
        await until(lambda: len(a.front.sessions) == 0)
        assert (await come_back(b, ana))["partner"]["participantId"] == bo.me
        assert await handshake(a) == 101
        status, shown = await a.front.call("GET", f"/sessions/{ana.session}", None, ana.token)
        assert [one["language"] for one in shown["participants"]] == ["es", "en"], "nothing of the old node's is there"


async def test_nobody_is_lost_while_nobody_can_come_back(redis: RedisServer) -> None:
    short = SignalingOptions(limits=GENEROUS, grace_s=0.2)
    async with two_nodes(redis, config=short) as (a, b):
        ana, bo = await pair_over(a, b)
        await a.lapse()
        await bo.vanish()
        await asyncio.sleep(0.6)
        await ana.quiet()
        await a.beat()
        assert (await ana.hear("session_ended"))["reason"] == "partner_lost", "the grace begins anew, and runs out"


async def test_people_of_a_killed_node_come_back_on_another(redis: RedisServer) -> None:
    async with node_here(redis, "b") as b:
        async with node_here(redis, "a", leaves=False) as a:
            await b.beat()
            ana, bo = await pair_over(a, b)
            started = (await come_back(a, ana))["startedAt"]
        ana.front = b.front
        await ana.open(ana.resume_token)
        await ana.hear("moved")  # its lease lives, and nobody can know that it does not
        await a.lapse()
        assert reading(b, "dragoman_sessions_taken_over") == 0
        back = [await come_back(b, one) for one in (ana, bo)]
        assert [(one["status"], one["startedAt"]) for one in back] == [("active", started)] * 2
        assert reading(b, "dragoman_sessions_taken_over") == 1
        assert len(b.front.sessions) == 1
        async with node_here(redis, "a") as again:
            await again.beat()
            ana.front = again.front
            await ana.open(ana.resume_token)
            assert (await ana.hear("moved"))["wsUrl"] == websocket_of("b")


async def test_a_node_takes_its_sessions_back_when_it_starts_anew(redis: RedisServer) -> None:
    async with node_here(redis, "a", leaves=False) as a:
        ana = a.person("ana")
        await ana.create("es")
    await a.lapse()
    async with node_here(redis, "a") as again:
        await until(lambda: len(again.front.sessions) == 1)
        assert (await join_at(again, again.person("bo"), ana.code))[0] == 200


async def test_what_a_node_left_behind_ends_on_another(redis: RedisServer) -> None:
    async with node_here(redis, "b") as b:
        async with node_here(redis, "a", leaves=False) as a:
            ana = a.person("ana")
            await ana.create("es")
        await a.lapse()
        await b.node.directory.sweep("a")
        assert len(b.front.sessions) == 1
        assert (await join_at(b, b.person("bo"), ana.code))[0] == 200


async def test_a_node_that_stops_lets_its_calls_go_on_elsewhere(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        cy = a.person("cy")
        await cy.create("es")
        room = a.front.rooms[0]
        room.unread_by = {ana.me: [3, [[3, 0.1, "?"]]], bo.me: [1, []]}
        room.sentence.clear()
        async with asyncio.TaskGroup() as tasks:
            stopping = tasks.create_task(a.front.sessions.shutdown(60))
            await until(lambda: room.did("finish"))
            for one in (ana, bo):
                await one.quiet()
            assert not stopping.done()
            room.sentence.set()
        for one in (ana, bo):
            assert await one.hear("moved") == {"type": "moved", "wsUrl": websocket_of("b"), "fatal": False}
            assert await one.next() == 1001
        assert await handshake(a) == 503, "a proxy asks another node"
        back = [await come_back(b, one) for one in (ana, bo)]
        assert [one["status"] for one in back] == ["active", "active"]
        (taken,) = b.front.rooms
        assert {one: unread for _, one, unread in taken.did("go_on")} == room.unread_by
        first = [what for what, *_ in taken.asked if what in ("go_on", "begin")]
        assert first == ["go_on", "go_on", "begin"], "before anything can be put"
        assert (await join_at(b, b.person("di"), cy.code))[0] == 200, "one that waited has moved, too"


async def test_a_room_that_cannot_say_what_is_unread_costs_no_other_its_way(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        cy, di = await pair_over(a, b)
        for room, found in zip(a.front.rooms, (object(), {cy.me: [1, []]}), strict=True):
            room.unread_by = found  # type: ignore[assignment]
        await a.front.sessions.shutdown(60)
        for one in (ana, bo, cy, di):
            await one.hear("moved")
            assert (await come_back(b, one))["status"] == "active"
        assert [room.did("go_on") for room in b.front.rooms] == [[], [("go_on", cy.me, [1, []])]]


async def test_sessions_without_a_code_go_on_elsewhere_too(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        people = [a.person("ana"), a.person("bea")]
        for one in people:
            assert (await one.create("es", solo={"language": "en"}))["sessionCode"] is None
            await one.open()
            await one.hear("session_joined")
        await a.front.sessions.shutdown(60)
        for one in people:
            assert (await one.hear("moved"))["wsUrl"] == websocket_of("b")
            assert (await come_back(b, one))["status"] == "active"
        assert len(b.front.sessions) == 2


async def test_running_calls_go_on_while_redis_is_away(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        redis.kill()
        for node in (a, b):
            await node.beat()
        assert [await ready(node) for node in (a, b)] == [(200, ["directory"])] * 2, "their leases still hold"
        await bo.vanish()
        assert (await come_back(a, bo))["status"] == "active", "nobody else can have the session"
        for node in (a, b):
            url = f"{node.front.url}/api/v1/sessions/create"
            headers = {"Authorization": f"Bearer {node.person('cy').token}"}
            async with node.front.http.post(url, json={"language": "es"}, headers=headers) as answer:
                assert (answer.status, (await answer.json())["error"]["code"]) == (503, "at_capacity")
                assert int(answer.headers["Retry-After"]) > 0
            assert (await join_at(b, b.person("cy"), ana.code))[0] == 503
            node.clock.ahead += 600
            assert await ready(node) == (503, ["directory"])
            assert await handshake(node) == 503
        for one in (ana, bo):
            await one.quiet()
        await ana.say({"type": "set_language", "language": "en"})
        await until(lambda: reading(a, "dragoman_directory_writes_waiting") == 1)
        redis.start()
        for node in (a, b, a):
            await healed(node)
        assert [await ready(node) for node in (a, b)] == [(200, [])] * 2
        b.clock.ahead += 600
        await b.beat()
        assert (await join_at(b, b.person("cy"), ana.code))[1]["error"]["code"] == "session_full", "it is known again"
        assert (await b.person("cy").create())["sessionCode"]
        await until(lambda: reading(a, "dragoman_directory_writes_waiting") == 0)


async def test_a_redis_that_has_forgotten_all_is_not_believed(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana = a.person("ana")
        await ana.create("es")
        redis.kill()
        redis.start()
        for who_has_noticed in ([], [b]):
            for node in who_has_noticed:
                await healed(node)
            status, refused = await join_at(b, b.person("bo"), ana.code)
            assert (status, refused["error"]["code"]) == (503, "at_capacity"), "nobody can tell yet"
        await healed(a)
        assert (await join_at(b, b.person("bo"), ana.code))[0] == 200


async def test_one_node_alone_needs_no_redis(redis: RedisServer) -> None:
    async with node_here(redis, "a") as a:
        redis.kill()
        await a.beat()
        a.clock.ahead += 600
        ana = a.person("ana")
        await ana.create("es")
        assert (await join_at(a, a.person("bo"), ana.code))[0] == 200
        another = f"{(int(ana.code) + 1) % 1_000_000:06d}"
        assert (await join_at(a, a.person("bo"), another))[0] == 404
        assert await handshake(a) == 101 and await ready(a) == (200, ["directory"])
        redis.start()
        await healed(a)
        async with node_here(redis, "b") as b:
            assert (await join_at(b, b.person("bo"), ana.code))[1]["wsUrl"] == websocket_of("a")


async def test_a_name_is_one_process(redis: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async with node_here(redis, "a") as a:
        token, a.node.directory._steps._me = a.node.directory._steps._me, ("a", "another process")
        a.clock.ahead += 600
        await a.beat()
        assert not a.node.presence.admits and "another process" in caplog.text
        with pytest.raises(DirectoryAway):
            await a.node.directory.claim("s_1")
        a.node.directory._steps._me = token
        await a.beat()
        assert a.node.presence.admits


async def test_what_was_counted_on_one_node_counts_on_all(redis: RedisServer) -> None:
    now = [100.0]
    client = connect(redis.url)
    first, second = (SharedCounts(RedisExchange(client, name), lambda: now[0]) for name in ("one", "two"))
    here, there = (one.limiter("wrong_codes", Rate(3, 60)) for one in (first, second))
    for _ in range(3):
        here.count("192.0.2.1", now[0])
    assert here.wait("192.0.2.1", now[0]) == 60 and there.wait("192.0.2.1", now[0]) == 0
    for _ in range(2):  # what is read twice is counted once
        await first.exchange()
        await second.exchange()
    assert there.wait("192.0.2.1", now[0]) == 60 and there.wait("192.0.2.2", now[0]) == 0
    assert there.consume("192.0.2.2", now[0]) == 0
    await second.exchange()
    await first.exchange()
    for _ in range(2):
        assert here.consume("192.0.2.2", now[0]) == 0
    assert here.consume("192.0.2.2", now[0]) == 60
    now[0] += 61
    assert there.wait("192.0.2.1", now[0]) == 0
    await client.aclose()


async def test_wrong_codes_of_an_address_count_on_all_nodes(redis: RedisServer) -> None:
    limits = SignalingLimits(wrong_codes_of_address=Rate(4, 60), requests_of_user=MANY, requests_of_address=MANY)
    async with two_nodes(redis, config=SignalingOptions(limits=limits)) as (a, b):
        for _ in range(4):
            assert (await join_at(a, a.person("eve"), "000000"))[0] == 404
        await a.node.counts.exchange()
        await b.node.counts.exchange()
        status, refused = await join_at(b, b.person("eve"), "000000")
        assert (status, refused["error"]["code"]) == (429, "rate_limited")


class Withdrawals(NoHistory):
    """History that notes who withdraws. A node that is killed has noted it, and has not come to the database."""

    def __init__(self) -> None:
        self.of: list[tuple[str, str, int | None]] = []

    def off(self, session: str) -> None:
        return None

    def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        self.of.append((session, participant, until))


async def test_withdrawals_of_a_killed_node_are_done_by_another_and_by_itself_when_it_starts(
    redis: RedisServer,
) -> None:
    noted = {name: Withdrawals() for name in ("a", "b", "again")}
    async with node_here(redis, "b", history=noted["b"]) as b:
        async with node_here(redis, "a", leaves=False, history=noted["a"]) as a:
            await b.beat()
            ana, bo = await pair_over(a, b)
            for one, on in ((ana, True), (bo, True), (bo, False)):
                await one.say({"type": "set_history", "on": on})
                for other in (ana, bo):
                    await other.hear("history")
            await ana.say({"type": "leave_session"})
            assert (await bo.hear("session_ended"))["reason"] == "partner_left"
            await a.node.ledger.flush()
            assert noted["a"].of == [(bo.session, bo.me, None)]
        await b.beat()
        assert noted["b"].of == [], "the node may still live"
        await a.lapse()
        for _ in range(2):
            await b.beat()
        assert noted["b"].of == noted["a"].of
        async with node_here(redis, "a", history=noted["again"]):
            assert noted["again"].of == noted["a"].of


async def test_a_create_that_falls_back_counts_once(redis: RedisServer) -> None:
    limits = SignalingLimits(requests_of_address=Rate(2, 60), sessions_of_user=MANY)
    async with node_here(redis, "a", config=SignalingOptions(limits=limits)) as a:
        ana = a.person("ana")
        for _ in range(2):
            a.node.presence.roster.others = {"b": Facts("http://127.0.0.1:1", Load(-1.0, True))}  # it does not answer
            await ana.create()
        status, refused = await ana.call("POST", "/sessions/create", {"language": "es"})
        assert (status, refused["error"]["code"]) == (429, "rate_limited")


@pytest.mark.parametrize(
    ("shares", "mine", "chosen"),
    [
        ({"b": 0.0}, Load(0.05, True), None),
        ({"b": 0.0}, Load(0.5, True), "b"),
        ({"b": 0.4, "c": 0.1}, Load(0.5, True), "c"),
        ({"b": 0.9}, Load(0.2, False), "b"),
        ({}, Load(0.9, False), None),
        ({"b": None}, Load(0.9, False), None),
    ],
)
def test_the_node_with_least_to_do_is_chosen(shares: dict[str, float | None], mine: Load, chosen: str | None) -> None:
    roster = Roster("a", 4000)
    facts = {
        name: "10000 " + Facts("http://x", Load(0.0 if share is None else share, share is not None)).encoded()
        for name, share in shares.items()
    }
    roster.take(11_000, {**facts, "a": "10000 {}", "gone": "10000 ", "dead": facts.get("b", "").replace("10000", "10")})
    assert set(roster.others) == set(shares)
    assert roster.lighter(mine) == chosen
    assert roster.gone(5_000_000, {"dead": "10 {}", "a": "1 {}", "b": "4999999 {}"}, 3_600_000) == ["dead"]


async def test_only_who_comes_back_takes_a_session_over(redis: RedisServer) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        other = b.person("cy")
        await other.create("es")
        await other.open()
        await other.hear("session_joined")
        path = f"/sessions/{ana.session}"
        viewer = (await a.front.call("POST", f"{path}/viewers", None, ana.resume_token))[1]["token"]
        await ana.hear("viewers")
        await bo.hear("viewers")
        await a.lapse()  # it still has both, and can't reach Redis
        for method, where, token, code in (
            ("GET", path, bo.token, "at_capacity"),
            ("GET", path, None, "unauthorized"),
            ("DELETE", path, bo.token, "at_capacity"),
            ("GET", "/ice-servers", bo.resume_token, "at_capacity"),
            ("POST", f"{path}/viewers", bo.resume_token, "at_capacity"),
            ("GET", f"{path}/subtitles", viewer, "at_capacity"),
            ("GET", f"{path}/messages", "forged", "unauthorized"),
            ("GET", f"{path}/messages", other.resume_token, "forbidden"),
            ("GET", f"{path}/messages", other.token, "at_capacity"),
            ("POST", f"{path}/messages", bo.resume_token, "at_capacity"),
        ):
            assert (await b.front.call(method, where, None, token))[1]["error"]["code"] == code, (method, where)
        eve = b.person("eve")
        eve.session, eve.language = ana.session, "en"
        strangers = [("forged", "unauthorized"), (other.resume_token, "at_capacity"), (eve.token, "at_capacity")]
        for token, code in strangers:
            await eve.open(token)
            await eve.hear_error(code, fatal=True)
        assert len(b.front.sessions) == 1, "only the one that was made there"
        await a.beat()
        for one in (ana, bo):
            await one.quiet()
        assert (await b.front.call("GET", path, None, bo.token))[1]["status"] == "active"


async def test_a_take_over_whose_answer_was_lost_is_done_again(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_nodes(redis) as (a, b):
        ana, bo = await pair_over(a, b)
        take_over = b.node.directory._steps.take_over

        async def unheard(session: str) -> None:
            await take_over(session)
            raise Away("the answer is lost")

        await a.lapse()
        bo.front = b.front
        with monkeypatch.context() as patched:
            patched.setattr(b.node.directory._steps, "take_over", unheard)
            await bo.open(bo.resume_token)
            await bo.hear_error("at_capacity", fatal=True, close=1001)
        assert (await b.front.call("GET", f"/sessions/{bo.session}", None, bo.token))[0] == 503
        assert (await come_back(b, bo))["status"] == "active"
        assert await b.node.directory.sweep("b") and len(b.front.sessions) == 1, "what lives is not taken twice"
        await bo.quiet()
        await a.beat()
        assert (await ana.hear("moved"))["wsUrl"] == websocket_of("b")


async def test_a_session_that_was_taken_over_is_made_known_again_as_a_whole(redis: RedisServer) -> None:
    async with node_here(redis, "b") as b:
        async with node_here(redis, "a", leaves=False) as a:
            ana = a.person("ana")
            await ana.create("es")
        await a.lapse()
        assert await b.node.directory.sweep("a")
        redis.kill()
        redis.start()
        await healed(b)
        client = connect(redis.url)
        assert await client.hget(f"{ROOMS}session:{ana.session}", "record")
        await client.aclose()


def test_facts_that_nobody_can_read_are_those_of_no_node() -> None:
    roster = Roster("a", 4000)
    share = '{"url": "http://b", "share": %s, "room": true}'
    roster.take(
        5000, {"b": "5000 " + "[" * 100_000, "c": "9" * 5000 + " " + share % 0, "d": "5000 " + share % ("9" * 400)}
    )
    assert roster.others == {}


async def test_counts_that_nobody_can_read_are_passed_over(redis: RedisServer) -> None:
    client = connect(redis.url)
    first, second = (SharedCounts(RedisExchange(client, name), lambda: 100.0) for name in ("one", "two"))
    here, there = (one.limiter("wrong_codes", Rate(1, 60)) for one in (first, second))
    unreadable = (
        *(b"no JSON", b"7", b"[null]", b'[["wrong_codes"]]', b'[["wrong_codes", "x", "y"]]', b'[[[], "x", 1]]'),
        *(b'[["wrong_codes", "x", 1e999]]', b"[" * 100_000),
    )
    for counts in unreadable:
        await client.xadd(f"{ROOMS}counts", {"from": "three", "counts": counts})
    await client.xadd(f"{ROOMS}counts", {"from": b"\xff", "counts": b"[]"})
    here.count("192.0.2.1", 100.0)
    await first.exchange()
    await second.exchange()
    assert there.wait("192.0.2.1", 100.0) == 60
    await client.aclose()
