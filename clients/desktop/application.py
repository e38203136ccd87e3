"""Joins the windows and the session: what has changed goes to the windows, what the user chooses to the session."""

from __future__ import annotations

import signal
import socket
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QSocketNotifier, QStandardPaths, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from clients.desktop.captions import Caption
from clients.desktop.controls import Controls
from clients.desktop.course import Screen
from clients.desktop.modes import State
from clients.desktop.options import DesktopOptions
from clients.desktop.overlay import Overlay
from clients.desktop.worker import Worker
from clients.report import say

FAREWELL_S = 5.0


class _Bridge(QObject):
    """Carries what the session's thread tells to the thread of the windows."""

    caption = Signal(object)
    connected = Signal(bool)
    state = Signal(object)
    notice = Signal(str)
    ended = Signal(int)


def run(options: DesktopOptions) -> int:
    """Show the windows until the session is over. Return the exit status."""
    application = QApplication(["dragoman"])
    application.setApplicationName("dragoman")
    application.setQuitOnLastWindowClosed(False)
    window_system = QGuiApplication.platformName()
    overlay = Overlay(options.place_file or _place_file(), floating=not window_system.startswith("wayland"))
    bridge = _Bridge()
    screen = Screen(bridge.caption.emit, bridge.state.emit, bridge.connected.emit, bridge.notice.emit)
    worker = Worker(options, window_system, screen, bridge.ended.emit)
    state = State(options.mode, options.sound, options.typed)
    controls = Controls(state, worker.post, overlay.set_moving, worker.stop)
    queued = Qt.ConnectionType.QueuedConnection
    bridge.caption.connect(overlay.show_caption, queued)
    if options.captions_file:
        bridge.caption.connect(partial(_write, options.captions_file), queued)
    bridge.state.connect(controls.show_state, queued)
    bridge.connected.connect(controls.show_connected, queued)
    bridge.connected.connect(lambda connected: say(event="connected" if connected else "disconnected"), queued)
    bridge.notice.connect(lambda text: _notice(overlay, text), queued)
    bridge.ended.connect(lambda status: application.exit(status), queued)
    woken = _signals(worker)
    overlay.show()
    worker.start()
    status = application.exec()
    woken.setEnabled(False)
    worker.join(FAREWELL_S)
    return status


def _place_file() -> Path:
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.AppConfigLocation)) / "overlay.json"


def _write(file: Path, caption: Caption | None) -> None:
    """Let a file hold the caption. A disk that is full costs no more than the file."""
    with suppress(OSError):
        file.write_text("" if caption is None else caption.text, "utf-8")


def _notice(overlay: Overlay, text: str) -> None:
    print(f"dragoman desktop: {text}", file=sys.stderr, flush=True)
    overlay.show_notice(text)


def _signals(worker: Worker) -> QSocketNotifier:
    """Let Ctrl+C and SIGTERM leave the session: Python sees a signal only once the toolkit's loop wakes."""
    reading, writing = socket.socketpair()
    reading.setblocking(False)
    writing.setblocking(False)
    signal.set_wakeup_fd(writing.fileno())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    notifier = QSocketNotifier(reading.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(lambda *_, kept=writing: reading.recv(64))
    return notifier
