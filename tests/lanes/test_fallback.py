"""One voice stands in for another: what each failure costs, who is told, and that the first comes back by itself."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from pipeline.engines.scripted import strongest_hz
from pipeline.lanes.engine_set import open_stages
from pipeline.lanes.fallback import FallbackLane
from pipeline.lanes.in_loop import InLoopLane
from pipeline.lanes.local import LaneBusy, LocalLane
from pipeline.lanes.speech_cache import SpeechCache
from pipeline.speech import VOICE_RATE, Speech, Synthesize, Voice
from testing.virtual_clock import virtually
from tests.kit.moved_clock import MovedClock, until
from tests.kit.random_piper_voice import make_voice

A, B = (Voice(id, "en", id.upper(), "CC0") for id in ("a", "b"))


class Engine:
    """In the loop: it speaks one byte pair of its own, or does what `trouble` says of a text."""

    def __init__(self, voice: Voice, sound: int, languages: tuple[str, ...] = ("en",)) -> None:
        self.voices = (voice,)
        self.languages = frozenset(languages)
        self.speech = Speech(bytes([sound, 0]) * 100)
        self.trouble: Callable[[Synthesize], Any] | None = None
        self.lines: list[Synthesize] = []

    async def __call__(self, line: Synthesize) -> Speech:
        self.lines.append(line)
        told = self.trouble(line) if self.trouble else None
        if isinstance(told, Speech):
            return told
        if told is not None:
            await told
        return self.speech


@asynccontextmanager
async def chain(first: Engine, second: Engine, **options: Any) -> AsyncIterator[FallbackLane]:
    lanes = [InLoopLane[Synthesize, Speech](first, timeout=60), InLoopLane[Synthesize, Speech](second, timeout=60)]
    async with FallbackLane(lanes, **{"rest": 0.01, "cache": SpeechCache(longest_text=0), **options}) as speaking:
        await speaking.wait_ready()
        yield speaking


@pytest.fixture
def first() -> Engine:
    return Engine(A, 1)


@pytest.fixture
def second() -> Engine:
    return Engine(B, 2, ("en", "es"))


def fail(line: Synthesize) -> None:
    raise RuntimeError("no")


async def test_the_first_speaks_and_the_second_what_the_first_can_not(first: Engine, second: Engine) -> None:
    async with chain(first, second) as speaking:
        assert speaking.ready and speaking.fault is None
        assert speaking.languages == {"en", "es"}
        assert speaking.voices == (A, B)
        assert await speaking.do(Synthesize("one", "en-GB")) is first.speech
        assert await speaking.do(Synthesize("uno", "es")) is second.speech
        assert speaking.stand_ins == 0, "nobody else speaks Spanish"
        assert (speaking.counters.jobs, speaking.counters.failures) == (2, 0)


async def test_whoever_has_the_voice_that_was_chosen_speaks(first: Engine, second: Engine) -> None:
    async with chain(first, second) as speaking:
        assert await speaking.do(Synthesize("one", "en", "b")) is second.speech
        assert await speaking.do(Synthesize("one", "en", "a")) is first.speech
        assert await speaking.do(Synthesize("one", "en", "nobody")) is first.speech
        assert first.lines[-1].voice == "nobody"


async def test_a_line_that_one_fails_on_is_spoken_by_the_other(first: Engine, second: Engine) -> None:
    first.trouble = lambda line: fail(line) if line.text == "bad" else None
    async with chain(first, second) as speaking:
        assert await speaking.do(Synthesize("bad", "en")) is second.speech
        assert speaking.stand_ins == 1
        assert speaking.trouble("en") is None, "one line is no reason to leave it alone"
        assert await speaking.do(Synthesize("good", "en")) is first.speech


async def test_silence_where_there_are_words_is_a_failure(first: Engine, second: Engine) -> None:
    first.trouble = lambda line: Speech(b"")
    async with chain(first, second) as speaking:
        assert await speaking.do(Synthesize("words", "en")) is second.speech
        assert (await speaking.do(Synthesize("…", "en"))).pcm == b""


async def test_after_two_failures_it_is_left_alone_until_it_works(first: Engine, second: Engine) -> None:
    first.trouble = fail
    async with chain(first, second) as speaking:
        for _ in range(2):
            assert await speaking.do(Synthesize("words", "en")) is second.speech
        assert speaking.trouble("en-US") == "the usual voice fails, another one speaks"
        assert speaking.trouble("es") is None, "which it does not speak"
        first.lines.clear()
        assert await speaking.do(Synthesize("words", "en")) is second.speech
        assert [line.text for line in first.lines if line.text == "words"] == []
        await until(lambda: len(first.lines) >= 2)
        assert {line.text for line in first.lines} == {"1"}, "it is tried with nobody's words"
        first.trouble = None
        await until(lambda: speaking.trouble("en") is None)
        assert await speaking.do(Synthesize("words", "en")) is first.speech


async def test_a_success_between_two_failures_starts_the_count_anew(first: Engine, second: Engine) -> None:
    first.trouble = lambda line: fail(line) if line.text == "bad" else None
    async with chain(first, second) as speaking:
        for text in ("bad", "good", "bad", "good", "bad"):
            await speaking.do(Synthesize(text, "en"))
        assert speaking.trouble("en") is None


async def test_where_both_fail_the_last_one_says_why(first: Engine, second: Engine) -> None:
    first.trouble = second.trouble = fail
    async with chain(first, second) as speaking:
        with pytest.raises(EngineError, match="RuntimeError at test_fallback"):
            await speaking.do(Synthesize("words", "en"))


async def test_an_interim_that_finds_the_line_full_bothers_nobody_else(first: Engine, second: Engine) -> None:
    gate = asyncio.Event()
    first.trouble = lambda line: gate.wait()
    lanes = [InLoopLane[Synthesize, Speech](first, bound=0), InLoopLane[Synthesize, Speech](second)]
    async with FallbackLane(lanes) as speaking:
        await speaking.wait_ready()
        with pytest.raises(LaneBusy):
            await speaking.do(Synthesize("words", "en"), urgent=False)
        assert second.lines == []


@virtually
async def test_nobody_waits_for_one_that_is_too_slow(first: Engine, second: Engine) -> None:
    gate = asyncio.Event()
    first.trouble = lambda line: gate.wait()
    lanes = [InLoopLane[Synthesize, Speech](first), InLoopLane[Synthesize, Speech](second)]
    async with FallbackLane(lanes, rest=60, cache=SpeechCache(longest_text=0)) as speaking:
        await speaking.wait_ready()
        ahead = [asyncio.ensure_future(lanes[0].do(Synthesize(f"other {n}", "en"), timeout=60)) for n in range(2)]
        await until(lambda: lanes[0].waiting == 1)
        assert await speaking.do(Synthesize("words", "en"), timeout=0.1) is second.speech
        assert speaking.trouble("en") is not None
        assert lanes[0].waiting == 1, "it does not stand in that line any more"
        gate.set()
        await asyncio.gather(*ahead)


async def test_nobody_stands_in_line_for_one_that_hangs(first: Engine, second: Engine) -> None:
    """A lane kills its engine's process that hangs, and is not ready: all who wait are served elsewhere."""
    clock = MovedClock()
    lanes: list[LocalLane[Synthesize, Speech]] = [
        LocalLane(EngineSpec("tts", "scripted", {"hang_on": "hang"}), batch=1),
        InLoopLane[Synthesize, Speech](second),
    ]
    async with FallbackLane(lanes, rest=0.05, cache=SpeechCache(longest_text=0)) as speaking:
        await speaking.wait_ready()
        (pid,) = lanes[0].pids
        hung = asyncio.ensure_future(speaking.do(Synthesize("hang", "en"), timeout=25))
        await until(lambda: lanes[0].running == 1)
        waiting = [asyncio.ensure_future(speaking.do(Synthesize(f"line {n}", "en"), timeout=600)) for n in range(3)]
        await until(lambda: lanes[0].waiting == 3)
        clock.pass_time(25)  # and less than a job waits in a line at most
        assert [one is second.speech for one in await asyncio.gather(hung, *waiting)] == [True] * 4
        assert speaking.trouble("en") is not None
        assert speaking.ready, "who can speak is ready"
        await until(lambda: speaking.trouble("en") is None)
        assert lanes[0].pids != [pid]
        assert await speaking.do(Synthesize("line 4", "en")) is not second.speech


