"""Measures the processor time of a call, and the Python functions that it calls, for each 20 ms of each person.

The number of calls is the same on every machine, and each time; so it shows what a change costs on a busy one, too.
`python -m bench.call_cost [--calls 4] [--rounds 6] [--neural]` writes one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import sys
import time
from collections import Counter
from types import FrameType
from typing import Any

from bench.call_cost.keyed_calls import keyed_calls
from bench.rtp_load.stimulus import CYCLE
from testing.virtual_clock import VirtualLoop

SETTLE = 2 * CYCLE
"""Slots before the first round: calls cost less until they have their first interpreter."""
OURS = ("/media/", "/pipeline/")


async def functions_called() -> Counter[str]:
    """Return how often each function of ours is called in one cycle of a call of two."""
    found: Counter[str] = Counter()

    def note(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and any(part in frame.f_code.co_filename for part in OURS):
            found[frame.f_code.co_qualname] += 1

    async with keyed_calls(1, SETTLE + CYCLE) as calls:
        await calls.pass_slots(SETTLE)
        sys.setprofile(note)
        try:
            await calls.pass_slots(CYCLE)
        finally:
            sys.setprofile(None)
    return found


async def processor_time(calls: int, rounds: int, *, neural: bool) -> dict[str, Any]:
    """Return microseconds for each slot and person, by rounds of one cycle, and the packets sent."""
    costs = []
    async with keyed_calls(calls, SETTLE + rounds * CYCLE, neural=neural) as running:
        await running.pass_slots(SETTLE)
        gc.collect()
        sent = running.sent
        for _ in range(rounds):
            began = time.thread_time()
            await running.pass_slots(CYCLE)
            costs.append((time.thread_time() - began) / CYCLE / running.people * 1e6)
        sent = running.sent - sent
    return {
        "least_us": round(min(costs), 1),
        "rounds_us": [round(cost, 1) for cost in costs],
        "sent": round(sent / CYCLE / rounds / running.people, 3),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.call_cost", description=__doc__)
    parser.add_argument("--calls", type=int, default=4, help="calls of two people at once")
    parser.add_argument("--rounds", type=int, default=6, help="cycles of 5 s that are measured; the least one counts")
    parser.add_argument("--neural", action="store_true", help="hear by the voice detector of the product")
    options = parser.parse_args()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        called = runner.run(functions_called())
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        cost = runner.run(processor_time(options.calls, options.rounds, neural=options.neural))
    most = {name: round(count / CYCLE / 2, 2) for name, count in called.most_common(12)}
    print(json.dumps({"calls_of_ours": round(called.total() / CYCLE / 2, 1), **cost, "most_called": most}))


if __name__ == "__main__":
    main()
