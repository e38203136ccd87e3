"""Jobs go to workers by way of Redis: each has one answer, finals come first, and nothing is left behind."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

import pytest

from pipeline.context import bound
from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from pipeline.errors import EngineLost
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.local import LaneBusy
from pipeline.lanes.pipe_messages import Answer
from pipeline.lanes.process import EngineHost
from pipeline.lanes.queue import Priority
from pipeline.speech import Speech, Synthesize, Translate, Translation
from pipeline.timings import JobTimed, Timings
from remote import exchange
from remote.connection import Client, connect
from remote.keys import GROUP, Keys
from remote.lane import RemoteLane
from remote.worker import Worker
from tests.kit.moved_clock import until
from tests.kit.redis_server import RedisServer
from tests.kit.remote_workers import PAIRS, GatedTranslator, lane_to, phrase, quick, worker_here

KEYS = Keys("mt")
CANARY = "marmalade over Dover"


async def until_it_is(measure: Callable[[], Awaitable[object]], wanted: object) -> None:
    """Wait until a reading of Redis is as wanted."""
    async with asyncio.timeout(60):
        while await measure() != wanted:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def length(client: Client, lane: RemoteLane[Any, Any], *, urgent: bool) -> int:
    """Return the number of jobs in a stream, those in hand included."""
    (offer,) = lane._roster.workers
    return int(await client.xlen(KEYS.jobs(offer, urgent=urgent)))


async def test_a_job_is_done_elsewhere(redis: RedisServer) -> None:
    async with worker_here(redis.url, name="w1"), lane_to(redis.url) as lane:
        heard = []
        timings = Timings()
        timings.observe(lambda context, timing: heard.append((context, timing)))
        lane.tell_times(timings, "mt")
        assert (lane.pairs, lane.ready, lane.fault) == (frozenset({("en", "es")}), True, None)
        with bound("s1", participant="ana") as context:
            assert await lane.do(phrase("hello")) == Translation("es: hello", "en", "es")
        readings = lane.readings()
        assert (readings.counters.jobs, readings.workers, dict(readings.by_worker)) == (1, 1, {"w1": 1})
        [(told, timing)] = heard
        assert told == context and isinstance(timing, JobTimed) and timing.engine == "mt redis"
        assert timing.started_at is not None and timing.queued_at <= timing.started_at <= timing.ended_at


async def test_figures_have_a_bound_of_workers_names(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "MOST_NAMES", 1)
    lane: RemoteLane[Any, Any] | None = None
    async with AsyncExitStack() as held:
        for name in ("w1", "w2", "w3"):
            async with worker_here(redis.url, name=name):
                lane = lane or await held.enter_async_context(lane_to(redis.url))
                await until(lambda: lane is not None and lane.ready)  # noqa: B023 - awaited here
                assert (await lane.do(phrase("hello"))).text == "es: hello"
        assert lane is not None and lane.readings().by_worker == {"w1": 1, exchange.OTHERS: 2}


async def test_an_engines_error_costs_its_job_alone(redis: RedisServer) -> None:
    async def fails(job: Translate) -> Translation:
        if job.text == "bad":
            raise EngineError("it can't")
        return await quick(job)

    async with worker_here(redis.url, fails), lane_to(redis.url) as lane:
        with pytest.raises(EngineError, match="it can't"):
            await lane.do(phrase("bad"))
        assert (await lane.do(phrase("good"))).text == "es: good"
        with pytest.raises(EngineError, match="no worker can do this job"):
            await lane.do(Translate("hallo", "de", "es"))
        assert lane.readings().waiting == lane.readings().running == 0


async def test_finals_go_first_and_interims_too_many_are_refused(redis: RedisServer) -> None:
    engine = GatedTranslator()
    async with worker_here(redis.url, engine), lane_to(redis.url, bound=2) as lane, asyncio.TaskGroup() as group:
        first = group.create_task(lane.do(phrase("0")))
        await until(lambda: engine.order == ["0"])
        rises = Priority()
        jobs = [first]
        for text, urgent in (("i1", False), ("i2", rises)):
            jobs.append(group.create_task(lane.do(phrase(text), urgent=urgent)))
            await until(lambda: lane.readings().waiting == len(jobs) - 1)
        client = connect(redis.url)
        await until_it_is(lambda: length(client, lane, urgent=False), 2)
        with pytest.raises(LaneBusy):
            await lane.do(phrase("i3"), urgent=False)
        jobs.extend(group.create_task(lane.do(phrase(f"f{number}"))) for number in range(4))
        await until_it_is(lambda: length(client, lane, urgent=True), 5)
        rises.rise()
        await until_it_is(lambda: length(client, lane, urgent=False), 1)
        await client.aclose()
        engine.gate.set()
    assert set(engine.order[1:5]) == {"f0", "f1", "f2", "f3"}
    assert [engine.order[0], *engine.order[5:]] == ["0", "i2", "i1"], "i2 has become a final"
    assert lane.counters.refused == 1


async def test_nothing_that_was_said_stays_in_redis(redis: RedisServer) -> None:
    async with worker_here(redis.url, width=4), lane_to(redis.url) as lane:
        await asyncio.gather(*(lane.do(phrase(f"{CANARY} {number}")) for number in range(8)))
        client = connect(redis.url)
        names = {name async for name in client.scan_iter("*")}
        assert not [name for name in names if b":payload:" in name]
        for name in names:
            if await client.type(name) == b"stream" and name != KEYS.answers(lane._exchange._asker).encode():
                assert await client.xlen(name) == 0, name
        await until_it_is(lambda: client.xlen(KEYS.answers(lane._exchange._asker)), 0)
        await client.aclose()
    assert not [path for path in redis.folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    assert {path.name for path in redis.folder.iterdir()} == {"redis.conf", "redis.log"}


async def test_a_job_that_nobody_waits_for_is_taken_back(redis: RedisServer) -> None:
    engine = GatedTranslator()
    async with worker_here(redis.url, engine), lane_to(redis.url) as lane, asyncio.TaskGroup() as group:
        first = group.create_task(lane.do(phrase("0")))
        await until(lambda: engine.order == ["0"])
        client = connect(redis.url)
        given_up = group.create_task(lane.do(phrase("given up")))
        await until_it_is(lambda: length(client, lane, urgent=True), 2)
        given_up.cancel()
        await until_it_is(lambda: length(client, lane, urgent=True), 1)
        await client.aclose()
        engine.gate.set()
        assert (await first).text == "es: 0"
        assert (await lane.do(phrase("next"))).text == "es: next"
    assert engine.order == ["0", "next"]


async def test_a_job_past_its_deadline_is_dropped_by_the_worker_that_sees_it(
    redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = GatedTranslator()
    async with worker_here(redis.url, engine), lane_to(redis.url) as lane, asyncio.TaskGroup() as group:
        first = group.create_task(lane.do(phrase("0")))
        await until(lambda: engine.order == ["0"])
        now = asyncio.get_running_loop().time()
        late = Envelope.seal(phrase("late"), now=now, run_s=0.1, patience_s=0.1)
        monkeypatch.setattr(lane._exchange, "take_back", lambda given: None)  # as a server that died
        with pytest.raises(EngineError, match="no worker answered in time"):
            await lane.perform(late)
        engine.gate.set()
        await first
        client = connect(redis.url)
        await until_it_is(lambda: length(client, lane, urgent=True), 0)
        await client.aclose()
    assert engine.order == ["0"]


async def test_languages_follow_the_workers(redis: RedisServer) -> None:
    async with RemoteLane[Translate, Translation]("mt", redis.url) as lane:
        await until(lambda: lane.fault == "no worker of mt is there")
        assert (lane.ready, lane.pairs, lane.fault) == (False, frozenset(), "no worker of mt is there")
        held = asyncio.ensure_future(lane.do(phrase("held")))
        async with worker_here(redis.url):
            assert (await held).text == "es: held"
            async with worker_here(redis.url, pairs=frozenset({("de", "en")})):
                await until(lambda: lane.pairs == {("en", "es"), ("de", "en")})
                assert (await lane.do(Translate("hallo", "de", "en"))).text == "en: hallo"
            await until(lambda: lane.pairs == {("en", "es")})
        await until(lambda: not lane.pairs)
        assert not lane.ready
        with pytest.raises(EngineError, match="no worker"):
            await lane.do(phrase("interim"), urgent=False)


async def test_a_job_of_which_workers_died_twice_is_buried(redis: RedisServer) -> None:
    client = connect(redis.url)
    async with worker_here(redis.url), lane_to(redis.url) as lane:
        (offer,) = lane._roster.workers
    stream = KEYS.jobs(offer, urgent=True)
    seconds, _ = await client.time()
    await client.zadd(KEYS.workers, {f"{offer}/has just died": seconds * 1000 + 600_000})
    async with lane_to(redis.url) as lane:
        asked = asyncio.ensure_future(lane.do(phrase(CANARY)))
        await until_it_is(lambda: client.xlen(stream), 1)
        [[_, [(entry, _)]]] = await client.xreadgroup(GROUP, "dead 1", {stream: ">"}, count=1)
        await client.xclaim(stream, GROUP, "dead 2", 0, [entry])
        await client.xclaim(stream, GROUP, "dead 2", 0, [entry], idle=60_000, justid=True)
        async with worker_here(redis.url):
            with pytest.raises(EngineError, match="2 workers died of it"):
                await asked
        [(_, buried)] = await client.xrange(KEYS.dead_letters)
        assert buried[b"deliveries"] == b"3" and CANARY.encode() not in b"".join(buried.values())
        assert await client.xlen(stream) == 0
    await client.aclose()


async def test_a_job_by_which_an_engine_died_is_buried(redis: RedisServer) -> None:
    async def kills(job: Translate) -> Translation:
        raise EngineError("nobody sees this")

    async with worker_here(redis.url, kills) as worker, lane_to(redis.url) as lane:

        async def perform(envelope: Envelope[Translate], **_: object) -> object:
            raise EngineLost("the engine died of it")

        worker._lane.perform = perform  # type: ignore[method-assign, assignment]
        with pytest.raises(EngineError, match="died of it"):
            await lane.do(phrase("poison"))
        client = connect(redis.url)
        assert await client.xlen(KEYS.dead_letters) == 1
        await client.aclose()


async def test_speech_comes_back_byte_for_byte(redis: RedisServer) -> None:
    spoken = Speech(bytes(range(256)) * 4000)

    async def speak(job: Synthesize) -> Speech:
        return spoken

    stop = asyncio.Event()
    async with InLoopLane(speak, languages=frozenset({"es"})) as lane, asyncio.TaskGroup() as group:
        lane.spec = EngineSpec("tts", "scripted")
        group.create_task(Worker("tts", redis.url, lane, name="v").run(stop))
        async with lane_to(redis.url, "tts") as voices:
            assert await voices.do(Synthesize("hola", "es")) == spoken
        stop.set()


class Batches:
    """A translator that notes the texts of each batch."""

    pairs = PAIRS

    def __init__(self) -> None:
        self.seen: list[set[str]] = []

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation]:
        self.seen.append({job.text for job in jobs})
        return [Translation(job.text, job.source, job.target) for job in jobs]


async def test_jobs_of_several_servers_share_a_batch(redis: RedisServer) -> None:
    engine, stop = Batches(), asyncio.Event()
    here: InLoopLane[Translate, Translation] = InLoopLane(engine, batch=2, linger_ms=3_600_000)
    here.spec = EngineSpec("mt", "scripted")
    async with here, asyncio.TaskGroup() as group:
        group.create_task(Worker("mt", redis.url, here, name="w", batch=2).run(stop))
        async with lane_to(redis.url) as one, lane_to(redis.url) as other:
            await asyncio.gather(one.do(phrase("a"), urgent=False), other.do(phrase("b"), urgent=False))
        stop.set()
    assert engine.seen == [{"a", "b"}]


class Slow(InLoopLane[Translate, Translation]):
    """A lane whose first runs end when a gate opens. It notes the width of each run."""

    def __init__(self, **options: Any) -> None:
        self.widths: list[int] = []
        self.gate = asyncio.Event()
        super().__init__(Batches(), **options)
        self.spec = EngineSpec("mt", "scripted")

    def runs(self, number: int) -> bool:
        return len(self.widths) == number

    def _new_host(self) -> EngineHost:
        host = super()._new_host()
        run = host.run

        async def waits(envelopes: Sequence[Envelope[Any]]) -> Sequence[Answer]:
            self.widths.append(len(envelopes))
            await self.gate.wait()
            return await run(envelopes)

        host.run = waits  # type: ignore[method-assign]
        return host


@pytest.mark.parametrize(("processes", "more", "widths", "held"), [(1, 8, [1, 4, 4], 0), (2, 12, [1, 1, 4, 4, 4], 4)])
async def test_a_busy_workers_batches_are_full_and_it_holds_little_back(
    redis: RedisServer, processes: int, more: int, widths: list[int], held: int
) -> None:
    here, stop = Slow(batch=4, width=processes), asyncio.Event()
    async with here, asyncio.TaskGroup() as group:
        worker = Worker("mt", redis.url, here, name="w", processes=processes, batch=4)
        group.create_task(worker.run(stop))
        async with lane_to(redis.url) as lane, asyncio.TaskGroup() as asked:
            for begun in range(processes):  # one for each engine, which runs it alone
                asked.create_task(lane.do(phrase(f"{begun}")))
                await until(partial(here.runs, begun + 1))
            for later in range(more):
                asked.create_task(lane.do(phrase(f"later {later}")))
            client = connect(redis.url)
            await until_it_is(lambda: length(client, lane, urgent=True), processes + more)
            await client.aclose()
            await asyncio.sleep(0.05)
            assert len(worker._in_hand) <= processes + held, "another worker could do the others"
            here.gate.set()
        stop.set()
    assert here.widths == widths
