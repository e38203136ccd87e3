"""A participant who is away for longer than the grace is given up. The partner learns it at its end, and so does
whoever comes back. A server that is gone looks different from a partner who is."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.kit.headless_calls import begin, events
from tests.kit.lab_machines import world

pytestmark = pytest.mark.real_time

GRACE = 30.0
OUTAGE = 40.0


def play(folder: Path) -> dict[str, Any]:
    """Ana is away for too long; meanwhile another server is killed under another call."""
    with ThreadPoolExecutor(2) as pool:
        away, crash = pool.submit(_away, folder / "away"), pool.submit(_crash, folder / "crash")
        return {**away.result(), "crash": crash.result()}


def _away(folder: Path) -> dict[str, Any]:
    with world(folder, DRAGOMAN_MODELS="scripted") as here:
        router = here.lab.nat("home")
        ana, ben = here.lab.behind(router, "ana"), here.lab.host("ben")
        stay = ("--stay", "90")
        talk = begin(here, "away", ana, ben, for_ana=stay, for_ben=stay)
        time.sleep(max(0.0, talk.ben.paired() + 4.0 - time.time()))
        began = time.time()
        router.drop(100)
        time.sleep(OUTAGE)
        router.drop(0)
        return {"away": talk.finish(40), "began": began}


def _crash(folder: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    with world(folder, DRAGOMAN_MODELS="scripted") as here:
        ana, ben = here.lab.behind(here.lab.nat("home"), "ana"), here.lab.host("ben")
        short = ("--stay", "90", "--grace", "6")
        other = begin(here, "crash", ana, ben, for_ana=short, for_ben=short)
        time.sleep(max(0.0, other.ben.paired() + 3.0 - time.time()))
        here.server.stop(kill=True)
        return other.finish(40)


def test_forty_seconds_end_the_call(played: dict[str, Any]) -> None:
    (ana, ben), began = played["away"], played["began"]
    told = events(ben, "partner_disconnected")[0] - began
    ended = events(ben, "ended")[0] - began
    returned = events(ana, "ended")[0] - began - OUTAGE
    print(f"\npartner told after {told:.1f} s, call ended after {ended:.1f} s, told {returned:.1f} s after the return")
    assert ben["reason"] == "partner_lost" and told <= 10
    assert GRACE <= ended <= 10 + GRACE + 1
    assert (ana["reason"], ana["status"]) == ("session_ended", "lost")
    assert 0 <= returned < 5


def test_a_lost_server_is_told_apart_from_a_lost_partner(played: dict[str, Any]) -> None:
    for report in played["crash"]:
        assert report["reason"] == "server_lost"
        assert not events(report, "partner_disconnected")
    assert played["away"][1]["reason"] == "partner_lost"
