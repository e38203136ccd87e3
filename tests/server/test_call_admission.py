"""Admission by measured lateness: a moment's stall refuses nobody, a server past its knee refuses."""

from __future__ import annotations

import pytest

from server.call_admission import WINDOW_SLOTS, Admission


def fed(late: list[float], busy: float) -> Admission:
    """A capacity that has sampled one slot for each lateness, with a thread that is `busy` of the time."""
    capacity = Admission()
    for slot, lateness in enumerate(late):
        capacity.sample(lateness, slot * 0.02, slot * 0.02 * busy)
    return capacity


@pytest.mark.parametrize(
    ("late", "busy", "room"),
    [
        ([0.001] * WINDOW_SLOTS, 0.3, True),
        ([0.001] * WINDOW_SLOTS, 0.8, False),
        ([0.001] * 200 + [0.3] * 50, 0.3, True),
        ([0.001] * 190 + [0.03] * 60, 0.3, False),
        ([0.5] * 60, 0.99, True),  # half a window has not been seen yet
    ],
)
def test_room_is_decided_by_whole_windows_of_lateness_and_load(late: list[float], busy: float, room: bool) -> None:
    assert fed(late, busy).has_room is room


def test_room_comes_back_when_the_load_goes() -> None:
    capacity = fed([0.1] * WINDOW_SLOTS, 0.9)
    assert not capacity.has_room
    for slot in range(WINDOW_SLOTS, 2 * WINDOW_SLOTS):
        capacity.sample(0.0, slot * 0.02, WINDOW_SLOTS * 0.02 * 0.9)
    assert capacity.has_room
