"""A lane: order, bounds, batches, and what an engine's failure costs."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines import EngineError, registry
from pipeline.engines.registry import EngineSpec
from pipeline.engines.scripted import ScriptedTranslator, in_loop
from pipeline.lanes import child_environment
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.lane import RunningProcess
from pipeline.lanes.local import LaneBusy, LocalLane
from pipeline.lanes.process import EngineProcess
from pipeline.speech import Translate, Translation
from testing.virtual_clock import virtually
from tests.kit.moved_clock import MovedClock, until


def phrase(text: str) -> Translate:
    return Translate(text, "en", "es")


SECRETS = (
    "DRAGOMAN_SECRET",
    "DRAGOMAN_TURN_SECRET",
    "DRAGOMAN_DATABASE_URL",
    "AWS_SECRET_ACCESS_KEY",
    "HF_TOKEN",
    "OPENAI_API_KEY",
)
"""Variables that no engine is to see, but for the key of its own."""


def scripted(**options: Any) -> EngineSpec:
    return EngineSpec("mt", "scripted", options)


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


async def outcomes(lane: LocalLane[Translate, Translation], *texts: str, **options: Any) -> list[str]:
    """Each job's translation, or its error's class name."""
    done = await asyncio.gather(*(lane.do(phrase(text), **options) for text in texts), return_exceptions=True)
    return [one.text if isinstance(one, Translation) else type(one).__name__ for one in done]


class Gated:
    """An engine in the loop that answers when told, and notes the order of its jobs."""

    pairs = frozenset({("en", "es")})

    def __init__(self) -> None:
        self.order: list[str] = []
        self.open = asyncio.Event()

    async def __call__(self, job: Translate) -> Translation:
        self.order.append(job.text)
        await self.open.wait()
        return Translation(job.text, job.source, job.target)


async def test_an_engine_in_a_process() -> None:
    async with LocalLane[Translate, Translation](scripted(pattern="{target}: {text}")) as lane:
        await lane.wait_ready()
        assert lane.ready
        assert lane.pairs == {("en", "es"), ("es", "en")}
        assert await lane.do(phrase("hello")) == Translation("es: hello", "en", "es")
        (pid,) = lane.pids
        assert os.getpriority(os.PRIO_PROCESS, pid) == min(19, os.getpriority(os.PRIO_PROCESS, 0) + 10)
        assert os.getpgid(pid) == pid, "what the terminal sends to the server's group is not for it"
        assert os.getsid(pid) == os.getsid(0), "the kernel shares time between sessions whatever their niceness"
        assert (lane.counters.jobs, lane.counters.failures, lane.counters.restarts) == (1, 0, 0)
    assert gone(pid)
    with pytest.raises(EngineError, match="closed"):
        await lane.do(phrase("late"))


async def test_nothing_is_left_after_closing_even_while_it_starts_or_hangs() -> None:
    tasks, files = len(asyncio.all_tasks()), len(os.listdir("/proc/self/fd"))
    async with LocalLane[Translate, Translation](scripted()):
        pass
    async with LocalLane[Translate, Translation](scripted(hang_on="hang"), batch=1) as lane:
        hung = asyncio.ensure_future(lane.do(phrase("hang")))
        queued = asyncio.ensure_future(lane.do(phrase("queued")))
        await until(lambda: lane.running == 1)
        (pid,) = lane.pids
    for job in (hung, queued):
        with pytest.raises(EngineError, match="closed"):
            await job
    assert gone(pid)
    await asyncio.sleep(0)
    assert len(asyncio.all_tasks()) == tasks
    assert len(os.listdir("/proc/self/fd")) == files


async def test_the_bodys_own_error_comes_out_as_it_is() -> None:
    with pytest.raises(ZeroDivisionError):
        async with LocalLane[Translate, Translation](scripted()):
            raise ZeroDivisionError


async def test_finals_go_before_interims_and_each_in_the_order_of_coming() -> None:
    engine = Gated()
    async with InLoopLane[Translate, Translation](engine) as lane, asyncio.TaskGroup() as group:
        for text, urgent in (("0", True), ("i1", False), ("f1", True), ("i2", False), ("f2", True)):
            group.create_task(lane.do(phrase(text), urgent=urgent))
        await until(lambda: lane.waiting == 4)
        engine.open.set()
    assert engine.order == ["0", "f1", "f2", "i1", "i2"]


async def test_a_full_line_refuses_interims_and_keeps_finals() -> None:
    engine = Gated()
    async with InLoopLane[Translate, Translation](engine, bound=2) as lane, asyncio.TaskGroup() as group:
        jobs = [group.create_task(lane.do(phrase(str(number)))) for number in range(4)]
        await until(lambda: lane.waiting == 3)
        with pytest.raises(LaneBusy):
            await lane.do(phrase("interim"), urgent=False)
        engine.open.set()
    assert [job.result().text for job in jobs] == ["0", "1", "2", "3"]
    assert lane.counters.refused == 1


@virtually
async def test_no_job_stands_in_line_for_ever() -> None:
    engine = Gated()
    async with InLoopLane[Translate, Translation](engine, patience=9.0) as lane:
        first = asyncio.ensure_future(lane.do(phrase("first")))
        await asyncio.sleep(0.05)
        assert lane.running == 1
        with pytest.raises(EngineError, match="waited 9 s"):
            await lane.do(phrase("second"))
        assert lane.waiting == 0
        engine.open.set()
        assert (await first).text == "first"


async def test_a_cancelled_job_leaves_the_line_in_order() -> None:
    engine = Gated()
    async with InLoopLane[Translate, Translation](engine) as lane:
        jobs = [asyncio.ensure_future(lane.do(phrase(str(number)))) for number in range(4)]
        await until(lambda: lane.waiting == 3)
        jobs[0].cancel()  # with the engine
        jobs[2].cancel()  # in the line
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert lane.waiting == 2
        engine.open.set()
        assert (await jobs[1]).text == "1"
        assert (await jobs[3]).text == "3"
        assert engine.order == ["0", "1", "3"]
        assert (lane.running, lane.waiting) == (0, 0)


async def test_waiting_jobs_are_run_as_one_batch() -> None:
    class Batches:
        pairs = frozenset({("en", "es")})
        sizes: list[int] = []  # noqa: RUF012

        def translate(self, jobs: list[Translate]) -> list[Translation]:
            self.sizes.append(len(jobs))
            return [Translation(job.text, job.source, job.target) for job in jobs]

    engine = Batches()
    async with InLoopLane[Translate, Translation](engine, batch=4) as lane:
        assert await outcomes(lane, *"abcdef") == list("abcdef")
    assert engine.sizes == [4, 2]


async def test_a_poisoned_job_costs_itself_alone() -> None:
    async with LocalLane[Translate, Translation](scripted(raise_on="poison"), batch=8) as lane:
        assert await outcomes(lane, "a", "poison", "b") == ["a", "EngineError", "b"]
        with pytest.raises(EngineError, match=r"mt scripted: RuntimeError at scripted\.py:\d+$"):
            await lane.do(phrase("poison"))
        assert lane.counters.restarts == 0
        assert lane.counters.failures == 2


async def test_a_hang_costs_the_job_that_hung_and_no_other() -> None:
    clock = MovedClock()
    async with LocalLane[Translate, Translation](scripted(hang_on="hang"), batch=8) as lane:
        await lane.wait_ready()
        (first,) = lane.pids
        told = asyncio.ensure_future(outcomes(lane, "a", "hang", "b", timeout=300))
        await until(lambda: lane.running == 3)
        clock.pass_time(300)
        await until(lambda: lane.counters.jobs == 1 and lane.running == 1)  # each is tried alone: "a" is done
        clock.pass_time(300)
        assert await told == ["a", "EngineLost", "b"]
        await until(lambda: lane.ready)
        assert gone(first)
        assert lane.pids != [first]
        assert await outcomes(lane, "after") == ["after"]
        assert lane.counters.restarts >= 1


async def test_a_crash_costs_the_job_that_crashes_and_no_other() -> None:
    async with LocalLane[Translate, Translation](scripted(crash_on="crash"), batch=8) as lane:
        assert await outcomes(lane, "a", "crash", "b") == ["a", "EngineLost", "b"]
        assert await outcomes(lane, "after") == ["after"]
        assert lane.counters.restarts == 2


async def test_an_engine_killed_from_outside_is_started_anew(caplog: pytest.LogCaptureFixture) -> None:
    async with LocalLane[Translate, Translation](scripted(delay_s=0.3)) as lane:
        await lane.wait_ready()
        (pid,) = lane.pids
        assert lane.readings().processes == (RunningProcess("scripted", 0, pid),)
        os.kill(pid, signal.SIGKILL)  # while it is idle
        await until(lambda: lane.pids not in ([pid], []))
        assert lane.readings().processes == (RunningProcess("scripted", 0, *lane.pids),), "it has the place of the old"
        idle = [record.getMessage() for record in caplog.records if record.name == "pipeline.lanes.process"]
        assert idle == [f"mt scripted: process {pid} is gone (signal 9), and another one takes its place"]
        job = asyncio.ensure_future(lane.do(phrase("twice")))
        await until(lambda: lane.running == 1)
        (pid,) = lane.pids
        os.kill(pid, signal.SIGKILL)  # while it works: no fault of the job's, which gets a second chance
        assert (await job).text == "twice"
        assert f"process {pid} is gone (signal 9)" in caplog.text
    assert caplog.text.count("is gone") == 2, "an engine that its lane ended is no news"


async def test_the_longest_wait_is_read() -> None:
    engine = Gated()
    async with InLoopLane[Translate, Translation](engine) as lane:
        jobs = [asyncio.ensure_future(lane.do(phrase(text))) for text in "abc"]
        await until(lambda: lane.waiting == 2)
        await asyncio.sleep(0.05)
        assert 0.04 < lane.readings().oldest_wait_s < 60
        engine.open.set()
        await asyncio.gather(*jobs)
        assert lane.readings().oldest_wait_s == 0


async def test_the_child_leaves_interrupts_to_its_parent() -> None:
    async with LocalLane[Translate, Translation](scripted()) as lane:
        await lane.wait_ready()
        (pid,) = lane.pids
        os.kill(pid, signal.SIGINT)
        os.kill(pid, signal.SIGTERM)
        assert (await lane.do(phrase("still here"))).text == "still here"
        assert lane.pids == [pid]


async def test_several_processes_share_the_line() -> None:
    async with LocalLane[Translate, Translation](scripted(hang_on="hang"), processes=2, batch=1) as lane:
        await until(lambda: lane._up == 2)
        hung = asyncio.ensure_future(lane.do(phrase("hang"), timeout=600))
        await until(lambda: lane.running == 1)
        assert await outcomes(lane, "a", "b") == ["a", "b"]
        assert not hung.done(), "the other process has answered"
        hung.cancel()


async def test_an_engine_that_is_not_known() -> None:
    with pytest.raises(EngineError, match=r"no mt engine is called 'babel'; known: .*starter"):
        LocalLane(EngineSpec("mt", "babel"))


async def test_an_engine_that_can_not_be_loaded_says_why() -> None:
    async with LocalLane[Translate, Translation](EngineSpec("mt", "ctranslate", {"path": "/nowhere"})) as lane:
        with pytest.raises(EngineError, match=r"does not start: .*nowhere"):
            await lane.wait_ready()
        with pytest.raises(EngineError, match="does not start"):
            await lane.do(phrase("at once, not after a wait"))
        assert not lane.ready


def test_no_engine_outlives_a_server_that_was_killed() -> None:
    server = """
