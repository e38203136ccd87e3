"""The place of the overlay."""

from __future__ import annotations

from pathlib import Path

import pytest

from clients.desktop.place import LEAST_HEIGHT, LEAST_WIDTH, Place, default, fitting, keep, load

SCREEN = Place(0, 0, 1280, 800)
RIGHT = Place(1280, 0, 1920, 1080)


def test_the_first_place_is_at_the_bottom_in_the_middle() -> None:
    place = fitting(None, [SCREEN])
    assert place == default(SCREEN)
    assert place.x == SCREEN.width - place.x - place.width
    assert SCREEN.height // 2 < place.y < place.y + place.height < SCREEN.height


@pytest.mark.parametrize(
    ("wanted", "screens", "stays"),
    [
        (Place(10, 20, 500, 90), [SCREEN], True),
        (Place(1300, 20, 500, 90), [SCREEN, RIGHT], True),
        (Place(1300, 20, 500, 90), [SCREEN], False),  # its screen is gone
        (Place(-480, 20, 500, 90), [SCREEN], False),
        (Place(-400, 20, 500, 90), [SCREEN], True),
        (Place(10, 790, 500, 90), [SCREEN], False),
        (Place(10, -60, 500, 90), [SCREEN], False),
    ],
)
def test_it_stays_where_it_was_left_if_it_is_seen_there(wanted: Place, screens: list[Place], stays: bool) -> None:
    assert fitting(wanted, screens) == (wanted if stays else default(screens[0]))


def test_it_is_never_too_small() -> None:
    assert fitting(Place(10, 20, 100, 50), [SCREEN]) == Place(10, 20, LEAST_WIDTH, max(50, LEAST_HEIGHT))


def test_it_is_kept_and_found_again(tmp_path: Path) -> None:
    file = tmp_path / "new" / "overlay.json"
    assert load(file) is None
    keep(file, Place(-3, 4, 500, 60))
    assert load(file) == Place(-3, 4, 500, 60)


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "7", '{"x": 1, "y": 2, "width": 3}', '{"x": 1.5, "y": 2, "width": 3, "height": 4}',
     '{"x": true, "y": 2, "width": 3, "height": 4}', '{"x": 99999999999, "y": 2, "width": 3, "height": 4}'],
)  # fmt: skip
def test_a_file_that_holds_something_else_is_as_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "overlay.json"
    file.write_text(text)
    assert load(file) is None


def test_a_disk_that_takes_nothing_costs_the_place_alone(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    keep(tmp_path / "file" / "overlay.json", SCREEN)
