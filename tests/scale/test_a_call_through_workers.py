"""A real call whose engines are workers: it outlives Redis and the workers, and /ready says what is away."""

from __future__ import annotations

import asyncio
import json
import signal
import urllib.error
import urllib.request
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.kit.engine_faults import SHIFT, hears, utterance
from tests.kit.extent import LONG, extent
from tests.kit.packet_caller import PATIENCE, calling
from tests.kit.redis_server import RedisServer
from tests.kit.remote_workers import WorkerProcess
from tests.kit.server_process import Server
from tests.kit.tone_server_settings import FOR_TONES
from tests.kit.tones import packets

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(not LONG, reason="five processes; the short form has their parts"),
]
ENGINES = {"stt": "scripted", "mt": "scripted", "tts": f'scripted:{{"shift_hz": {SHIFT}}}'}
AWAY_S = extent(5.0, 20.0)


async def test_a_call_through_workers(redis: RedisServer, tmp_path: Path) -> None:
    workers = [WorkerProcess(redis.url, f"--{kind}", engine, name=f"w-{kind}") for kind, engine in ENGINES.items()]
    stages = {f"DRAGOMAN_{kind.upper()}": "redis" for kind in ENGINES}
    with ExitStack() as stack:
        for worker in workers:
            stack.enter_context(worker)
        settings = {**FOR_TONES, **stages, "DRAGOMAN_REDIS_URL": redis.url}
        server = stack.enter_context(Server(tmp_path / "server", **settings))
        assert asked(server, "/ready")[0] == 200
        async with calling(server.url) as (ana, ben):
            assert (await utterance(ana, ben, 400))["outcome"] == "spoken"
            assert (hears(ben, 0), hears(ben, 1)) == ({400 + SHIFT}, {400})
            redis.pause()
            place, before = len(ben.media.inbox.received), set(ben.media.lines[1])
            await ana.speak(packets(500, 0.3))
            await asyncio.sleep(AWAY_S)
            assert hears(ben, 1, before) == {500}, "the original voice knows nothing of Redis"
            status, said = asked(server, "/ready")
            assert (status, said["degraded"]) == (503, ["workers"])
            redis.go_on()
            ended = await ben.media.inbox.wait_for("utterance_end", after=place, timeout=PATIENCE)
            assert ended["outcome"] in ("spoken", "subtitles_only")
            assert (await utterance(ben, ana, 600))["outcome"] == "spoken"
            redis.kill()
            for worker in workers:
                worker.end(signal.SIGKILL)
            redis.start()
            for worker in workers:
                worker.start()
            async with asyncio.timeout(120):
                while asked(server, "/ready")[0] != 200:  # noqa: ASYNC110
                    await asyncio.sleep(0.5)
            before_ana = set(ana.media.lines[0])
            assert (await utterance(ben, ana, 700))["outcome"] == "spoken"
            assert hears(ana, 0, before_ana) == {700 + SHIFT}
        shown = metrics(server)
        for kind in ENGINES:
            assert f'dragoman_worker_jobs_total{{stage="{kind}",worker="w-{kind}"}}' in shown


def metrics(server: Server) -> str:
    with urllib.request.urlopen(f"{server.url}/metrics", timeout=60) as answer:
        text: str = answer.read().decode()
    return text


def asked(server: Server, path: str) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON of an answer."""
    try:
        with urllib.request.urlopen(f"{server.url}{path}", timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refusal:
        return refusal.code, json.load(refusal)