async def test_one_that_is_left_alone_is_no_engine_once_the_other_is_dead(second: Engine) -> None:
    dead: LocalLane[Synthesize, Speech] = LocalLane(EngineSpec("tts", "scripted"))
    alone = InLoopLane[Synthesize, Speech](second)
    async with FallbackLane([dead, alone], rest=60, cache=SpeechCache(longest_text=0)) as speaking:
        await speaking.wait_ready()
        dead.spec = EngineSpec("tts", "piper", {"path": "/no/such/folder"})
        os.kill(dead.pids[0], signal.SIGKILL)
        await until(lambda: dead.fault is not None)
        assert speaking.ready, "the other speaks"
        second.trouble = fail
        for _ in range(2):
            with pytest.raises(EngineError):
                await speaking.do(Synthesize("words", "en", "b"))
        assert not speaking.ready


async def test_texts_on_which_all_fail_keep_nobody_out(first: Engine, second: Engine) -> None:
    first.trouble = second.trouble = fail
    async with chain(first, second, rest=60) as speaking:
        for voice in "aabb":
            with pytest.raises(EngineError):
                await speaking.do(Synthesize("words", "en", voice))
        assert speaking.trouble("en") is not None
        assert speaking.ready


async def test_one_that_does_not_load_is_told_and_the_other_speaks(second: Engine) -> None:
    lanes: list[LocalLane[Synthesize, Speech]] = [
        LocalLane(EngineSpec("tts", "piper", {"path": "/no/such/folder"})),
        InLoopLane[Synthesize, Speech](second),
    ]
    async with FallbackLane(lanes) as speaking:
        assert not speaking.ready, "it is not clear yet who will speak"
        await speaking.wait_ready()
        assert speaking.ready
        assert await speaking.do(Synthesize("words", "en")) is second.speech
        assert speaking.trouble("en") is not None


