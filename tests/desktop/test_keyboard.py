"""Place of typed keys on an X11 display: the window that has the focus, and none where no window has it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from clients.desktop.x11.keyboard import X11Keyboard
from clients.desktop.x11.libraries import X11

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

NOWHERE = "1"  # PointerRoot: what is typed goes to the window under the pointer
TOUCHED = 7


@pytest.fixture
def x11(monkeypatch: pytest.MonkeyPatch) -> Iterator[X11]:
    """An X server of its own."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as display:
                monkeypatch.setenv("DISPLAY", f":{display.readline().strip()}")
            yield X11()
        finally:
            server.terminate()


def keyboard_of(x11: X11) -> Any:
    return closing(X11Keyboard(x11, lambda: 0.0, lambda: TOUCHED))


def root_of(x11: X11) -> int:
    return int(x11.XDefaultRootWindow(x11.open()))


def focus(window: str) -> None:
    subprocess.run(["xdotool", "windowfocus", window], check=True, timeout=60)


def test_nothing_is_typed_into_the_window_under_the_pointer(x11: X11) -> None:
    root = root_of(x11)
    with keyboard_of(x11) as keyboard:
        for window, place in ((NOWHERE, None), (str(root), (root, TOUCHED)), (NOWHERE, None)):
            focus(window)
            assert keyboard.place() == place


def test_a_key_for_a_place_that_has_lost_the_focus_is_not_pressed(x11: X11) -> None:
    with keyboard_of(x11) as keyboard:
        focus(str(root_of(x11)))
        place = keyboard.place()
        assert keyboard.type("a", place) == 0.0 and keyboard.erase(place)
        assert keyboard.type("\N{SNOWMAN}", place) == 0.0, "by a free key"
        focus(NOWHERE)
        assert keyboard.type("a", place) is None and not keyboard.erase(place)
        assert keyboard.type("\N{SNOWMAN}", place) is None


def test_nothing_takes_the_focus_between_the_last_look_and_the_key(x11: X11) -> None:
    others: list[subprocess.Popen[bytes]] = []
    fake = x11.XTestFakeKeyEvent

    def pressed_while_another_takes_the_focus(*arguments: Any) -> Any:
        if not others:
            others.append(subprocess.Popen(["xdotool", "windowfocus", NOWHERE]))
            time.sleep(0.3)
            assert others[0].poll() is None, "it has the focus already"
        return fake(*arguments)

    with keyboard_of(x11) as keyboard:
        focus(str(root_of(x11)))
        x11.XTestFakeKeyEvent = pressed_while_another_takes_the_focus
        assert keyboard.type("a", place := keyboard.place()) == 0.0
        assert others[0].wait(60) == 0
        assert keyboard.type("a", place) is None
