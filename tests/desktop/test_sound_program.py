"""The program that captures sound: started, replaced, started again, ended."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from clients.desktop.live_sound import LiveSound
from clients.desktop.sound import SoundProgram
from clients.desktop.sound_programs import NoProgram
from tests.kit.process_facts import children

LOUD = (
    "import sys, time\nwhile True: sys.stdout.buffer.write(b'\\x00\\x20' * 960); sys.stdout.flush(); time.sleep(0.02)"
)
Command = Callable[[], list[str]]


@asynccontextmanager
async def captured(command: Command, notices: list[str]) -> AsyncIterator[tuple[LiveSound, SoundProgram]]:
    live = LiveSound()
    program = SoundProgram(live, command, notices.append, retry_s=0.01)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(program.run())
        yield live, program
        running.cancel()


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def test_its_sound_is_read_and_it_ends_with_us() -> None:
    before, notices = children(), list[str]()
    async with captured(lambda: [sys.executable, "-c", LOUD], notices) as (live, _):
        await until(lambda: live.read(0) is not None)
        assert len(children() - before) == 1
    await until(lambda: not children() - before)
    assert notices == []


async def test_another_takes_its_place() -> None:
    commands = [[sys.executable, "-c", "import time; time.sleep(600)"], [sys.executable, "-c", LOUD]]
    notices: list[str] = []
    async with captured(lambda: commands[0], notices) as (live, program):
        await until(children)
        assert live.read(0) is None
        commands.pop(0)
        program.change()
        await until(lambda: live.read(0) is not None)
    assert notices == []


async def test_one_that_ends_is_named_and_started_again(tmp_path: Path) -> None:
    notices: list[str] = []
    once = (
        f"import sys, pathlib; p = pathlib.Path({str(tmp_path / 'ran')!r})\nif not p.exists(): p.touch(); sys.exit(3)\n"
    )
    async with captured(lambda: [sys.executable, "-c", once + LOUD], notices) as (live, _):
        await until(lambda: live.read(0) is not None)
    assert notices == [f"{sys.executable} ended with status 3: no sound is captured"]


async def test_one_that_does_not_start_is_named() -> None:
    notices: list[str] = []
    async with captured(lambda: ["/nowhere/parec"], notices):
        await until(lambda: len(notices) >= 2)
    assert set(notices) == {"/nowhere/parec does not start: No such file or directory"}


async def test_without_a_program_it_waits_for_another_choice() -> None:
    notices: list[str] = []
    missing = [True]

    def command() -> list[str]:
        if missing:
            raise NoProgram("name a program")
        return [sys.executable, "-c", LOUD]

    async with captured(command, notices) as (live, program):
        await until(lambda: notices)
        missing.clear()
        program.change()
        await until(lambda: live.read(0) is not None)
    assert notices == ["name a program"]