async def test_where_none_loads_the_reasons_are_told() -> None:
    lanes: list[LocalLane[Synthesize, Speech]] = [
        LocalLane(EngineSpec("tts", "piper", {"path": "/no/such/folder"})),
        LocalLane(EngineSpec("tts", "espeak", {"command": "no-such-espeak"})),
    ]
    async with FallbackLane(lanes) as speaking:
        with pytest.raises(EngineError, match=r"no folder /no/such/folder.*; .*no-such-espeak"):
            await speaking.wait_ready()
        assert speaking.fault is not None
        assert not speaking.ready


async def test_what_is_said_often_is_synthesized_twice_at_most(first: Engine, second: Engine) -> None:
    async with chain(first, second, cache=SpeechCache()) as speaking:
        for _ in range(5):
            assert await speaking.do(Synthesize("Yes.", "en")) is first.speech
        assert len(first.lines) == 2
        assert speaking.cache.hits == 3
        first.trouble = fail
        assert await speaking.do(Synthesize("Yes.", "en")) is first.speech, "it needs no engine any more"


async def test_what_the_stand_in_said_is_not_heard_when_the_first_is_back(first: Engine, second: Engine) -> None:
    first.trouble = fail
    async with chain(first, second, cache=SpeechCache()) as speaking:
        for _ in range(3):
            assert await speaking.do(Synthesize("Yes.", "en")) is second.speech
        first.trouble = None
        await until(lambda: speaking.trouble("en") is None)
        assert await speaking.do(Synthesize("Yes.", "en")) is first.speech


async def test_a_cancelled_line_leaves_no_task_behind(first: Engine, second: Engine) -> None:
    gate = asyncio.Event()
    first.trouble = lambda line: gate.wait()
    async with chain(first, second) as speaking:
        before = len(asyncio.all_tasks())
        job = asyncio.ensure_future(speaking.do(Synthesize("words", "en")))
        await until(lambda: len(first.lines) == 1)
        job.cancel()
        with pytest.raises(asyncio.CancelledError):
            await job
        gate.set()
        await until(lambda: speaking.running == 0 and len(asyncio.all_tasks()) == before)
    assert len(asyncio.all_tasks()) == before - 4  # two lanes, two that mend


async def test_the_bodys_own_error_comes_out_as_it_is(first: Engine, second: Engine) -> None:
    with pytest.raises(ZeroDivisionError):
        async with chain(first, second):
            raise ZeroDivisionError


async def test_real_piper_killed_and_real_espeak_speaks(tmp_path: Path) -> None:
    """Lanes as the server wires them: the registry names espeak-ng as the stand-in of Piper."""
    make_voice(tmp_path, "en_US-ana-low", espeak="en-us")
    specs = {
        "stt": EngineSpec("stt", "scripted"),
        "mt": EngineSpec("mt", "scripted"),
        "tts": EngineSpec("tts", "piper", {"path": str(tmp_path), "patience_s": 0.001}),
    }
    text = "Where is the train station?"
    async with open_stages(specs) as stages:  # type: ignore[arg-type]
        await stages.wait_ready()
        assert isinstance(stages.tts, FallbackLane)
        piper, espeak = stages.tts.lanes
        assert [voice.id for voice in stages.voices("en")][:2] == ["en_US-ana-low", "en-us"]
        assert {voice.language.partition("-")[0] for voice in stages.voices()} == {"en", "es"}
        assert stages.voices("de") == (), "espeak-ng speaks it, but nobody here could hear it"
        usual = await stages.tts.do(Synthesize(text, "en"), timeout=60)
        (worker,) = piper.pids
        children = Path(f"/proc/{worker}/task/{worker}/children")
        (program,) = children.read_text().split()  # noqa: ASYNC240 - not a disk
        os.kill(int(program), signal.SIGKILL)
        plain = await stages.tts.do(Synthesize(text, "en"), timeout=60)
        assert stages.tts.stand_ins == 1
        assert plain == await espeak.do(Synthesize(text, "en"))
        assert plain.pcm != usual.pcm
        assert strongest_hz(np.frombuffer(plain.pcm, np.int16)[:: VOICE_RATE // 12_000].tobytes()) is not None
        os.kill(worker, signal.SIGKILL)  # and now the engine's own process
        await until(lambda: not piper.ready)
        assert (await stages.tts.do(Synthesize(text + " Now.", "en"), timeout=60)).pcm
        assert stages.trouble("en") == "the usual voice fails, another one speaks"
        await until(lambda: stages.trouble("en") is None)
        before = stages.tts.stand_ins
        assert (await stages.tts.do(Synthesize(text + " Again.", "en"), timeout=60)).pcm
        assert stages.tts.stand_ins == before
