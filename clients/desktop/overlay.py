"""The overlay: one sentence above all windows, half transparent, through which clicks go to what is below."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QCloseEvent,
    QFont,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QLabel, QLayout, QSizeGrip, QVBoxLayout, QWidget

from clients.desktop.captions import Caption
from clients.desktop.fitting import end_that_fits
from clients.desktop.place import Place, fitting, keep, load

TITLE = "Dragoman captions"
NOTICE_MS = 8000
STEP = 10
"""Pixels by which an arrow key moves the overlay."""
PADDING = 10
DOUBTED = "≈ "
"""Before a translation that the server doubts."""
_BOX = f"color: white; background: rgba(0, 0, 0, 178); border-radius: {PADDING}px; padding: {PADDING}px;"
_MOVING = "border: 2px dashed white;"
_INVITATION = "Drag me, or use the arrow keys (with Shift: size). Enter when done."
_MOVES = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
_THROUGH = (Qt.WindowType.WindowTransparentForInput, Qt.WindowType.WindowDoesNotAcceptFocus)


class Overlay(QWidget):
    """Shows captions and notices. `floating` is false where the desktop allows an ordinary window only."""

    def __init__(self, place_file: Path, *, floating: bool) -> None:
        flags = Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint | Qt.WindowType.Tool
        if QGuiApplication.platformName() == "xcb":  # in a frame of the window manager, clicks end at the frame
            flags |= Qt.WindowType.BypassWindowManagerHint
        super().__init__(None, flags | _THROUGH[0] | _THROUGH[1] if floating else Qt.WindowType.Window)
        self._file = place_file
        self._floating = floating
        self._moving = False
        self._grabbed: QPoint | None = None
        self._shown: Caption | None = None
        self._caption = ""
        self._notice = ""
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._notice_timer.timeout.connect(self._end_notice)
        self.setWindowTitle(TITLE)
        self.setAccessibleName("Captions")
        self.setAccessibleDescription("The sentence that was said last, in your language")
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground, floating)
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setAttribute(Qt.WidgetAttribute.WA_MacAlwaysShowToolWindow)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.PlainText)  # a caption is words of strangers: no markup, no images
        self._label.setWordWrap(True)
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)  # the size is the user's, not the text's
        layout.addStretch(1)
        layout.addWidget(self._label)
        self._grip = QSizeGrip(self)
        self._grip.hide()
        screens = [Place(*screen.availableGeometry().getRect()) for screen in QGuiApplication.screens()]  # type: ignore[misc]
        place = fitting(load(place_file), screens)
        self.setGeometry(place.x, place.y, place.width, place.height)
        self._draw()

    def show_caption(self, caption: Caption | None) -> None:
        """Show a caption in place of the one before; None shows nothing."""
        if caption == self._shown:
            return
        self._shown = caption
        self._caption = "" if caption is None else caption.text if caption.sure else DOUBTED + caption.text
        self._draw()
        if caption is not None and caption.final:
            # Each final sentence is read out once. The revisions before it would interrupt each other.
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, self._caption))

    def show_notice(self, text: str) -> None:
        """Show a notice for some seconds, above the caption."""
        self._notice = text
        self._notice_timer.start()
        self._draw()

    def set_moving(self, moving: bool) -> None:
        """Let the overlay be moved and resized, or keep its place and let clicks through again."""
        if moving == self._moving:
            return
        self._moving = moving
        handle = self.windowHandle()
        if self._floating and handle is not None:
            for flag in _THROUGH:
                handle.setFlag(flag, not moving)
        self._grip.setVisible(moving)
        self._draw()
        if moving:
            self.activateWindow()
            self.setFocus()
        else:
            keep(self._file, Place(self.x(), self.y(), self.width(), self.height()))

    def _end_notice(self) -> None:
        self._notice = ""
        self._draw()

    def _draw(self) -> None:
        text = _INVITATION if self._moving else self._notice or self._caption
        font = QFont(self._label.font())
        font.setPixelSize(max(14, self.height() * 3 // 10))
        font.setBold(True)
        self._label.setFont(font)
        self._label.setStyleSheet(_BOX + (_MOVING if self._moving else ""))
        metrics = QFontMetrics(font)
        inner = self.rect().adjusted(2 * PADDING, 2 * PADDING, -2 * PADDING, -2 * PADDING)
        flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignCenter

        def fits(part: str) -> bool:
            needed = metrics.boundingRect(inner, flags, part)
            return needed.height() <= inner.height() and needed.width() <= inner.width()

        shown = end_that_fits(text, fits) if text else ""
        self._label.setText(shown)
        self._label.setAccessibleName(text)
        self._label.setVisible(bool(shown))
        self._grip.move(self.width() - self._grip.width(), self.height() - self._grip.height())
        self._grip.raise_()

    # ── moving ──────────────────────────────────────────────────────────────────────────────────

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take hold of the overlay."""
        self._grabbed = event.globalPosition().toPoint() - self.pos()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move with the pointer."""
        if self._moving and self._grabbed is not None:
            self.move(event.globalPosition().toPoint() - self._grabbed)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._grabbed = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move or resize by the arrow keys."""
        if not self._moving:
            super().keyPressEvent(event)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape):
            self.set_moving(False)
        elif (step := _MOVES.get(Qt.Key(event.key()))) is not None:
            across, down = step[0] * STEP, step[1] * STEP
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.resize(self.width() + across, self.height() + down)
            else:
                self.move(self.x() + across, self.y() + down)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the text to the new size."""
        self._draw()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Stay: the menu ends the client."""
        event.ignore()
