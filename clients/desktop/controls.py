"""The menu: a tray icon where the desktop has a tray, else a small window with the same choices."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QRect, Qt
from PySide6.QtGui import QAction, QActionGroup, QCloseEvent, QColor, QFont, QIcon, QKeySequence, QPainter, QPixmap
from PySide6.QtWidgets import QMainWindow, QMenu, QSystemTrayIcon

from clients.desktop.dictation import Typed
from clients.desktop.modes import Event, Mode, Order, Sound, State

TITLE = "Dragoman"
CHOICES: tuple[tuple[tuple[Mode | Sound | Typed, str, str], ...], ...] = (
    ((Mode.CAPTIONS, "&Captions", "Ctrl+1"), (Mode.TYPING, "&Voice typing", "Ctrl+2")),
    ((Sound.MICROPHONE, "My &microphone", "Ctrl+3"), (Sound.SYSTEM, "What this computer &plays", "Ctrl+4")),
    ((Typed.SPOKEN, "Type what I &say", "Ctrl+5"), (Typed.TRANSLATED, "Type the &translation", "Ctrl+6")),
)
"""Each choice with its text and the keys for it, in groups of which one holds."""
LISTENS, RESTS = QColor(0, 150, 90), QColor(110, 110, 110)


class Controls(QObject):
    """Choices of the user. `chosen` receives each; `moving` is called to let the overlay be moved."""

    def __init__(
        self, state: State, chosen: Callable[[Event], None], moving: Callable[[bool], None], leave: Callable[[], None]
    ) -> None:
        super().__init__()
        self._actions: dict[Event, QAction] = {}
        self._menu = QMenu(TITLE)
        for choices in CHOICES:
            group = QActionGroup(self)
            for event, text, keys in choices:
                action = self._add(text, keys, lambda _=False, event=event: chosen(event))
                action.setCheckable(True)
                group.addAction(action)
                self._actions[event] = action
            self._menu.addSeparator()
        self._add("Start &over", "Ctrl+Backspace", lambda: chosen(Order.START_OVER))
        self._add("M&ove and resize the captions", "Ctrl+M", lambda: moving(True))
        self._menu.addSeparator()
        self._add("&Quit", "Ctrl+Q", leave)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(self._menu)
        self._window: QMainWindow | None = None
        self._state = state
        self._connected = False
        self._show()
        if QSystemTrayIcon.isSystemTrayAvailable():
            self._icon.show()
        else:
            self._window = _Window(self._menu, leave)
            self._window.show()

    def show_state(self, state: State) -> None:
        """Show the choices that hold, and whether sound goes to the server."""
        self._state = state
        self._show()

    def show_connected(self, connected: bool) -> None:
        """Show whether there is a connection to the server."""
        self._connected = connected
        self._show()

    def _show(self) -> None:
        state = self._state
        for event in (state.mode, state.sound, state.typed):
            self._actions[event].setChecked(True)
        listens = self._connected and state.listening
        icon = _icon(LISTENS if listens else RESTS)
        doing = "listening" if listens else "not listening" if self._connected else "no connection"
        tip = f"{TITLE}: {doing}"
        self._icon.setIcon(icon)
        self._icon.setToolTip(tip)
        if self._window is not None:
            self._window.setWindowIcon(icon)
            self._window.setWindowTitle(tip)

    def _add(self, text: str, keys: str, act: Callable[..., None]) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(keys))
        action.triggered.connect(act)
        self._menu.addAction(action)
        return action


class _Window(QMainWindow):
    """A window with the menu's choices as a menu bar, for a desktop without a tray. Closing it quits."""

    def __init__(self, menu: QMenu, leave: Callable[[], None]) -> None:
        super().__init__()
        self._leave = leave
        self.menuBar().addMenu(menu)
        self.setAccessibleName(TITLE)
        self.resize(260, 40)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Quit: without a tray nothing else would be left to do so."""
        event.accept()
        self._leave()


def _icon(colour: QColor) -> QIcon:
    """Return the icon: a letter on a colour."""
    size = 64
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(colour)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawRoundedRect(2, 2, size - 4, size - 4, 14, 14)
    font = QFont()
    font.setPixelSize(size * 2 // 3)
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(Qt.GlobalColor.white)
    painter.drawText(QRect(0, 0, size, size), Qt.AlignmentFlag.AlignCenter, "D")
    painter.end()
    return QIcon(pixmap)
