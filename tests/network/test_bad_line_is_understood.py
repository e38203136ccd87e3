"""A line that loses 5 %, holds packets up to 80 ms and reorders 1 %, for twenty seconds (long form: a minute).

Speech is understood about as well as over a clean line, and no voice stalls.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from testing.hotel_dialogue import GUEST
from tests.kit.extent import extent
from tests.kit.headless_calls import Talk, begin, check_nothing_lost_or_twice, understood
from tests.kit.lab_machines import world

pytestmark = pytest.mark.real_time

EVERY = 5.2  # s from sentence to sentence of a speaker; the other's are between
STALL = 200.0  # ms
ALONE = True
LONGER = extent("31", "75")  # s that the clean talk lasts: the bad one is over by then
NUMBERS = extent((0, 1, 2, 3), tuple(range(len(GUEST.sentences))) * 2)


def play(folder: Path) -> dict[str, tuple[Talk, Any]]:
    """The same talk over a bad line and over a clean one, at the same time."""
    with world(folder) as here:
        router = here.lab.nat("home")
        bad = here.lab.behind_bad_line(router, "ana", loss=5, jitter=80, reordering=1, seed=7)
        clean = here.lab.behind(router, "cleo")
        times: list[list[str]] = [[], []]
        for index in range(len(NUMBERS)):
            for who, begins in enumerate((1.0, 1.0 + EVERY / 2)):
                times[who] += ["--at", f"{begins + index * EVERY:.2f}"]
        ana, ben = (tuple(one) for one in times)
        # Processes that end may stall a whole machine for a moment while it takes their memory back: the clean talk's
        # do so when no voice is measured any more.
        stay = ("--stay", LONGER)
        dan = here.lab.host("dan")
        talks = [
            begin(here, "clean", clean, dan, numbers=NUMBERS, for_ana=(*ana, *stay), for_ben=(*ben, *stay)),
            begin(here, "bad", bad, here.lab.host("ben"), numbers=NUMBERS, for_ana=ana, for_ben=ben),
        ]
        return {talk.name: (talk, talk.finish(120)) for talk in reversed(talks)}


def test_a_bad_line_is_understood(played: dict[str, Any]) -> None:
    right = {name: understood(talk, reports) for name, (talk, reports) in played.items()}
    share = {name: 100 * both / (2 * len(NUMBERS)) for name, both in right.items()}
    _, (ana, ben) = played["bad"]
    lost = [report["lines"]["original"]["rtp"] for report in (ana, ben)]
    gaps = {
        f"{who} {line}": max((spurt["longestGapMs"] for spurt in report["lines"][line]["talkspurts"]), default=0.0)
        for who, report in (("ana", ana), ("ben", ben))
        for line in ("interpreter", "original")
    }
    print(f"\nsentences understood, %: {share}; longest gaps between packets, ms: {gaps}")
    print("gaps over 100 ms [at s, ms]:", [spurt["gaps"] for spurt in ben["lines"]["original"]["talkspurts"]])
    print("losses:", [(one["lost"], one["expected"], one["reordered"]) for one in lost])
    assert all(0.02 * one["expected"] < one["lost"] < 0.10 * one["expected"] for one in lost), "is the line bad?"
    assert share["bad"] >= share["clean"] - 10
    assert max(gaps.values()) <= STALL
    assert len(ana["connections"]) == 1
    for talk, reports in played.values():
        check_nothing_lost_or_twice(talk, reports)
