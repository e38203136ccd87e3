"""The hands of a desktop: who types, who hears the hot key, and on which desktops both can be had."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from clients.desktop.dictation import Dictation
from clients.desktop.modes import Key, Order
from clients.desktop.typist import Typist
from clients.desktop.x11.keyboard import X11Keyboard
from clients.desktop.x11.libraries import X11, NoX11
from clients.desktop.x11.watch import X11Watch

WAYLAND = (
    "This desktop runs Wayland, which lets no program type into other windows, hear a key of theirs, or stay above "
    "them. Captions come in a window of their own. For voice typing and an overlay, sign in to a session with X11."
)
ELSEWHERE = "Voice typing is for X11 so far: on this system there are captions alone."


class Hands(Protocol):
    """A keyboard to type with, and a hot key."""

    @property
    def has_key(self) -> bool:
        """True if the hot key can be heard."""
        ...

    def hold(self, on: bool) -> str:
        """Keep the hot keys from other windows, or let them have them. Return the reason where that cannot be."""
        ...

    def wake(self) -> None:
        """Look at the dictation: something may be missing."""
        ...

    async def run(
        self, dictation: Dictation, on_key: Callable[[Key | Order], None], notice: Callable[[str], None]
    ) -> None:
        """Type and listen until cancelled. `on_key` is called for the hot keys, `notice` to tell the user."""
        ...


class X11Hands:
    """Hands on an X11 display. Make and run them on the event loop's thread: Xlib's connections are no one else's."""

    has_key = True

    def __init__(self, key: str, over: str) -> None:
        """`key` and `over` are the names of the keys for push-to-talk and for starting over. Raises NoX11."""
        x11 = X11()
        self._names = f"{key} or {over}"
        self._on_key: Callable[[Key | Order], None] = lambda key: None
        self._watch = X11Watch(x11, {key: lambda way: self._on_key(way), over: self._start_over})
        try:
            self._keyboard = X11Keyboard(x11, asyncio.get_running_loop().time, self._touched)
        except NoX11:
            self._watch.close()
            raise
        self._watch.is_own = self._keyboard.is_own
        self._typist: Typist | None = None

    def hold(self, on: bool) -> str:
        """Keep the hot keys from other windows, or let them have them. Return the reason where that cannot be."""
        return "" if self._watch.hold(on) else f"Another program has the key {self._names}: choose others."

    def wake(self) -> None:
        """Look at the dictation."""
        if self._typist:
            self._typist.wake()

    async def run(
        self, dictation: Dictation, on_key: Callable[[Key | Order], None], notice: Callable[[str], None]
    ) -> None:
        """Type and listen until cancelled. The keys are given back then."""
        self._on_key = on_key
        self._typist = Typist(dictation, self._keyboard, notice)
        loop = asyncio.get_running_loop()
        loop.add_reader(self._watch.fileno(), self._watch.drain)
        try:
            self._watch.drain()  # Xlib may have read some of it already
            await self._typist.run()
        finally:
            loop.remove_reader(self._watch.fileno())
            self._watch.close()
            self._keyboard.close()

    def _start_over(self, way: Key) -> None:
        if way is Key.DOWN:
            self._on_key(Order.START_OVER)

    def _touched(self) -> int:
        self._watch.drain()  # a click may have come with the answer that was just read
        return self._watch.touched


def hands_of(platform: str, window_system: str, key: str, over: str) -> Hands | str:
    """Return the hands of this desktop, or the reason why there are none.

    `platform` is `sys.platform`, `window_system` the name of Qt's platform: xcb, wayland, windows, cocoa.
    """
    if window_system.startswith("wayland"):
        return WAYLAND
    if platform != "linux" or window_system != "xcb":
        return ELSEWHERE
    try:
        return X11Hands(key, over)
    except NoX11 as problem:
        return f"Voice typing is not possible here: {problem}."
