"""The course of one desktop session on an event loop: sound in, captions and keys out, whatever the mode."""

from __future__ import annotations

import asyncio
import math
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, TextIO

import numpy as np

from clients.desktop.captions import Caption, Captions
from clients.desktop.dictation import Dictation
from clients.desktop.hands import Hands
from clients.desktop.live_sound import LiveSound
from clients.desktop.modes import Action, Event, Key, Mode, State, after, takes_words
from clients.desktop.options import DesktopOptions
from clients.desktop.sound import SoundProgram
from clients.desktop.sound_programs import program
from clients.devices import KINDS, Devices
from clients.exit_status import Exit
from clients.options import Options
from clients.report import Journal, write_line
from clients.session import Call
from clients.sound.microphone import Microphone
from clients.sound.opus import FRAME, Samples
from clients.subtitles import Message, Subtitles
from clients.webrtc.receiver import Receiver

LOOK_S = 0.5
"""Between two looks at a caption's time, and at the connection."""
RENEWED = frozenset({"expired"})
"""Reasons after which somebody who is alone begins another session: the server ends each after some hours."""


@dataclass(frozen=True, slots=True)
class Screen:
    """The callables that show what has changed. All are called on the event loop's thread."""

    caption: Callable[[Caption | None], None]
    state: Callable[[State], None]
    connected: Callable[[bool], None]
    """Shows whether the media is connected."""
    notice: Callable[[str], None]
    """Shows a sentence to the user: a program that is missing, a server that is away."""


class _Unheard:
    """Decodes nothing: the interpreter's voice is read here, and not heard."""

    def decode(self, payload: bytes) -> Samples:
        return np.zeros(FRAME, np.int16)


def _discard(start: int, samples: Samples) -> None:
    return


class Course:
    """One run of the client: `run()` until it is over, `handle(event)` for what the user chooses meanwhile."""

    def __init__(self, options: DesktopOptions, screen: Screen, hands: Hands | None, why_not: str = "") -> None:
        """`hands` types and hears the hot key; None where neither can be had, for the reason `why_not`."""
        self._options = options
        self._screen = screen
        self._hands = hands
        self._why_not = why_not
        self._clock = asyncio.get_running_loop().time
        mode = options.mode if hands else Mode.CAPTIONS
        self.state = State(mode, options.sound, options.typed, has_key=bool(hands and hands.has_key))
        own = not options.call or options.into != options.language
        self.captions = Captions(options.into, own=own, others=options.call)
        self.dictation = Dictation(options.typed, options.language, options.into)
        self.live = LiveSound()
        self.call: Call | None = None
        self._me: str | None = None
        self._lines: TextIO | None = None
        self._sound = SoundProgram(
            self.live, lambda: program(self.state.sound, sys.platform, options.programs), screen.notice
        )
        self._stopping = False
        self._closed_at: float | None = None  # loop time at which the key came up last, s
        self._obey()

    def __repr__(self) -> str:
        return f"<Course {self.state.mode} of the {self.state.sound}: {self.captions!r}, {self.dictation!r}>"

    async def run(self) -> Exit:
        """Take part until the session is over. Return the exit status."""
        if self._why_not:
            self._screen.notice(self._why_not)
        with ExitStack() as files:
            if self._options.subtitles:
                try:
                    self._lines = files.enter_context(self._options.subtitles.open("w", encoding="utf-8"))
                except OSError as problem:
                    self._screen.notice(str(problem))
                    return Exit.USAGE
            async with asyncio.TaskGroup() as tasks:
                running = [tasks.create_task(self._sound.run()), tasks.create_task(self._look())]
                if self._hands:
                    running.append(tasks.create_task(self._hands.run(self.dictation, self.handle, self._screen.notice)))
                status = await self._sessions()
                for task in running:
                    task.cancel()
        return status

    def stop(self) -> None:
        """Leave the session."""
        self._stopping = True
        if self.call:
            self.call.stop()

    def handle(self, event: Event) -> None:
        """Take a choice of the user, or the hot key. Call it on the event loop's thread."""
        if event is Mode.TYPING and not self._hands:
            self._screen.notice(self._why_not)
            event = self.state.mode
        if event is Key.UP and self.state.listening:
            self._closed_at = self._clock()
        self.state, actions = after(self.state, event)
        self._obey(*actions)
        self._screen.state(self.state)

    def _obey(self, *actions: Action) -> None:
        for action in actions:
            match action:
                case Action.CHANGE_SOUND:
                    self._sound.change()
                case Action.END_UTTERANCE:
                    self._tell({"type": "end_utterance"})
                case Action.LET_BE:
                    self.dictation.let_be()
                case Action.START_OVER:
                    self._tell({"type": "start_over"})
                    self.dictation.start_over()
                    self.captions.start_over()
        self.dictation.choose(self.state.typed)
        self.live.open = self.state.listening
        self._show()
        if self._hands:
            # In another mode the keys are those of the window that has the focus.
            if problem := self._hands.hold(self.state.mode is Mode.TYPING):
                self._screen.notice(problem)
            self._hands.wake()

    async def _sessions(self) -> Exit:
        while True:
            devices = self._devices()
            self.call = Call(self._call_options(), devices)
            if self._stopping:
                self.call.stop()
            await self.call.run()
            ending = self.call.ending
            assert ending is not None
            if self._stopping or self._options.call or ending.reason not in RENEWED:
                if ending.status is not Exit.OK:
                    self._screen.notice(f"The session is over: {ending.message or ending.reason}")
                return ending.status

    def _devices(self) -> Devices:
        journal = Journal(self._clock)
        microphone = Microphone(self.live, self._clock, dtx=True)
        receivers = {kind: Receiver(_Unheard, _discard) for kind in KINDS}
        return Devices(microphone, receivers, Subtitles(self._on_message), journal)

    def _call_options(self) -> Options:
        options = self._options
        return Options(
            server=options.server,
            language=options.language,
            code=options.code,
            name=options.name,
            stay=math.inf,
            wait=math.inf,
            code_file=options.code_file,
            one_line=True,
            insecure=options.insecure,
            solo=None if options.call else options.into,
        )

    def _on_message(self, message: Message) -> None:
        assert self.call is not None and self.call.entry is not None
        if self._me != self.call.entry.participant_id:
            self._me = self.call.entry.participant_id
            self.captions.identify(self._me)
            self.dictation.identify(self._me)
        if self._lines:
            write_line(self._lines, message)
        if message.get("type") == "status" and message.get("message") and message.get("level") != "ok":
            self._screen.notice(str(message["message"]))
        now = self._clock()
        closed_s = None if self._closed_at is None else now - self._closed_at
        self.dictation.active = takes_words(self.state, closed_s)
        if self.captions.receive(message, now):
            self._show()
        if self.dictation.receive(message) and self._hands:
            self._hands.wake()

    def _tell(self, message: dict[str, Any]) -> None:
        if self.call:
            self.call.media.tell(message)

    def _show(self) -> None:
        """Show the caption: none where what is said is typed."""
        self._screen.caption(self.captions.caption if self.state.mode is Mode.CAPTIONS else None)

    async def _look(self) -> None:
        connected = False
        while True:
            await asyncio.sleep(LOOK_S)
            if self.captions.expire(self._clock()):
                self._show()
            if connected != (self.call is not None and self.call.media.connected):
                connected = not connected
                self._screen.connected(connected)
