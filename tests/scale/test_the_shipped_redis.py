"""The shipped configuration of Redis: TLS and nothing else, a user for each role, and nothing on a disk."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from redis.exceptions import AuthenticationError, NoPermissionError, RedisError

from nodes.over_redis import running_node
from nodes.presence import LeaseOptions
from nodes.running import NodeOptions
from pipeline.engines import EngineError
from pipeline.lanes.queue import Priority
from remote.connection import connect
from remote.keys import GROUP, Keys
from signaling.rate_limits import Rate
from signaling.sessions.directory import Elsewhere, Load, Over, Vacant, random_code
from storage.records import EndedRecord, ParticipantRecord, SessionRecord
from tests.kit.certificates import Authority, new_key, pem
from tests.kit.moved_clock import until
from tests.kit.nodes import websocket_of
from tests.kit.redis_server import CONFIGURATION, RedisServer
from tests.kit.remote_workers import GatedTranslator, lane_to, phrase, worker_here

USERS = CONFIGURATION.parent / "users.acl"
KEYS = Keys("mt")
KINDS = "stt", "mt", "tts"
CANARY = "marmalade over Dover"


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis by the shipped files, with this test's port, certificate and passwords."""
    authority, key = Authority(), new_key()
    (tmp_path / "redis.crt").write_bytes(authority.issue(key, "127.0.0.1", "localhost"))
    (tmp_path / "redis.key").write_bytes(pem(key))
    (tmp_path / "redis-ca.crt").write_bytes(authority.pem)
    (tmp_path / "redis-users.acl").write_text(USERS.read_text())
    lines = [line.split() for line in CONFIGURATION.read_text().splitlines() if not line.startswith("#")]
    ours = {line[0]: tmp_path / Path(line[1]).name for line in lines if line[1:] and "/etc/dragoman/" in line[1]}
    paths = "\n".join(f"{name} {path}" for name, path in ours.items())
    server = RedisServer(tmp_path, f"{paths}\ntls-port {{port}}", without=("tls-port", *ours))
    server.start()
    yield server
    server.kill()


def url_of(server: RedisServer, user: str) -> str:
    ca = server.folder / "redis-ca.crt"
    return f"rediss://{user}:{user.upper()}_PASSWORD@127.0.0.1:{server.port}/0?ssl_ca_certs={ca}"


async def test_all_that_servers_and_workers_do_is_allowed_and_nothing_is_written(shipped: RedisServer) -> None:
    engine = GatedTranslator()
    node, worker = connect(url_of(shipped, "node")), connect(url_of(shipped, "mt"))
    async with worker_here(url_of(shipped, "mt"), engine), lane_to(url_of(shipped, "node")) as lane:
        first = asyncio.ensure_future(lane.do(phrase(CANARY)))
        await until(lambda: len(engine.order) == 1)
        rises = Priority()
        second = asyncio.ensure_future(lane.do(phrase(f"{CANARY} again"), urgent=rises))
        given_up = asyncio.ensure_future(lane.do(phrase("given up")))
        await until(lambda: all(given.entry for given in lane._exchange.given()))
        rises.rise()
        given_up.cancel()
        await asyncio.sleep(0.2)
        engine.gate.set()
        assert [(await one).text for one in (first, second)] == [f"es: {CANARY}", f"es: {CANARY} again"]
        assert lane.ready, lane.fault
        (offer,) = lane._roster.workers
    stream = KEYS.jobs(offer, urgent=True)
    seconds, _ = await worker.time()
    await worker.zadd(KEYS.workers, {f"{offer}/has just died": seconds * 1000 + 600_000})
    async with lane_to(url_of(shipped, "node")) as lane:
        asked = asyncio.ensure_future(lane.do(phrase(CANARY)))
        found: list[object] = []
        while not found:
            found = await worker.xreadgroup(GROUP, "dead", {stream: ">"}, count=1)
        [(entry, _)] = found[0][1]  # type: ignore[index]
        await worker.xclaim(stream, GROUP, "dead", 0, [entry], idle=60_000, retrycount=2)
        async with worker_here(url_of(shipped, "mt")):
            with pytest.raises(EngineError, match="2 workers died of it"):
                await asked
    await node.aclose()
    await worker.aclose()
    written = [path for path in shipped.folder.rglob("*") if path.is_file()]
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]
    assert {path.suffix for path in written} == {".conf", ".log", ".acl", ".crt", ".key"}


