"""Three seconds without network are a pause, ten cost a new connection, and a third of all packets lost for ten
seconds ends no call: sentences said afterwards are played, and nothing is lost or said twice."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.kit.headless_calls import begin, check_nothing_lost_or_twice, check_understood, events
from tests.kit.lab_machines import World, world
from tests.kit.network_namespaces import Host

pytestmark = pytest.mark.real_time

BEGINS = 6.0  # s after the pairing
AFTERWARDS = (3, 4)
CASES = {"three-seconds": (100, 3.0), "ten-seconds": (100, 10.0), "third-lost": (30, 10.0)}
"""The share of packets lost in %, and for how long."""


def play(folder: Path) -> dict[str, Any]:
    """All cases side by side on one server."""
    with world(folder) as here, ThreadPoolExecutor(len(CASES)) as pool:
        cases = {}
        for number, name in enumerate(CASES):
            router = here.lab.nat(f"home{number}")
            ana, ben = here.lab.behind(router, f"ana{number}"), here.lab.host(f"ben{number}")
            cases[name] = pool.submit(_case, here, name, router, ana, ben)
        return {name: case.result() for name, case in cases.items()}


def _case(here: World, name: str, router: Host, ana: Host, ben: Host) -> Any:
    """Ana loses her network, Ben stays; they speak before and, two sentences each, after it."""
    percent, seconds = CASES[name]
    again = BEGINS + seconds + 5
    for_ana = ("--at", "1", "--at", f"{again}", "--at", f"{again + 8}")
    for_ben = ("--at", "3", "--at", f"{again + 4}", "--at", f"{again + 12}")
    talk = begin(here, name, ana, ben, numbers=(2, *AFTERWARDS), for_ana=for_ana, for_ben=for_ben)
    time.sleep(max(0.0, talk.ben.paired() + BEGINS - time.time()))
    began = time.time()
    router.drop(percent)
    time.sleep(seconds)
    router.drop(0)
    return talk, talk.finish(), (began, began + seconds)


@pytest.mark.parametrize("name", CASES)
def test_an_outage_heals_by_itself(name: str, played: Any) -> None:
    talk, reports, (began, ended) = played[name]
    ana, ben = reports
    back = [c["connected"] - ended for c in ana["connections"] if c.get("connected", 0) > began]
    gone = [at - began for at in events(ben, "partner_disconnected")]
    print(f"\n{name}: connected anew {[round(s, 2) for s in back]} s after its end, partner told after {gone} s")
    check_understood(talk, reports, among=AFTERWARDS, least=1)
    check_nothing_lost_or_twice(talk, reports)
    if name == "three-seconds":
        assert not back and not gone, "it was a pause, not a loss"
    if name == "ten-seconds":
        assert len(back) == 1 and back[0] < 5
        assert gone and gone[0] <= 10
        assert events(ben, "partner_connected")[-1] > ended
