"""The simulation of `bench.scale` foretells the waits of a real Redis, real workers and the lanes of two nodes."""

import pytest

from bench.scale.real_run import LEAST_WAIT_S, MOST, compared
from tests.kit.extent import LONG

pytestmark = pytest.mark.real_time


@pytest.mark.skipif(not LONG, reason="a minute of jobs; the short form is the simulation beside queueing theory")
async def test_the_simulation_agrees_with_two_nodes_and_two_workers() -> None:
    report = await compared()
    for one in report["stages"]:
        print(one)
    waits = [one["waitDiffers"] for one in report["stages"] if one["waitMs"] >= LEAST_WAIT_S * 1000]
    assert len(waits) >= 2, "jobs waited long enough to be compared"
    assert max(map(abs, waits)) <= MOST
    assert max(abs(one["busyDiffers"]) for one in report["stages"] if one["busy"]) <= MOST
    assert report["passed"]