async def test_all_that_nodes_do_among_themselves_is_allowed_and_nothing_is_written(shipped: RedisServer) -> None:
    async with AsyncExitStack() as stack:
        a, b = [
            await stack.enter_async_context(
                running_node(
                    NodeOptions(name, websocket_of, 60, random_code, LeaseOptions(60, 1e6)),
                    url_of(shipped, "node"),
                )
            )
            for name in "ab"
        ]
        for node in (a, b):
            node.directory.attend(NoSessions())
            node.presence.listens("http://127.0.0.1:1")
            await until(lambda node=node: node.presence.holds)  # type: ignore[misc]
        here = await a.directory.claim("s_1")
        person = ParticipantRecord("p_1", "u_1", CANARY, "en")
        a.ledger.save(SessionRecord("s_1", here.code, False, 1, 2, participants=(person,)))
        await a.ledger.flush()
        place = await b.directory.locate(here.code)
        assert isinstance(place, Elsewhere) and place.node == "a"
        await a.directory.leave({"s_1": "unread"})
        assert await b.directory.locate("s_1") == Vacant("s_1")
        taken = await b.directory.take_over("s_1")
        assert taken is not None and (taken.record.participants, taken.unread) == ((person,), "unread")
        await b.directory.check()
        b.directory.release("s_1")
        b.ledger.end(EndedRecord("s_1", here.code, 1, None, 2, "left"), -60_000)
        await b.ledger.flush()
        assert isinstance(await b.directory.locate(here.code), Over)
        await b.directory.sweep("a")
        b.counts.limiter("requests", Rate(9, 1)).count("192.0.2.1", 0.0)
        await b.counts.exchange()
        await a.counts.exchange()
    written = [path for path in shipped.folder.rglob("*") if path.is_file()]
    assert not [path for path in written if CANARY.encode() in path.read_bytes()]


class NoSessions:
    """A host of no sessions at all."""

    load = Load(0.0, True)

    def lives(self, session: str) -> bool:
        return False

    def take(self, record: SessionRecord) -> None:
        raise AssertionError("nothing was left behind")

    def withdraw_again(self, ended: Sequence[EndedRecord]) -> None:
        assert not ended

    def rearm(self) -> None:
        """Do nothing."""

    def give_up(self, session: str, websocket_url: str) -> None:
        raise AssertionError("nothing was lost")


@pytest.mark.parametrize("user", ["node", "stt", "mt", "tts"])
async def test_a_role_can_do_no_more_than_it_needs(shipped: RedisServer, user: str) -> None:
    client = connect(url_of(shipped, user))
    commands = ["CONFIG GET *", "KEYS *", "SCAN 0", "FLUSHALL", "SELECT 0", "MONITOR", "ACL LIST", "SAVE", "INFO"]
    keys = ["dragoman:session:1", "dragoman:node:1", "other"] + ["dragoman:rooms:session:1"] * (user != "node")
    keys += [f"dragoman:{kind}:payload:1" for kind in KINDS if user not in ("node", kind)]
    for command in [*commands, *(f"{'MGET' if user == 'node' else 'GET'} {key}" for key in keys)]:
        with pytest.raises(NoPermissionError, match="command" if command in commands else "key"):
            await client.execute_command(*command.split())
    await client.aclose()


async def test_a_node_reads_nothing_of_workers_but_what_they_offer(shipped: RedisServer) -> None:
    client = connect(url_of(shipped, "node"))
    for kind in KINDS:
        for command in (
            f"XREAD STREAMS dragoman:{kind}:dead 0",
            f"XLEN dragoman:{kind}:dead",
            f"XADD dragoman:{kind}:dead * id 1",
            f"SET dragoman:{kind}:offer:1 forged",
            f"DEL dragoman:{kind}:workers",
        ):
            with pytest.raises(NoPermissionError, match="key"):
                await client.execute_command(*command.split())
        assert await client.execute_command("ZRANGE", f"dragoman:{kind}:workers", 0, -1) == []
    with pytest.raises(NoPermissionError):
        await client.execute_command("ZADD", "dragoman:mt:workers", 1, "offer/forged")
    await client.aclose()


async def test_a_worker_reads_no_answers(shipped: RedisServer) -> None:
    """Those to one server are no affair of any worker but the one that writes them."""
    for user in KINDS:
        client = connect(url_of(shipped, user))
        await client.xadd(f"dragoman:{user}:answers:1", {"id": "1"})
        for command in (
            f"XREADGROUP GROUP workers me STREAMS dragoman:{user}:answers:1 >",
            f"XINFO CONSUMERS dragoman:{user}:answers:1 workers",
            f"GET dragoman:{user}:offer:1",
        ):
            with pytest.raises(NoPermissionError, match="key"):
                await client.execute_command(*command.split())
        await client.aclose()


async def test_nobody_comes_in_without_tls_or_a_password(shipped: RedisServer) -> None:
    with socket.create_connection(("127.0.0.1", shipped.port), timeout=60) as plain:
        plain.sendall(b"PING\r\n")
        with contextlib.suppress(ConnectionError):
            assert b"PONG" not in plain.recv(100)
    for url, error in (
        (url_of(shipped, "node").replace("NODE_PASSWORD", "wrong"), AuthenticationError),
        (url_of(shipped, "node").replace("node:NODE_PASSWORD@", ""), RedisError),
        (url_of(shipped, "node").partition("?")[0], RedisError),
    ):
        client = connect(url)
        with pytest.raises(error):
            await client.mget(["dragoman:mt:payload:1"])
        await client.aclose()
