"""Place of typed keys on an X11 display: the window that has the focus, and none where no window has it."""

from __future__ import annotations

import os
import subprocess

import pytest

from clients.desktop.x11.keyboard import X11Keyboard
from clients.desktop.x11.libraries import X11

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


def test_nothing_is_typed_into_the_window_under_the_pointer(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=(writing,), stderr=subprocess.DEVNULL) as server:
        os.close(writing)
        try:
            with os.fdopen(reading) as display:
                monkeypatch.setenv("DISPLAY", f":{display.readline().strip()}")
            x11 = X11()
            root = x11.XDefaultRootWindow(x11.open())
            keyboard = X11Keyboard(x11, lambda: 0.0, lambda: 7)
            for focus, place in (("1", None), (str(root), (root, 7)), ("1", None)):  # 1 is PointerRoot
                subprocess.run(["xdotool", "windowfocus", focus], check=True, timeout=60)
                assert keyboard.place() == place
            keyboard.close()
        finally:
            server.terminate()
