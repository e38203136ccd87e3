"""A session of the desktop client against a server in miniature, over real UDP: choices change no connection."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from clients.desktop.captions import Caption
from clients.desktop.course import Course, Screen
from clients.desktop.dictation import Dictation, Typed
from clients.desktop.modes import Event, Key, Mode, Order, Sound
from clients.desktop.options import DesktopOptions
from clients.exit_status import Exit
from tests.kit.fake_server import FakeDragoman, serving

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

TONE = (
    "import sys, time\nwhile True: sys.stdout.buffer.write(b'\\x00\\x20' * 960); sys.stdout.flush(); time.sleep(0.02)"
)


@dataclass
class Shown:
    """Everything that the client has shown."""

    captions: list[Caption | None] = field(default_factory=list)
    states: list[Any] = field(default_factory=list)
    connected: list[bool] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


class NoHands:
    """Hands that type nothing. `dictation` is that of the course."""

    has_key = True

    def __init__(self) -> None:
        self.dictation: Dictation | None = None
        self.woken = 0
        self.held: list[bool] = []

    def hold(self, on: bool) -> str:
        self.held.append(on)
        return ""

    def wake(self) -> None:
        self.woken += 1

    async def run(
        self, dictation: Dictation, on_key: Callable[[Key | Order], None], notice: Callable[[str], None]
    ) -> None:
        self.dictation = dictation
        await asyncio.Event().wait()


def options(fake: FakeDragoman, folder: Path) -> DesktopOptions:
    script = folder / "tone.py"
    script.write_text(TONE)
    command = f"{sys.executable} {script}"
    return DesktopOptions(
        fake.url, "en", "es", call=True, programs={Sound.MICROPHONE: command, Sound.SYSTEM: f"{command} system"}
    )


@asynccontextmanager
async def running(given: DesktopOptions, hands: NoHands | None) -> AsyncIterator[tuple[Course, Shown]]:
    shown = Shown()
    screen = Screen(shown.captions.append, shown.states.append, shown.connected.append, shown.notices.append)
    course = Course(given, screen, hands, "" if hands else "no hands here")
    async with asyncio.TaskGroup() as tasks:
        task = tasks.create_task(course.run())
        await until(lambda: shown.connected == [True])
        yield course, shown
        course.stop()
    assert task.result() is Exit.OK


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.02)


async def heard_more(course: Course) -> None:
    before = course.live.heard
    await until(lambda: course.live.heard > before + 5)


def of_type(fake: FakeDragoman, kind: str) -> int:
    return sum(message["type"] == kind for message in fake.on_channel)


async def test_choices_and_the_key_change_no_connection(tmp_path: Path) -> None:
    hands = NoHands()
    async with serving() as fake:
        async with running(options(fake, tmp_path), hands) as (course, shown):
            assert repr(course).startswith("<Course captions of the microphone: <Captions in es")
            await heard_more(course)
            course.handle(Sound.SYSTEM)
            await heard_more(course)
            events: tuple[Event, ...] = Mode.TYPING, Typed.TRANSLATED, Sound.MICROPHONE
            for event in events:
                course.handle(event)
            await until(lambda: of_type(fake, "end_utterance") == 1)
            assert hands.dictation is not None and hands.woken
            quiet = course.live.heard
            await asyncio.sleep(0.3)
            assert course.live.heard == quiet  # the key is up
            course.handle(Key.DOWN)
            await heard_more(course)
            course.handle(Key.UP)
            await until(lambda: of_type(fake, "end_utterance") == 2)
            course.handle(Mode.CAPTIONS)
            await heard_more(course)
            assert shown.states[-1] == course.state and shown.notices == []
            # The start, the system's sound, typing it, translated, the microphone, the key down and up, captions.
            assert hands.held == [False, False, True, True, True, True, True, False]
        assert len(fake.of_type("offer")) == len(fake.of_type("join_session")) == 1
        assert len(fake.of_type("leave_session")) == 1


async def test_without_hands_the_reason_is_shown_and_captions_go_on(tmp_path: Path) -> None:
    async with serving() as fake:
        given = replace(options(fake, tmp_path), mode=Mode.TYPING)
        async with running(given, None) as (course, shown):
            assert course.state.mode is Mode.CAPTIONS
            course.handle(Mode.TYPING)
            assert course.state.mode is Mode.CAPTIONS
            await heard_more(course)
            assert shown.notices == ["no hands here"] * 2
