"""The windows of the desktop client, in Qt without a screen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAction, QKeyEvent
from PySide6.QtWidgets import QApplication, QLabel, QMainWindow

from clients.desktop.captions import Caption
from clients.desktop.controls import CHOICES, Controls
from clients.desktop.dictation import Typed
from clients.desktop.modes import Event, Mode, Order, Sound, State
from clients.desktop.overlay import DOUBTED, Overlay

THROUGH = Qt.WindowType.WindowTransparentForInput | Qt.WindowType.WindowDoesNotAcceptFocus


@pytest.fixture(scope="module")
def application() -> QApplication:
    return QApplication(["test", "-platform", "offscreen"])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "overlay.json"


@pytest.fixture
def overlay(application: QApplication, file: Path) -> Iterator[Overlay]:
    one = Overlay(file, floating=True)
    one.show()
    application.processEvents()
    yield one
    one.deleteLater()
    application.processEvents()


def label(overlay: Overlay) -> QLabel:
    found = overlay.findChild(QLabel)
    assert found is not None
    return found


def press(overlay: Overlay, key: Qt.Key, shift: bool = False) -> None:
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    overlay.keyPressEvent(QKeyEvent(QKeyEvent.Type.KeyPress, key, modifier))


def test_it_is_above_all_windows_and_takes_neither_clicks_nor_the_focus(overlay: Overlay) -> None:
    wanted = THROUGH | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.FramelessWindowHint
    assert overlay.windowFlags() & wanted == wanted
    assert overlay.testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)


def test_a_caption_is_shown_and_taken_away(overlay: Overlay) -> None:
    assert label(overlay).isHidden()
    overlay.show_caption(Caption("Tengo dos maletas.", final=True))
    assert label(overlay).isVisible() and label(overlay).text() == "Tengo dos maletas."
    overlay.show_caption(Caption("Tengo tres maletas.", sure=False))
    assert label(overlay).text() == f"{DOUBTED}Tengo tres maletas."
    overlay.show_caption(None)
    assert label(overlay).isHidden()


def test_words_of_strangers_are_no_markup(overlay: Overlay) -> None:
    overlay.show_caption(Caption("<img src='http://192.0.2.1/x.png'> <b>bold</b>"))
    assert label(overlay).textFormat() is Qt.TextFormat.PlainText
    assert "<b>bold</b>" in label(overlay).text()


def test_a_screen_reader_finds_it_and_reads_the_whole_sentence(overlay: Overlay) -> None:
    found = QAccessible.queryAccessibleInterface(overlay)
    assert found is not None and found.text(QAccessible.Text.Name) == "Captions"
    long = " ".join(f"word{number}" for number in range(200))
    overlay.show_caption(Caption(long))
    assert label(overlay).text().endswith("word199") and len(label(overlay).text()) < len(long)
    inner = QAccessible.queryAccessibleInterface(label(overlay))
    assert inner is not None and inner.text(QAccessible.Text.Name) == long


def test_a_notice_stands_above_the_caption_and_goes(overlay: Overlay) -> None:
    overlay.show_caption(Caption("Hola"))
    overlay.show_notice("parec does not start")
    assert label(overlay).text() == "parec does not start"
    overlay._end_notice()
    assert label(overlay).text() == "Hola"


def test_it_is_moved_by_keys_and_keeps_its_place(application: QApplication, overlay: Overlay, file: Path) -> None:
    handle = overlay.windowHandle()
    before = overlay.geometry()
    press(overlay, Qt.Key.Key_Left)
    assert overlay.geometry() == before  # it is moved only where that was asked for
    overlay.set_moving(True)
    assert not handle.flags() & THROUGH and label(overlay).isVisible()
    press(overlay, Qt.Key.Key_Left)
    press(overlay, Qt.Key.Key_Up)
    press(overlay, Qt.Key.Key_Right, shift=True)
    press(overlay, Qt.Key.Key_Return)
    assert handle.flags() & THROUGH == THROUGH and label(overlay).isHidden()
    kept = json.loads(file.read_text())
    assert (before.x() - kept["x"], before.y() - kept["y"], kept["width"] - before.width()) == (10, 10, 10)
    other = Overlay(file, floating=True)
    assert [other.x(), other.y(), other.width(), other.height()] == list(kept.values())
    other.deleteLater()


def test_where_it_cannot_float_it_is_an_ordinary_window(application: QApplication, file: Path) -> None:
    one = Overlay(file, floating=False)
    assert not one.windowFlags() & (THROUGH | Qt.WindowType.FramelessWindowHint)
    one.deleteLater()


def test_the_menu_has_every_choice_and_shows_those_that_hold(application: QApplication) -> None:
    chosen: list[Event] = []
    asked: list[bool] = []
    left: list[bool] = []

    def leave() -> None:
        left.append(True)

    controls = Controls(State(), chosen.append, asked.append, leave)
    actions = {action.shortcut().toString(): action for action in controls.findChildren(QAction)}
    for keys in ("Ctrl+2", "Ctrl+4", "Ctrl+6", "Ctrl+Backspace", "Ctrl+M", "Ctrl+Q"):
        actions[keys].trigger()
    assert chosen == [Mode.TYPING, Sound.SYSTEM, Typed.TRANSLATED, Order.START_OVER]
    assert (asked, left) == ([True], [True])
    assert {event for group in CHOICES for event, _, _ in group} == {*Mode, *Sound, *Typed}
    controls.show_state(State(Mode.TYPING, Sound.SYSTEM, Typed.SPOKEN))
    assert [keys for keys, action in actions.items() if action.isChecked()] == ["Ctrl+2", "Ctrl+4", "Ctrl+5"]

    window = next(one for one in application.topLevelWidgets() if isinstance(one, QMainWindow))
    assert window.isVisible()  # there is no tray here
    assert window.windowTitle() == "Dragoman: no connection"
    controls.show_connected(True)
    assert window.windowTitle() == "Dragoman: listening"
    controls.show_state(State(Mode.TYPING))
    assert window.windowTitle() == "Dragoman: not listening"
    controls.show_state(State(Mode.TYPING, key_down=True))
    assert window.windowTitle() == "Dragoman: listening"
    window.close()
    assert left == [True, True]
