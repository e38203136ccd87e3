"""Keeps the program that captures the chosen sound running, and hands its sound on."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from clients.desktop.live_sound import LiveSound
from clients.desktop.sound_programs import NoProgram

RETRY_S = 1.0
"""Pause before a program that ended is started again: a sound server restarts in seconds."""
END_TIMEOUT_S = 2.0
CHUNK = 4096


class SoundProgram:
    """The running program. `command()` names it anew at each start, and raises NoProgram; `notice` shows a text."""

    def __init__(
        self,
        live: LiveSound,
        command: Callable[[], list[str]],
        notice: Callable[[str], None],
        retry_s: float = RETRY_S,
    ) -> None:
        self._live = live
        self._retry_s = retry_s
        self._command = command
        self._notice = notice
        self._changed = asyncio.Event()

    def change(self) -> None:
        """Start the program that is now the right one."""
        self._changed.set()

    async def run(self) -> None:
        """Capture until cancelled."""
        while True:
            self._changed.clear()
            problem = await self._capture()
            self._live.forget()
            if problem:
                self._notice(problem)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self._retry_s):
                        await self._changed.wait()

    async def _capture(self) -> str:
        """Run the program until another is wanted. Return what went wrong."""
        try:
            command = self._command()
        except NoProgram as problem:
            await self._pause_after(str(problem))
            return ""
        quiet = asyncio.subprocess.DEVNULL
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=quiet, stdout=asyncio.subprocess.PIPE, stderr=quiet
            )
        except OSError as error:
            return f"{command[0]} does not start: {error.strerror}"
        assert process.stdout is not None
        ended = False
        try:
            async with asyncio.TaskGroup() as tasks:
                reading = tasks.create_task(self._read(process.stdout))
                waiting = tasks.create_task(self._changed.wait())
                await asyncio.wait((reading, waiting), return_when=asyncio.FIRST_COMPLETED)
                wanted, ended = waiting.done(), reading.done()
                reading.cancel()
                waiting.cancel()
        finally:
            if ended:  # a signal would reap it before asyncio does, and its status would be lost
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(END_TIMEOUT_S):
                        await process.wait()
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(END_TIMEOUT_S):  # what it has started may hold the pipe
                    while await process.stdout.read(CHUNK):
                        continue
            status = await process.wait()
        return "" if wanted else f"{command[0]} ended with status {status}: no sound is captured"

    async def _pause_after(self, problem: str) -> None:
        self._notice(problem)
        await self._changed.wait()

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while pcm := await stream.read(CHUNK):
            self._live.write(pcm)
