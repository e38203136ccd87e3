"""Decides where the overlay stands: where it was left, if that is on a screen now, else at the bottom of the first."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

LEAST_WIDTH = 240
LEAST_HEIGHT = 48
LEAST_SEEN = 64
"""Pixels of the overlay in both directions that must be on a screen, or it could not be found again."""


@dataclass(frozen=True, slots=True)
class Place:
    """A rectangle in pixels of the desktop, which may begin left of 0."""

    x: int
    y: int
    width: int
    height: int


def default(screen: Place) -> Place:
    """Return the place at the bottom centre of a screen."""
    width, height = max(LEAST_WIDTH, screen.width * 7 // 10), max(LEAST_HEIGHT, screen.height // 8)
    x = screen.x + (screen.width - width) // 2
    return Place(x, screen.y + screen.height - height - screen.height // 20, width, height)


def fitting(wanted: Place | None, screens: Sequence[Place]) -> Place:
    """Return `wanted` if enough of it is seen on one of `screens`, else the default place on the first."""
    if wanted is None or not any(_seen(wanted, screen) for screen in screens):
        return default(screens[0])
    return Place(wanted.x, wanted.y, max(LEAST_WIDTH, wanted.width), max(LEAST_HEIGHT, wanted.height))


def _seen(place: Place, screen: Place) -> bool:
    across = min(place.x + place.width, screen.x + screen.width) - max(place.x, screen.x)
    down = min(place.y + place.height, screen.y + screen.height) - max(place.y, screen.y)
    return across >= LEAST_SEEN and down >= min(LEAST_SEEN, LEAST_HEIGHT)


def load(file: Path) -> Place | None:
    """Return the place that was kept; None where there is none, or the file holds something else."""
    try:
        kept = json.loads(file.read_text("utf-8"))
        numbers = [kept[name] for name in ("x", "y", "width", "height")]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not all(type(number) is int and abs(number) < 1 << 20 for number in numbers):
        return None
    return Place(*numbers)


def keep(file: Path, place: Place) -> None:
    """Keep a place. A disk that is full or read-only costs no more than the place."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(asdict(place)) + "\n", "utf-8")
    except OSError:
        return
