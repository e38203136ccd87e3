"""All that docker-compose.production.yml starts, started here by its own commands and settings: a call runs over it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.kit.compose_files import PASSWORDS, PRODUCTION, environment, services
from tests.kit.coturn_process import SECRET, RunningCoturn, running_coturn
from tests.kit.engine_faults import SHIFT, hears, utterance
from tests.kit.extent import LONG
from tests.kit.free_port import free_port
from tests.kit.packet_caller import PATIENCE, Caller, come_back, enter
from tests.kit.postgres import Postgres, running_postgres
from tests.kit.reverse_proxies import DEPLOY, nginx_of_nodes, running_command
from tests.kit.server_process import UNLIMITED, Server
from tests.kit.turn_client import allocation
from turn.credentials import Credential

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(not LONG, reason="ten processes; tests/deploy holds the file to the program in the short form"),
]
KINDS = "stt", "mt", "tts"
ENGINES = {"stt": "scripted", "mt": "scripted", "tts": f'scripted:{{"shift_hz": {SHIFT}}}'}
PERSON = {"username": "Ana", "email": "ana@example.org", "password": "a tall blue giraffe", "preferredLanguage": "en"}


@dataclass(frozen=True)
class Production:
    """The whole: the address of nginx, both nodes, and what they stand on."""

    url: str
    nodes: dict[str, Server]
    workers: dict[str, subprocess.Popen[bytes]]
    postgres: Postgres
    coturn: RunningCoturn


def dragoman(service: str, *more: str) -> list[str]:
    """Return the command of a service of the file, with further arguments."""
    first, *arguments = services(PRODUCTION)[service]["command"]
    assert first == "dragoman"
    return [sys.executable, "-m", "server.cli.main", *arguments, *more]


@contextmanager
def process(
    command: list[str], log: Path, folder: Path = DEPLOY.parent, **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process in a folder until the end, with no setting but these."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    with log.open("wb") as said:
        running = subprocess.Popen(command, env=ours | variables, stdout=said, stderr=said, cwd=folder)
    try:
        yield running
    finally:
        if running.poll() is None:
            running.kill()
        running.wait()


@contextmanager
def production(folder: Path) -> Iterator[Production]:
    """Run every service, each at a free port of this machine."""
    ports = {name: free_port() for name in ("node-a", "node-b", "redis", "nginx")}
    url = f"http://127.0.0.1:{ports['nginx']}"
    with ExitStack() as stack:
        postgres = stack.enter_context(running_postgres())
        postgres.run("CREATE DATABASE dragoman")
        database = postgres.url("dragoman")
        upgrade = environment(PRODUCTION, "schema") | {"DRAGOMAN_DATABASE_URL": database}
        with process(dragoman("schema"), folder / "schema.log", **upgrade) as schema:
            assert schema.wait(120) == 0, (folder / "schema.log").read_text()

        (folder / "redis").mkdir()
        arguments = list(services(PRODUCTION)["redis"]["command"])
        arguments[arguments.index("--port") + 1] = str(ports["redis"])
        passwords = {name.removeprefix("REDIS_"): value for name, value in PASSWORDS.items()}
        command = ["sh", str(DEPLOY / "redis/start"), str(folder / "redis"), "redis-server", *arguments]
        stack.enter_context(process(command, folder / "redis.log", folder / "redis", **passwords))
        coturn = stack.enter_context(running_coturn(folder))

        def elsewhere(given: dict[str, str]) -> dict[str, str]:
            user, _, _ = given["DRAGOMAN_REDIS_URL"].rpartition("@")
            return given | {"DRAGOMAN_REDIS_URL": f"{user}@127.0.0.1:{ports['redis']}"}

        workers = {}
        for kind in KINDS:
            settings = elsewhere(environment(PRODUCTION, kind, DRAGOMAN_MODELS="scripted"))
            command = dragoman(kind, ENGINES[kind], "--name", kind)
            workers[kind] = stack.enter_context(process(command, folder / f"{kind}.log", **settings))
        nodes = {}
        filled = {
            **UNLIMITED,
            "DRAGOMAN_PUBLIC_URL": url,
            "DRAGOMAN_VAD": "loudness",
            "DRAGOMAN_TURN_URLS": coturn.url(),
            "DRAGOMAN_TURN_SECRET": SECRET,
        }
        for name in ("a", "b"):
            port = ports[f"node-{name}"]
            settings = elsewhere(environment(PRODUCTION, f"node-{name}", **filled))
            settings |= {
                "DRAGOMAN_DATA": str(folder / f"node-{name}/data"),
                "DRAGOMAN_DATABASE_URL": database,
                "DRAGOMAN_NODE_URL": f"http://127.0.0.1:{port}",
            }
            assert settings["DRAGOMAN_MODE"] == "production"
            nodes[name] = stack.enter_context(Server(folder / f"node-{name}", port=port, accounts=True, **settings))
        (folder / "nginx").mkdir()
        addresses = {name: f"127.0.0.1:{ports[f'node-{name}']}" for name in nodes}
        command = nginx_of_nodes(folder / "nginx", ports["nginx"], addresses, "one-machine.conf")
        stack.enter_context(running_command(command, folder / "nginx", ports["nginx"]))
        yield Production(url, nodes, workers, postgres, coturn)


def asked(server: Server, path: str) -> str:
    with urllib.request.urlopen(f"{server.url}{path}", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


async def test_a_call_over_all_that_the_production_file_starts(tmp_path: Path) -> None:
    with production(tmp_path) as whole:
        a, b = whole.nodes["a"], whole.nodes["b"]
        for node in (a, b):
            ready: dict[str, Any] = json.loads(asked(node, "/ready"))
            assert (ready["ready"], ready["degraded"]) == (True, [])

        async with Caller(whole.url) as ana, Caller(a.url) as here, Caller(b.url) as there:
            # One store of people: made at whichever node nginx asks, known at both.
            made = (await ana.call("POST", "/auth/register", PERSON, token="")).body
            for one in (here, there):
                entered = await one.call("POST", "/auth/login", {k: PERSON[k] for k in ("email", "password")}, token="")
                assert entered.body["userId"] == made["userId"]
        assert whole.postgres.run("SELECT count(*) FROM users", "dragoman") == "1"

        async with Caller(a.url) as ana, Caller(b.url) as ben:
            await enter(ana, ben)
            assert {one.ws_url for one in (ana, ben)} == {f"ws{whole.url.removeprefix('http')}/ws/a"}
            assert (await utterance(ana, ben, 400))["outcome"] == "spoken"
            assert (hears(ben, 0), hears(ben, 1)) == ({400 + SHIFT}, {400})
            assert (await utterance(ben, ana, 500))["outcome"] == "spoken"
            assert (hears(ana, 0), hears(ana, 1)) == ({500 + SHIFT}, {500})
            for kind in KINDS:
                assert f'dragoman_worker_jobs_total{{stage="{kind}",worker="{kind}"}}' in asked(a, "/metrics")

            # The relay lets in by what a node gives out.
            (given,) = [one for one in ana.joined["iceServers"] if "credential" in one]
            async with allocation(whole.coturn, Credential(given["username"], given["credential"])):
                pass

            a_process = a.process
            assert a_process is not None
            a_process.send_signal(signal.SIGTERM)
            for person in (ana, ben):
                moved = await person.signal.inbox.wait_for("moved", timeout=PATIENCE)
                assert moved["wsUrl"].endswith("/ws/b")
                person.ws_url = moved["wsUrl"]
            async with asyncio.TaskGroup() as group:
                for person in (ana, ben):
                    group.create_task(come_back(person, may_move=True))
            if not ana.joined["partner"]["connected"]:
                await ana.signal.inbox.wait_for("partner_connected", timeout=PATIENCE)
            assert (await utterance(ana, ben, 600))["outcome"] == "spoken"
            assert hears(ben, 0) == {600 + SHIFT}
            assert a.stop() == 0

        for kind in KINDS:
            whole.workers[kind].send_signal(signal.SIGTERM)
        assert [whole.workers[kind].wait(60) for kind in KINDS] == [0, 0, 0]
        assert {path.name for path in (tmp_path / "redis").iterdir()} == {"users.acl"}
