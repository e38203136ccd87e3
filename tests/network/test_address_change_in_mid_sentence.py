"""A phone that changes its network while its owner speaks: the interface goes down and comes up with another
address. The audio is back within seconds, both ways, and the subtitles lack nothing and repeat nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from testing.hotel_dialogue import GUEST, RECEPTIONIST
from tests.kit.headless_calls import begin, check_nothing_lost_or_twice, check_understood, events
from tests.kit.lab_machines import spoken, world

pytestmark = pytest.mark.real_time

CHANGE = 9.0  # s after the pairing
SENTENCES = (2, 4)


def play(folder: Path) -> Any:
    """Both speak a sentence before the change and one after it, and during it Ana speaks on and Ben doesn't stop."""
    with world(folder) as here:
        router = here.lab.nat("home")
        ana, ben = here.lab.behind(router, "ana"), here.lab.host("ben")
        during = [
            spoken(folder, GUEST.voice, *(s.text for s in GUEST.sentences)),
            spoken(folder, RECEPTIONIST.voice, *(s.text for s in RECEPTIONIST.sentences)),
        ]
        last = ("--at", str(CHANGE - 1.0))
        at = ("--at", "1", "--at", "26", *last), ("--at", "4", "--at", "29", *last)
        arguments = [(*times, "--wav", str(long)) for times, long in zip(at, during, strict=True)]
        talk = begin(here, "move", ana, ben, numbers=SENTENCES, for_ana=arguments[0], for_ben=arguments[1])
        due = max(talk.ana.paired(), talk.ben.paired()) + CHANGE
        time.sleep(max(0.0, due - time.time()))
        changed = ana.move(ana.address.removesuffix(".2") + ".77")
        return talk, talk.finish(), changed, time.time()


def first_after(report: dict[str, Any], line: str, moment: float) -> float:
    """Seconds from an epoch time to the first packet of the next talkspurt on a line."""
    arrivals = [report["t0Epoch"] + spurt["firstArrival"] for spurt in report["lines"][line]["talkspurts"]]
    return min(at for at in arrivals if at > moment) - moment


def test_address_change_in_mid_sentence(played: Any) -> None:
    talk, reports, changed, _ = played
    ana, ben = reports
    (again,) = [c for c in ana["connections"] if c["offered"] > changed]
    offered = again["offered"] - changed
    heard, reached = first_after(ana, "original", changed), first_after(ben, "original", changed)
    print(
        f"\nnew offer {offered:.2f} s after the change, connected after {again['connected'] - changed:.2f} s; "
        f"she hears him again after {heard:.2f} s, he hears her after {reached:.2f} s"
    )
    assert heard <= 5 and reached <= 5
    assert heard - offered <= 3 and reached - offered <= 3
    assert len(events(ana, "network_changed")) == 1
    assert not events(ben, "partner_disconnected") or events(ben, "partner_connected")[-1] - changed < 5
    check_nothing_lost_or_twice(talk, reports)
    check_understood(talk, reports)
