"""The thread of the session: an event loop of its own, since the toolkit's loop has the main thread."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from collections.abc import Callable

from clients.desktop.course import Course, Screen
from clients.desktop.hands import hands_of
from clients.desktop.modes import Event
from clients.desktop.options import DesktopOptions
from clients.exit_status import Exit

START_TIMEOUT_S = 30.0


class Worker:
    """Runs one course. `ended` is called on its thread with the exit status, whatever happened."""

    def __init__(
        self, options: DesktopOptions, window_system: str, screen: Screen, ended: Callable[[int], None]
    ) -> None:
        self._options = options
        self._window_system = window_system
        self._screen = screen
        self._ended = ended
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._course: Course | None = None
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)

    def start(self) -> None:
        """Begin the session."""
        self._thread.start()

    def post(self, event: Event) -> None:
        """Hand over a choice of the user."""
        self._call(lambda course: course.handle(event))

    def stop(self) -> None:
        """Leave the session; `ended` follows."""
        self._call(lambda course: course.stop())

    def join(self, timeout_s: float) -> None:
        """Wait for the thread's end."""
        self._thread.join(timeout_s)

    def _call(self, act: Callable[[Course], None]) -> None:
        self._ready.wait(START_TIMEOUT_S)
        loop, course = self._loop, self._course
        if loop is not None and course is not None:
            with contextlib.suppress(RuntimeError):  # the loop is closed: the session is over
                loop.call_soon_threadsafe(act, course)

    def _run(self) -> None:
        status = 1  # Python's own status for a defect, whose traceback is on standard error
        try:
            status = asyncio.run(self._main())
        finally:
            self._ready.set()
            self._ended(status)

    async def _main(self) -> Exit:
        hands = hands_of(sys.platform, self._window_system, self._options.key, self._options.start_over_key)
        if isinstance(hands, str):
            course = Course(self._options, self._screen, None, hands)
        else:
            course = Course(self._options, self._screen, hands)
        self._loop, self._course = asyncio.get_running_loop(), course
        self._screen.state(course.state)
        self._ready.set()
        return await course.run()
