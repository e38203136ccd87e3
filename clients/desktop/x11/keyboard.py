"""Types characters into the focused window of an X11 display (XTEST), in whatever layout the user has."""

from __future__ import annotations

import ctypes
from collections import Counter
from collections.abc import Callable, Hashable
from ctypes import byref, c_int, c_uint, c_ulong

from clients.desktop.x11.libraries import POINTER_ROOT, X11, Event, NoX11
from clients.desktop.x11.spare_keys import SpareKeys

BACKSPACE = 0xFF08
SHIFT = 0xFFE1
HINDERS = 1 | 2 | 4 | 8 | 64 | 128
"""Modifiers under which a key means something else: Shift, Caps Lock, Control, Alt, Super, AltGr. Num Lock does not."""
CORE_KEYBOARD = 0x100
LEVELS = (0, 1)
GROUPS = 2
"""Layouts of which the core protocol tells. In others all characters are typed by free keys."""
FRESH_S = 0.5
"""Time for which the layout is believed to be the same. No event tells Xlib of every change (XKB protocol, 14)."""


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
        free = [keycode for keycode, symbols in self._table().items() if not any(symbols)]
        if not free:
            raise NoX11("every key of this keyboard has a meaning: none is left for what the layout lacks")
        self._free = frozenset(free)
        self._spare = SpareKeys(free)
        self._shift = int(x11.XKeysymToKeycode(self._display, SHIFT))
        self._group = 0
        self._read_at: float | None = None
        self._layout: dict[int, tuple[int, bool]] = {}  # keycode and Shift by keysym, of the current group
        self._window = 0  # the one that had the focus at the last look
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
        """Return the focused window, and the number of the user's clicks and keys. None: no window has it."""
        self._window = self._focused()
        return (self._window, self._touched()) if self._window > POINTER_ROOT else None

    def ready(self) -> bool:
        """Return False while a modifier is down, or Caps Lock is on."""
        ids, places, mask = (c_ulong(), c_ulong()), [c_int() for _ in range(4)], c_uint()
        self._x11.XQueryPointer(self._display, self._root, *map(byref, ids), *map(byref, places), byref(mask))
        return not mask.value & HINDERS

    def erase(self, place: Hashable) -> bool:
        """Type BackSpace at a place. Return False, and type nothing, where the cursor is elsewhere."""
        return self._press(place, int(self._x11.XKeysymToKeycode(self._display, BACKSPACE)))

    def type(self, character: str, place: Hashable) -> float | None:
        """Type a character at a place by its key, or by a free key that is given its meaning."""
        self._drain()
        now, symbol = self._clock(), keysym(character)
        self._read_layout(now)
        if (known := self._layout.get(symbol)) is not None:
            return 0.0 if self._press(place, *known) else None
        keycode = self._spare.known(character, now)
        if keycode is None:
            if wait := self._spare.wait_s(now):
                return wait
            keycode = self._spare.assign(character, now)
            self._map(keycode, symbol)
        return 0.0 if self._press(place, keycode) else None

    def _focused(self) -> int:
        window, revert = c_ulong(), c_int()
        self._x11.XGetInputFocus(self._display, byref(window), byref(revert))
        return window.value

    def _press(self, place: Hashable, keycode: int, shifted: bool = False) -> bool:
        """Press a key if the cursor is still at a place. Return False where it is not.

        The server listens to nobody else between the last look and the key, or a window that takes the focus in
        between would get it. For one question and the keys alone: meanwhile every program of the desktop waits.
        """
        if self.place() != place:
            return False
        pressed = [self._shift, keycode] if shifted else [keycode]
        self._x11.XGrabServer(self._display)
        try:
            if self._focused() != self._window:
                return False
            self._own.update(pressed)
            for one in pressed:
                self._x11.XTestFakeKeyEvent(self._display, one, True, 0)
            for one in reversed(pressed):
                self._x11.XTestFakeKeyEvent(self._display, one, False, 0)
        finally:
            self._x11.XUngrabServer(self._display)
            self._x11.XFlush(self._display)
        return True

    def _map(self, keycode: int, symbol: int) -> None:
        """Give a keycode one meaning, with Shift and without; 0 takes it away."""
        symbols = (c_ulong * 2)(symbol, symbol)
        self._x11.XChangeKeyboardMapping(self._display, keycode, 2, symbols, 1)
        self._x11.XSync(self._display, False)

    def _table(self) -> dict[int, list[int]]:
        """Return the keysyms of each keycode as they are now: two of the first group, two of the second, others."""
        width, count = c_int(), len(self._keycodes)
        table = self._x11.XGetKeyboardMapping(self._display, self._keycodes[0], count, byref(width))
        each = width.value
        symbols = table[: count * each]
        self._x11.XFree(ctypes.cast(table, ctypes.c_void_p))
        return {keycode: symbols[n * each : (n + 1) * each] for n, keycode in enumerate(self._keycodes)}

    def _drain(self) -> None:
        """Let nothing pile up: each change of the layout, ours too, is an event for every program."""
        event = Event()
        while self._x11.XPending(self._display):
            self._x11.XNextEvent(self._display, byref(event))

    def _read_layout(self, now: float) -> None:
        """Read the layout anew where the user may have another one now."""
        state = (ctypes.c_ubyte * 64)()  # an XkbStateRec, whose first byte is the group
        self._x11.XkbGetState(self._display, CORE_KEYBOARD, ctypes.cast(state, ctypes.c_void_p))
        group = int(state[0])
        if group == self._group and self._read_at is not None and now - self._read_at < FRESH_S:
            return
        self._group, self._read_at = group, now
        table = self._table()
        self._spare.keep(lambda character, keycode: table[keycode][:1] == [keysym(character)])
        self._layout = {}
        for level in LEVELS:
            for keycode, symbols in table.items():
                place = 2 * group + level
                if keycode not in self._free and group < GROUPS and place < len(symbols) and symbols[place]:
                    self._layout.setdefault(symbols[place], (keycode, level == 1))


def keysym(character: str) -> int:
    """Return the keysym of a character (X11 protocol, appendix A: Latin-1 as it is, others behind 0x01000000)."""
    code = ord(character)
    return code if 0x20 <= code <= 0x7E or 0xA0 <= code <= 0xFF else 0x01000000 | code