import asyncio
from pipeline.lanes.local import LocalLane
from pipeline.engines.registry import EngineSpec
from pipeline.speech import Translate

async def main():
    async with LocalLane(EngineSpec("mt", "scripted", {"hang_on": "hang"})) as lane:
        await lane.wait_ready()
        print(*lane.pids, flush=True)
        await lane.do(Translate("hang", "en", "es"), timeout=60)

asyncio.run(main())
"""
    root = str(Path(registry.__file__).parents[2])
    with subprocess.Popen([sys.executable, "-c", server], stdout=subprocess.PIPE, cwd=root) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        process.kill()
    asyncio.run(until(lambda: gone(pid)))


async def test_an_engine_from_elsewhere_may_print_what_it_likes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "noisy.py").write_text("""
import os, sys
from pipeline.engines.registry import Entry
from pipeline.speech import Translation

class Noisy:
    pairs = [("en", "es")]

    def translate(self, jobs):
        print("a library prints", flush=True)
        os.write(1, b"and so does its C part")
        assert sys.stdin.read() == ""
        return [Translation(job.text.upper(), job.source, job.target) for job in jobs]

entry = Entry("mt", "noisy", Noisy, "prints", "MIT")
""")
    told = tmp_path / "noisy-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[{registry.ENTRY_POINTS}]\nnoisy = noisy:entry\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    registry.entries.cache_clear()
    try:
        async with LocalLane[Translate, Translation](EngineSpec("mt", "noisy")) as lane:
            assert await outcomes(lane, "hello", "again") == ["HELLO", "AGAIN"]
    finally:
        registry.entries.cache_clear()


@virtually
async def test_in_the_loop_a_hang_ends_at_its_time_and_an_error_costs_one_job() -> None:
    engine = in_loop(ScriptedTranslator(delay_s=0.01, raise_on="bad", hang_on="hang"))
    async with InLoopLane[Translate, Translation](engine, width=2, timeout=0.2) as lane:
        assert lane.ready
        assert lane.pairs == {("en", "es"), ("es", "en")}
        assert await outcomes(lane, "a", "bad", "hang", "b") == ["a", "EngineError", "EngineLost", "b"]


async def test_the_engine_that_asks_a_service_is_given_the_key_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "canary" * 5)
    monkeypatch.setenv("OPENAI_API_KEY", "o" * 32)
    spec = EngineSpec("mt", "openai", {"url": "http://127.0.0.1:9/v1", "model": "none"})
    host = EngineProcess(spec)
    starting = asyncio.ensure_future(host.start())
    try:
        while host.pid is None:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.01)
        environment = Path(f"/proc/{host.pid}/environ").read_bytes()  # noqa: ASYNC240 - not a disk
        assert b"OPENAI_API_KEY=" + b"o" * 32 in environment
        assert b"canary" not in environment
    finally:
        await host.stop()
        starting.cancel()
        await asyncio.wait({starting})


def test_what_a_server_hands_down_is_all_but_the_keys_of_other_engines() -> None:
    handed = {"PATH": "/bin", "MY_LIBRARY": "1", "OPENAI_API_KEY": "o"}
    assert child_environment.of_engine(scripted(), handed) == {"PATH": "/bin", "MY_LIBRARY": "1"}
    assert child_environment.of_engine(EngineSpec("mt", "openai"), handed) == handed
    named = EngineSpec("mt", "openai", {"key_variable": "MY_KEY"})
    assert child_environment.of_engine(named, {**handed, "MY_KEY": "m"}).get("OPENAI_API_KEY") is None
    assert child_environment.allowed({"MY_KEY": "m", "OPENAI_API_KEY": "o"}, named) == {"MY_KEY": "m"}


async def test_an_engine_is_given_none_of_the_servers_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(name, "canary" * 5)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    async with LocalLane(scripted()) as lane:
        await lane.wait_ready()
        (pid,) = lane.pids
        environment = Path(f"/proc/{pid}/environ").read_bytes()  # noqa: ASYNC240 - not a disk
        assert b"LC_ALL=C.UTF-8" in environment
        assert b"canary" not in environment
        assert b"HF_HUB_OFFLINE=1" in environment, "and it has no business with a hub"


async def test_a_lane_shows_its_state() -> None:
    """A debugger sees the engine, its state and the figures of the queue."""
    lane = LocalLane[Translate, Translation](scripted())
    assert repr(lane) == "<LocalLane mt scripted: the lane is not open, 0 waiting, 0 running>"
    async with lane:
        await lane.wait_ready()
        assert repr(lane) == "<LocalLane mt scripted: ready, 0 waiting, 0 running>"
    assert repr(lane) == "<LocalLane mt scripted: the lane is closed, 0 waiting, 0 running>"
