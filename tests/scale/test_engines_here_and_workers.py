"""A stage with engines here and workers: who does a job, and who stands in."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from pipeline.lanes.in_loop import InLoopLane
from pipeline.speech import Translate, Translation
from remote.lane import RemoteLane
from remote.mixed import First, MixedLane
from server.dependencies import parts_away
from server.engine_choice.from_settings import engine_set
from server.engine_choice.places import Place, place
from server.settings import BadSetting, Settings
from signaling.readiness import Degraded
from tests.kit.moved_clock import until
from tests.kit.redis_server import RedisServer
from tests.kit.remote_workers import PAIRS, GatedTranslator, phrase, worker_here


async def ours(job: Translate) -> Translation:
    return Translation(f"here: {job.text}", job.source, job.target)


@asynccontextmanager
async def mixed(
    redis: RedisServer, first: First, engine: object = ours
) -> AsyncIterator[MixedLane[Translate, Translation]]:
    here: InLoopLane[Translate, Translation] = InLoopLane(engine, pairs=PAIRS)  # type: ignore[arg-type]
    here.spec = EngineSpec("mt", "scripted")
    workers: RemoteLane[Translate, Translation] = RemoteLane("mt", redis.url, holds=False)
    async with MixedLane(here, workers, first=first, room=1) as lane:
        await lane.wait_ready()
        yield lane


async def test_workers_first_and_the_engine_here_stands_in(redis: RedisServer) -> None:
    async with mixed(redis, First.WORKERS) as lane:
        assert (await lane.do(phrase("a"))).text == "here: a", "no worker is there"
        async with worker_here(redis.url, pairs=PAIRS | {("de", "en")}):
            await until(lambda: lane.workers.ready)
            assert (await lane.do(phrase("b"))).text == "es: b"
            assert lane.pairs == PAIRS | {("de", "en")}
            assert (await lane.do(Translate("c", "de", "en"))).text == "en: c"
            redis.kill()
            assert (await lane.do(phrase("d"))).text == "here: d"
            assert lane.ready and not lane.workers.ready
            redis.start()
            await until(lambda: lane.workers.ready)
            assert (await lane.do(phrase("e"))).text == "es: e"
    assert lane.readings().counters.stand_ins == 2


async def test_the_engine_here_first_and_workers_do_what_is_beyond_it(redis: RedisServer) -> None:
    engine = GatedTranslator()
    async with mixed(redis, First.HERE, engine) as lane, worker_here(redis.url, name="w1"):
        await until(lambda: lane.workers.ready)
        first = asyncio.ensure_future(lane.do(phrase("a")))
        await until(lambda: engine.order == ["a"])
        assert (await lane.do(phrase("b"))).text == "es: b"
        assert engine.order == ["a"] and lane.readings().by_worker == {"w1": 1}
        engine.gate.set()
        await first
        await lane.do(phrase("c"))
        assert engine.order == ["a", "c"]


async def test_a_job_that_fails_on_one_side_is_done_by_the_other(redis: RedisServer) -> None:
    async def fails(job: Translate) -> Translation:
        raise EngineError("it can't")

    async with mixed(redis, First.HERE, fails) as lane, worker_here(redis.url):
        await until(lambda: lane.workers.ready)
        assert (await lane.do(phrase("a"))).text == "es: a"
    async with mixed(redis, First.WORKERS) as lane, worker_here(redis.url, fails):
        await until(lambda: lane.workers.ready)
        assert (await lane.do(phrase("b"))).text == "here: b"


def test_settings_say_where_a_stage_runs() -> None:
    assert place(None) == place("local") == Place(None)
    assert place("redis") == Place(None, here=False, workers=True, workers_first=True)
    assert place("redis+local") == Place(None, workers=True, workers_first=True)
    assert place("redis+whisper:/a+b") == Place("whisper:/a+b", workers=True, workers_first=True)
    assert place("whisper:/a+b+redis") == Place("whisper:/a+b", workers=True)


def test_workers_need_a_redis_and_their_own_glossary(tmp_path: object) -> None:
    with pytest.raises(BadSetting, match="DRAGOMAN_STT names workers, so DRAGOMAN_REDIS_URL must be set"):
        engine_set(Settings(stt="redis"))
    with pytest.raises(BadSetting, match="set it at the workers"):
        engine_set(Settings(mt="redis", redis_url="redis://127.0.0.1", glossary="a.txt"))  # type: ignore[arg-type]


async def test_a_server_serves_what_its_workers_can(redis: RedisServer) -> None:
    settings = Settings(models="scripted", stt="redis", mt="redis", redis_url=redis.url)
    async with engine_set(settings) as stages:
        await stages.tts.wait_ready()
        assert stages.stages_ready() == {"stt": False, "mt": False, "tts": True}
        assert parts_away(stages) == (Degraded.WORKERS,)
        async with worker_here(redis.url):
            await until(lambda: stages.mt.ready)
            assert stages.mt.pairs == PAIRS and parts_away(stages), "no recogniser is there"
            assert (await stages.mt.do(phrase("hello"))).text == "es: hello"
