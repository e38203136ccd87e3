"""Types what the dictation asks for, key by key, and lets it be as soon as the cursor is elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Protocol

from clients.desktop.dictation import Dictation

KEY_PAUSE_S = 0.004
"""Between two keys: an editor that checks spelling keeps up."""
HELD_PAUSE_S = 0.05
"""Between two looks at keys that the user holds down."""
TELL_AFTER = 40
"""Looks in a row at keys that are held down, or at Caps Lock, until the user is told once: 2 s."""
WAITS = "Voice typing waits: Caps Lock is on, or a key is held down."


class Keyboard(Protocol):
    """The keys of a desktop."""

    def place(self) -> Hashable | None:
        """Return a mark of where keys go, another one after each click and key of the user. None: nowhere."""
        ...

    def ready(self) -> bool:
        """Return False while a key that the user holds, or Caps Lock, would make something else of what is typed."""
        ...

    def erase(self, place: Hashable) -> bool:
        """Type BackSpace at a place. Return False, and type nothing, where the cursor is elsewhere by now."""
        ...

    def type(self, character: str, place: Hashable) -> float | None:
        """Type a character at a place and return 0.

        Or type nothing: return the time to wait for it, s, or None where the cursor is elsewhere by now.
        """
        ...


class Typist:
    """One pair of hands: `wake()` when the dictation may want something. `notice` shows a sentence to the user.

    `sleep` waits on the loop's clock.
    """

    def __init__(
        self,
        dictation: Dictation,
        keyboard: Keyboard,
        notice: Callable[[str], None],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._dictation = dictation
        self._keyboard = keyboard
        self._notice = notice
        self._sleep = sleep
        self._hindered = 0  # looks in a row at which nothing could be typed
        self._woken = asyncio.Event()
        self._place: Hashable | None = None  # of what stands

    def wake(self) -> None:
        """Look at the dictation."""
        self._woken.set()

    async def run(self) -> None:
        """Type until cancelled."""
        while True:
            await self._woken.wait()
            self._woken.clear()
            while (pause := self.press()) is not None:
                await self._sleep(pause)

    def press(self) -> float | None:
        """Type at most one key. Return the pause behind it, s; None where all stands as it should."""
        missing = self._dictation.edit()
        if missing is None:
            return None
        if not self._keyboard.ready():
            self._hindered += 1
            if self._hindered == TELL_AFTER:
                self._notice(WAITS)
            return HELD_PAUSE_S
        self._hindered = 0
        place = self._keyboard.place()
        if place is None or (place != self._place and not self._dictation.empty):
            self._dictation.let_be()
            self._place = None
            return KEY_PAUSE_S
        if place != self._place:
            self._dictation.elsewhere()
            self._place = place
            return 0.0  # what is missing may be another: no blank comes first
        if missing.erase:
            if self._keyboard.erase(place):
                self._dictation.erased()
            return KEY_PAUSE_S
        wait = self._keyboard.type(missing.insert[0], place)
        if wait is None:
            return 0.0  # the next look finds the other place
        if wait:
            return wait
        self._dictation.typed(missing.insert[0])
        return KEY_PAUSE_S
