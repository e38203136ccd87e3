"""Being here, being missed, coming back: the grace on a clock of numbers."""

import pytest

from signaling.sessions.presence import Presence

STEPS: list[tuple[str, list[tuple[str, float]], bool, float | None]] = [
    ("only a socket", [("socket_up", 0)], False, None),
    ("socket and media", [("socket_up", 0), ("media_up", 1)], True, None),
    ("the socket drops", [("socket_up", 0), ("media_up", 1), ("socket_down", 5)], False, 35),
    ("the media is lost", [("socket_up", 0), ("media_up", 1), ("media_down", 5)], False, 35),
    ("media that never came is not missed", [("socket_up", 0), ("media_down", 5)], False, None),
    ("both, the first counts", [("socket_up", 0), ("media_up", 1), ("media_down", 5), ("socket_down", 9)], False, 35),
    ("back with media still up", [("socket_up", 0), ("media_up", 1), ("socket_down", 5), ("socket_up", 9)], True, None),
    (
        "half-way back starts anew",
        [("socket_up", 0), ("media_up", 1), ("socket_down", 5), ("media_down", 6), ("socket_up", 30)],
        False,
        60,
    ),
    (
        "all the way back",
        [("socket_up", 0), ("media_up", 1), ("socket_down", 5), ("media_down", 6), ("socket_up", 30), ("media_up", 32)],
        True,
        None,
    ),
    ("after a restart", [("rearm", 7)], False, 37),
    ("after a restart, back without media", [("rearm", 7), ("socket_up", 9)], False, None),
]


@pytest.mark.parametrize(("name", "steps", "connected", "deadline"), STEPS, ids=[one[0] for one in STEPS])
def test_presence(name: str, steps: list[tuple[str, float]], connected: bool, deadline: float | None) -> None:
    presence = Presence(30)
    for step, now in steps:
        getattr(presence, step)(now)
    assert (presence.connected, presence.deadline) == (connected, deadline)
