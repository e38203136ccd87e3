"""Hears hot keys of an X11 display, whatever window has the focus, and counts the user's other keys and clicks."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Mapping
from ctypes import byref, c_int, c_ubyte
from itertools import product

from clients.desktop.modes import Key
from clients.desktop.x11.libraries import (
    GENERIC_EVENT,
    KEY_PRESS,
    KEY_RELEASE,
    X11,
    Cookie,
    Event,
    EventMask,
    KeyboardControl,
    KeyEvent,
    NoX11,
    RawEvent,
)

RAW_KEY_PRESS, RAW_KEY_RELEASE, RAW_BUTTON_PRESS = 13, 14, 15
ALL_MASTER_DEVICES = 1
LOCKS = (0, 2, 16, 2 | 16)
"""Caps Lock and Num Lock: a hot key is the same with them and without."""
BAD_ACCESS = 10
ASYNC = 1
KB_KEY, KB_AUTO_REPEAT_MODE = 1 << 6, 1 << 7
REPEAT_OFF, REPEAT_DEFAULT = 0, 2
WHEELS = range(4, 8)


class X11Watch:
    """A connection whose `fileno` is readable when `drain` has something to hear.

    `is_own` returns True for a press of ours.
    """

    def __init__(self, x11: X11, keys: Mapping[str, Callable[[Key], None]]) -> None:
        """`keys` holds what to call when a key goes down or up, by its name in X11, such as F9.

        Raises NoX11 where a key cannot be heard.
        """
        self._x11 = x11
        self.is_own: Callable[[int], bool] = lambda keycode: False
        self.touched = 0  # clicks and keys of the user
        self._display = x11.open()
        self._root = x11.XDefaultRootWindow(self._display)
        self._keys = {self._keycode(name): on_key for name, on_key in keys.items()}
        self._held = False
        self._hear()

    def fileno(self) -> int:
        """Return the descriptor of the connection."""
        return int(self._x11.XConnectionNumber(self._display))

    def close(self) -> None:
        """Give the hot keys back."""
        self.hold(False)
        self._x11.XCloseDisplay(self._display)

    def hold(self, on: bool) -> bool:
        """Keep the hot keys from other windows, or let them have them. Return False where another program has one."""
        if on == self._held:
            return True
        self._x11.errors.clear()
        for keycode, locks in product(self._keys, LOCKS):
            if on:
                self._x11.XGrabKey(self._display, keycode, locks, self._root, True, ASYNC, ASYNC)
            else:
                self._x11.XUngrabKey(self._display, keycode, locks, self._root)
        self._x11.XSync(self._display, False)
        self._held = on
        if on and BAD_ACCESS in self._x11.errors:
            self.hold(False)
            return False
        self._repeat(REPEAT_OFF if on else REPEAT_DEFAULT)
        return True

    def drain(self) -> None:
        """Hear all that has come."""
        event = Event()
        while self._x11.XPending(self._display):
            self._x11.XNextEvent(self._display, byref(event))
            if event.type in (KEY_PRESS, KEY_RELEASE):
                if event.type == KEY_RELEASE:  # so soon that the raw event came while the keyboard was ours
                    keycode = ctypes.cast(byref(event), ctypes.POINTER(KeyEvent)).contents.keycode
                    self._keys.get(keycode, _ignore)(Key.UP)
                # While we hold the keyboard, nothing could be typed into another window.
                self._x11.XUngrabKeyboard(self._display, 0)
                self._x11.XFlush(self._display)
            elif event.type == GENERIC_EVENT:
                self._raw(ctypes.cast(byref(event), ctypes.POINTER(Cookie)))

    def _keycode(self, name: str) -> int:
        symbol = self._x11.XStringToKeysym(name.encode())
        if not symbol:
            raise NoX11(f"there is no key {name}: take a name such as F9, Pause or Scroll_Lock")
        keycode = int(self._x11.XKeysymToKeycode(self._display, symbol))
        if not keycode:
            raise NoX11(f"this keyboard has no key {name}: choose another")
        return keycode

    def _raw(self, cookie: ctypes._Pointer[Cookie]) -> None:
        if not self._x11.XGetEventData(self._display, cookie):
            return
        kind = cookie.contents.evtype
        detail = ctypes.cast(cookie.contents.data, ctypes.POINTER(RawEvent)).contents.detail
        self._x11.XFreeEventData(self._display, cookie)
        if kind == RAW_BUTTON_PRESS:
            self.touched += detail not in WHEELS
        elif detail in self._keys and kind == RAW_KEY_RELEASE:
            self._keys[detail](Key.UP)  # also of a press that was ours before the mode changed
        elif detail in self._keys and self._held:
            self._keys[detail](Key.DOWN)
        elif kind == RAW_KEY_PRESS and not self.is_own(detail):
            self.touched += 1

    def _hear(self) -> None:
        """Ask for all keys and clicks before any window has them (XInput 2)."""
        numbers = [c_int() for _ in range(3)]
        major, minor = c_int(2), c_int(2)
        if not self._x11.XQueryExtension(self._display, b"XInputExtension", *map(byref, numbers)):
            raise NoX11("this display has no XInput 2: no hot key can be heard")
        if self._x11.XIQueryVersion(self._display, byref(major), byref(minor)):
            raise NoX11("this display has an XInput older than 2.1: no hot key can be heard")
        bits = (c_ubyte * 4)()
        for kind in (RAW_KEY_PRESS, RAW_KEY_RELEASE, RAW_BUTTON_PRESS):
            bits[kind >> 3] |= 1 << (kind & 7)
        mask = EventMask(ALL_MASTER_DEVICES, 4, bits)
        self._x11.XISelectEvents(self._display, self._root, byref(mask), 1)

    def _repeat(self, mode: int) -> None:
        for keycode in self._keys:
            control = KeyboardControl(key=keycode, auto_repeat_mode=mode)
            self._x11.XChangeKeyboardControl(self._display, KB_KEY | KB_AUTO_REPEAT_MODE, byref(control))
        self._x11.XSync(self._display, False)


def _ignore(way: Key) -> None:
    return
