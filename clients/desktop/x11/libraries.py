"""Declares the functions of the system's libX11, libXtst and libXi that typing and a hot key need."""

from __future__ import annotations

import ctypes
from ctypes import POINTER, Structure, c_char_p, c_int, c_long, c_ubyte, c_uint, c_ulong, c_void_p
from typing import Any

_INT, _UINT, _ULONG = POINTER(c_int), POINTER(c_uint), POINTER(c_ulong)
KEY_PRESS, KEY_RELEASE = 2, 3
GENERIC_EVENT = 35
POINTER_ROOT = 1


class NoX11(Exception):
    """Keys cannot be typed or heard on this desktop. The text says why."""


class Event(ctypes.Union):
    """An XEvent."""

    _fields_ = [("type", c_int), ("pad", c_long * 24)]


class KeyEvent(Structure):
    """An XKeyEvent."""

    _fields_ = [
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("window", c_ulong),
        ("root", c_ulong),
        ("subwindow", c_ulong),
        ("time", c_ulong),
        ("x", c_int),
        ("y", c_int),
        ("x_root", c_int),
        ("y_root", c_int),
        ("state", c_uint),
        ("keycode", c_uint),
        ("same_screen", c_int),
    ]


class Cookie(Structure):
    """An XGenericEventCookie."""

    _fields_ = [
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("extension", c_int),
        ("evtype", c_int),
        ("cookie", c_uint),
        ("data", c_void_p),
    ]


class RawEvent(Structure):
    """The beginning of an XIRawEvent."""

    _fields_ = [
        ("type", c_int),
        ("serial", c_ulong),
        ("send_event", c_int),
        ("display", c_void_p),
        ("extension", c_int),
        ("evtype", c_int),
        ("time", c_ulong),
        ("deviceid", c_int),
        ("sourceid", c_int),
        ("detail", c_int),
        ("flags", c_int),
    ]


class EventMask(Structure):
    """An XIEventMask."""

    _fields_ = [("deviceid", c_int), ("mask_len", c_int), ("mask", POINTER(c_ubyte))]


class KeyboardControl(Structure):
    """An XKeyboardControl."""

    _fields_ = [
        ("key_click_percent", c_int),
        ("bell_percent", c_int),
        ("bell_pitch", c_int),
        ("bell_duration", c_int),
        ("led", c_int),
        ("led_mode", c_int),
        ("key", c_int),
        ("auto_repeat_mode", c_int),
    ]


class Error(Structure):
    """An XErrorEvent."""

    _fields_ = [
        ("type", c_int),
        ("display", c_void_p),
        ("resourceid", c_ulong),
        ("serial", c_ulong),
        ("error_code", c_ubyte),
        ("request_code", c_ubyte),
        ("minor_code", c_ubyte),
    ]


_FUNCTIONS: dict[str, dict[str, tuple[Any, list[Any]]]] = {
    "libX11.so.6": {
        "XInitThreads": (c_int, []),
        "XOpenDisplay": (c_void_p, [c_char_p]),
        "XCloseDisplay": (c_int, [c_void_p]),
        "XDefaultRootWindow": (c_ulong, [c_void_p]),
        "XConnectionNumber": (c_int, [c_void_p]),
        "XFlush": (c_int, [c_void_p]),
        "XSync": (c_int, [c_void_p, c_int]),
        "XGrabServer": (c_int, [c_void_p]),
        "XUngrabServer": (c_int, [c_void_p]),
        "XPending": (c_int, [c_void_p]),
        "XNextEvent": (c_int, [c_void_p, POINTER(Event)]),
        "XGetInputFocus": (c_int, [c_void_p, _ULONG, _INT]),
        "XQueryPointer": (c_int, [c_void_p, c_ulong, _ULONG, _ULONG, _INT, _INT, _INT, _INT, _UINT]),
        "XDisplayKeycodes": (c_int, [c_void_p, _INT, _INT]),
        "XGetKeyboardMapping": (_ULONG, [c_void_p, c_ubyte, c_int, _INT]),
        "XChangeKeyboardMapping": (c_int, [c_void_p, c_int, c_int, _ULONG, c_int]),
        "XFree": (c_int, [c_void_p]),
        "XStringToKeysym": (c_ulong, [c_char_p]),
        "XKeysymToKeycode": (c_ubyte, [c_void_p, c_ulong]),
        "XkbGetState": (c_int, [c_void_p, c_uint, c_void_p]),
        "XGrabKey": (c_int, [c_void_p, c_int, c_uint, c_ulong, c_int, c_int, c_int]),
        "XUngrabKey": (c_int, [c_void_p, c_int, c_uint, c_ulong]),
        "XUngrabKeyboard": (c_int, [c_void_p, c_ulong]),
        "XChangeKeyboardControl": (c_int, [c_void_p, c_ulong, POINTER(KeyboardControl)]),
        "XGetEventData": (c_int, [c_void_p, POINTER(Cookie)]),
        "XFreeEventData": (None, [c_void_p, POINTER(Cookie)]),
        "XQueryExtension": (c_int, [c_void_p, c_char_p, _INT, _INT, _INT]),
        "XSetErrorHandler": (c_void_p, [c_void_p]),
    },
    "libXtst.so.6": {
        "XTestQueryExtension": (c_int, [c_void_p, _INT, _INT, _INT, _INT]),
        "XTestFakeKeyEvent": (c_int, [c_void_p, c_uint, c_int, c_ulong]),
    },
    "libXi.so.6": {
        "XIQueryVersion": (c_int, [c_void_p, _INT, _INT]),
        "XISelectEvents": (c_int, [c_void_p, c_ulong, POINTER(EventMask), c_int]),
    },
}

_HANDLER = ctypes.CFUNCTYPE(c_int, c_void_p, POINTER(Error))


class X11:
    """The functions by their names, and the errors that X has answered: by itself Xlib ends the process for one."""

    def __init__(self) -> None:
        """Load the libraries. Raises NoX11 where one is missing."""
        self.errors: list[int] = []
        for name, functions in _FUNCTIONS.items():
            try:
                library = ctypes.CDLL(name)
            except OSError:
                raise NoX11(f"{name} is not on this system: voice typing needs libX11, libXtst and libXi") from None
            for function, (result, arguments) in functions.items():
                found = getattr(library, function)
                found.restype, found.argtypes = result, arguments
                setattr(self, function, found)
        self.XInitThreads()
        self._handler = _HANDLER(self._note)  # kept: Xlib calls it later
        self.XSetErrorHandler(self._handler)

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(name)

    def _note(self, _display: int, error: Any) -> int:
        self.errors = [*self.errors[-9:], int(error.contents.error_code)]
        return 0

    def open(self) -> int:
        """Return a new connection to the display of this desktop. Raises NoX11."""
        display = self.XOpenDisplay(None)
        if not display:
            raise NoX11("there is no X11 display")
        return int(display)
