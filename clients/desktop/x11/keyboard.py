"""Types characters into the focused window of an X11 display (XTEST), in whatever layout the user has."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Hashable
from ctypes import byref, c_int, c_uint, c_ulong

from clients.desktop.x11.libraries import MAPPING_NOTIFY, X11, Event, NoX11
from clients.desktop.x11.spare_keys import SpareKeys

BACKSPACE = 0xFF08
SHIFT = 0xFFE1
HINDERS = 1 | 2 | 4 | 8 | 64 | 128
"""Modifiers under which a key means something else: Shift, Caps Lock, Control, Alt, Super, AltGr. Num Lock does not."""
CORE_KEYBOARD = 0x100
LEVELS = (0, 1)


class X11Keyboard:
    """A `Keyboard`. `touched()` counts the clicks and keys of the user. Raises NoX11 where nothing can be typed."""

    def __init__(self, x11: X11, clock: Callable[[], float], touched: Callable[[], int]) -> None:
        self._x11 = x11
        self._clock = clock
        self._touched = touched
        self._display = x11.open()
        self._root = x11.XDefaultRootWindow(self._display)
        numbers = [c_int() for _ in range(4)]
        if not x11.XTestQueryExtension(self._display, *map(byref, numbers)):
            raise NoX11("this display has no XTEST extension: nothing can be typed")
        lowest, highest = c_int(), c_int()
        x11.XDisplayKeycodes(self._display, byref(lowest), byref(highest))
        self._keycodes = range(lowest.value, highest.value + 1)
        free = self._free_keycodes()
        if not free:
            raise NoX11("every key of this keyboard has a meaning: none is left for what the layout lacks")
        self._free = frozenset(free)
        self._spare = SpareKeys(free)
        self._shift = int(x11.XKeysymToKeycode(self._display, SHIFT))
        self._group: int | None = None
        self._layout: dict[int, tuple[int, bool]] = {}  # keycode and Shift by keysym, of the current group
        self._own: Counter[int] = Counter()  # presses that the watch has not seen yet, by keycode

    def close(self) -> None:
        """Give the free keys back."""
        for keycode in self._spare.assigned:
            self._map(keycode, 0)
        self._x11.XCloseDisplay(self._display)

    def is_own(self, keycode: int) -> bool:
        """Return True if a press that was seen is one of ours."""
        if self._own[keycode] <= 0:
            return False
        self._own[keycode] -= 1
        return True

    def place(self) -> Hashable | None:
        """Return the focused window, and the number of the user's clicks and keys."""
        window, revert = c_ulong(), c_int()
        self._x11.XGetInputFocus(self._display, byref(window), byref(revert))
        return (window.value, self._touched()) if window.value else None

    def ready(self) -> bool:
        """Return False while a modifier is down, or Caps Lock is on."""
        ids, places, mask = (c_ulong(), c_ulong()), [c_int() for _ in range(4)], c_uint()
        self._x11.XQueryPointer(self._display, self._root, *map(byref, ids), *map(byref, places), byref(mask))
        return not mask.value & HINDERS

    def erase(self) -> None:
        """Type BackSpace."""
        self._press(int(self._x11.XKeysymToKeycode(self._display, BACKSPACE)))

    def type(self, character: str) -> float:
        """Type a character by its key, or by a free key that is given its meaning."""
        self._drain()
        self._follow_group()
        now, symbol = self._clock(), keysym(character)
        if (known := self._layout.get(symbol)) is not None:
            self._press(*known)
            return 0.0
        keycode = self._spare.known(character, now)
        if keycode is None:
            if wait := self._spare.wait_s(now):
                return wait
            keycode = self._spare.assign(character, now)
            self._map(keycode, symbol)
        self._press(keycode)
        return 0.0

    def _press(self, keycode: int, shifted: bool = False) -> None:
        fake = self._x11.XTestFakeKeyEvent
        pressed = [self._shift, keycode] if shifted else [keycode]
        self._own.update(pressed)
        for one in pressed:
            fake(self._display, one, True, 0)
        for one in reversed(pressed):
            fake(self._display, one, False, 0)
        self._x11.XFlush(self._display)

    def _map(self, keycode: int, symbol: int) -> None:
        """Give a keycode one meaning, with Shift and without; 0 takes it away."""
        symbols = (c_ulong * 2)(symbol, symbol)
        self._x11.XChangeKeyboardMapping(self._display, keycode, 2, symbols, 1)
        self._x11.XSync(self._display, False)

    def _free_keycodes(self) -> list[int]:
        width = c_int()
        count = len(self._keycodes)
        table = self._x11.XGetKeyboardMapping(self._display, self._keycodes[0], count, byref(width))
        each = width.value
        free = [
            keycode
            for number, keycode in enumerate(self._keycodes)
            if not any(table[number * each + place] for place in range(each))
        ]
        self._x11.XFree(ctypes.cast(table, ctypes.c_void_p))
        return free

    def _drain(self) -> None:
        """Take in changes of the layout."""
        event = Event()
        while self._x11.XPending(self._display):
            self._x11.XNextEvent(self._display, byref(event))
            if event.type == MAPPING_NOTIFY:
                self._x11.XRefreshKeyboardMapping(byref(event))
                self._group = None

    def _follow_group(self) -> None:
        """Read the layout anew where the user has switched to another one."""
        state = (ctypes.c_ubyte * 64)()  # an XkbStateRec, whose first byte is the group
        self._x11.XkbGetState(self._display, CORE_KEYBOARD, ctypes.cast(state, ctypes.c_void_p))
        if state[0] == self._group:
            return
        self._group = state[0]
        self._layout = {}
        for level in LEVELS:
            for keycode in self._keycodes:
                symbol = self._x11.XkbKeycodeToKeysym(self._display, keycode, self._group, level)
                if symbol and keycode not in self._free:
                    self._layout.setdefault(int(symbol), (keycode, level == 1))


def keysym(character: str) -> int:
    """Return the keysym of a character (X11 protocol, appendix A: Latin-1 as it is, others behind 0x01000000)."""
    code = ord(character)
    return code if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF else 0x01000000 | code
