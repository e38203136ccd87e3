"""The pacer on a loop whose time the test makes pass: an even beat, and no burst after a stall."""

import asyncio
from itertools import pairwise

import pytest

from media.pacer import RESYNC_SLOTS, SLOT, Pacer
from testing.virtual_clock import VirtualLoop, virtually

Slot = tuple[float, float, int]


@virtually
async def paced(stalls: dict[int, float], count: int) -> tuple[list[Slot], Pacer]:
    """(due, called at, given up) of each slot; `stalls`: seconds that the loop is blocked in the nth slot."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    begun, seen = loop.time(), list[Slot]()

    def tick(due: float, given_up: int) -> None:
        seen.append((due - begun, loop.time() - begun, given_up))
        loop.pass_time(stalls.get(len(seen) - 1, 0.0))
        if len(seen) == count:
            task.cancel()

    pacer = Pacer()
    task = asyncio.ensure_future(pacer.run(tick))
    await asyncio.wait({task})
    return seen, pacer


def near(*seconds: float) -> list[object]:
    return [pytest.approx(value, abs=1e-6) for value in seconds]


def test_every_slot_is_due_twenty_milliseconds_after_the_one_before() -> None:
    seen, pacer = paced({}, 500)
    assert [due for due, _, _ in seen] == near(*(n * SLOT for n in range(500)))
    assert [at for _, at, _ in seen] == near(*(n * SLOT for n in range(500)))
    assert (pacer.resyncs, max(pacer.lateness)) == (0, pytest.approx(0, abs=1e-6))


def test_a_short_stall_is_caught_up_and_loses_no_slot() -> None:
    seen, pacer = paced({10: 0.070}, 30)
    assert [due for due, _, _ in seen] == near(*(n * SLOT for n in range(30)))
    assert [at for _, at, _ in seen[11:15]] == near(0.270, 0.270, 0.270, 0.280)
    assert pacer.resyncs == 0


def test_after_a_long_stall_slots_are_given_up_and_not_sent_in_a_burst() -> None:
    seen, pacer = paced({10: 1.005}, 30)
    assert [given_up for _, _, given_up in seen if given_up] == [49]  # 985 ms late
    assert [at for _, at, _ in seen[11:14]] == near(1.205, 1.220, 1.240)
    for (due, _, _), (following, _, given_up) in pairwise(seen):
        assert following - due == pytest.approx((1 + given_up) * SLOT)
    assert pacer.resyncs == 1 and max(pacer.lateness) == pytest.approx(0.985)


def test_the_bound_between_catching_up_and_giving_up() -> None:
    bound = (RESYNC_SLOTS + 1) * SLOT
    assert paced({5: bound - 0.001}, 20)[1].resyncs == 0
    assert paced({5: bound + 0.001}, 20)[1].resyncs == 1
