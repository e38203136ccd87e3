"""Capacity: peers are added until what the server sends is late. A process like the generator, with its job.

Lateness of a packet is how much later it came than the quickest of its stream, by RTP timestamps; the 99th
percentile over all streams must stay under the limit, and 98 % of what is due must come.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import struct
import sys
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from bench.report.machine import cpu_seconds
from bench.rtp_load import stimulus
from bench.rtp_load.generated_peer import Client, NotConnected
from bench.rtp_load.pace import Pace
from bench.rtp_load.sending import LONGEST, Sender, Steady, connect, talk

_HEADER = struct.Struct("!xxHII")
LEAST_SHARE = 0.98
MOST_PEERS = 300
CHANCES = 3  # measurements of a step: one bad moment of the machine is not the server's knee
GENERATOR_LATE_MS = 10.0
"""Beyond this the generator itself is at its end, and a figure is a lower bound."""


@dataclass(slots=True)
class Ramp:
    """Peers so far, and what is known of each stream."""

    url: str
    pid: int
    lines: int
    sender: Sender
    streams: list[Steady] = field(default_factory=list)
    paces: dict[int, Pace] = field(default_factory=lambda: defaultdict(Pace))

    async def grow(self, count: int) -> None:
        """Add peers until there are `count`. Raises NotConnected."""

        def speak(client: Client) -> None:
            sound = stimulus.code(LONGEST) if self.lines == 1 else talk(len(self.streams))
            self.streams.append(Steady(client, sound))
            self.sender.add(self.streams[-1])

        while len(self.streams) < count:
            await connect(self.url, self.lines, f"ramp{len(self.streams)}", speak)

    async def measure(self, seconds: float) -> dict[str, Any]:
        """Measure lateness, CPU and the share of due packets that came, for `seconds`."""
        for stream in self.streams:
            stream.client.take()
        self.sender.lateness.clear()
        burned, began = cpu_seconds(self.pid), time.monotonic()
        await asyncio.sleep(seconds)
        elapsed = time.monotonic() - began
        cpu = (cpu_seconds(self.pid) - burned) / elapsed * 100
        generator_late = float(np.percentile(self.sender.lateness, 99))
        arrived = [stream.client.take() for stream in self.streams]
        late, packets = [], 0
        for datagrams in arrived:
            if not datagrams:
                continue
            times = np.array([arrival for arrival, _ in datagrams], np.int64)
            fields = np.array([_HEADER.unpack_from(data) for _, data in datagrams], np.int64)
            sources, counts = np.unique(fields[:, 2], return_counts=True)
            for source in sources:
                mine = fields[:, 2] == source
                late.append(self.paces[int(source)].late_ms(times[mine], fields[mine, 1]))
            packets += int(counts.max())  # in a call the original voice alone is always due
            await asyncio.sleep(0)  # the sender goes on
        everything = np.concatenate(late) if late else np.array([np.inf])
        return {
            "peers": len(self.streams),
            "cpu": cpu,
            "late_p50_ms": float(np.percentile(everything, 50)),
            "late_p99_ms": float(np.percentile(everything, 99)),
            "share": packets / (len(self.streams) * elapsed * 50),
            "generator_late_p99_ms": generator_late,
        }


def on_time(step: dict[str, Any], limit_ms: float) -> bool:
    """True if the server kept up at this step."""
    return bool(step["late_p99_ms"] < limit_ms and step["share"] >= LEAST_SHARE)


def next_size(step: dict[str, Any], lines: int, first: bool) -> int:
    """Return the next number of peers.

    After the first step it is 70 % of what the CPU promises, then 8 % more each time.
    """
    peers: int = step["peers"]
    promised = peers * 100 / max(1.0, step["cpu"])
    wanted = max(peers + lines, round(promised * 0.7)) if first else peers + max(lines, round(peers * 0.08))
    return min(MOST_PEERS, wanted + wanted % lines)


async def climb(ramp: Ramp, plan: dict[str, Any]) -> dict[str, Any]:
    """Add peers until the server is late three times in a row."""
    steps: list[dict[str, Any]] = []
    size = plan["first"]
    bound = "late"
    while True:
        try:
            async with asyncio.timeout(30):
                await ramp.grow(size)
        except (NotConnected, TimeoutError):
            bound = "refused"
            break
        await asyncio.sleep(plan["settle"] if len(steps) != 1 else plan["settle_after_leap"])
        step = await ramp.measure(plan["seconds"])
        for _ in range(CHANCES - 1):
            if on_time(step, plan["limit_ms"]) and step["generator_late_p99_ms"] <= GENERATOR_LATE_MS:
                break
            again = await ramp.measure(plan["seconds"])
            step = min(step, again, key=lambda one: one["late_p99_ms"])
        steps.append(step)
        if not on_time(step, plan["limit_ms"]):
            break
        if step["generator_late_p99_ms"] > GENERATOR_LATE_MS or size >= MOST_PEERS:
            bound = "generator"
            break
        size = next_size(step, ramp.lines, len(steps) == 1)
    good = [step["peers"] for step in steps if on_time(step, plan["limit_ms"])]
    return {"capacity": max(good, default=0), "bound": bound, "steps": steps}


async def main() -> None:
    job = json.load(sys.stdin)
    plan = job["ramp"]
    stimulus.code(LONGEST, pauses=plan["lines"] == 2)
    sender = Sender()
    gc.disable()
    async with asyncio.TaskGroup() as group:
        group.create_task(sender.run())
        ramp = Ramp(job["url"], job["pid"], plan["lines"], sender)
        result = await climb(ramp, plan)
        json.dump(result, sys.stdout)
        sys.stdout.flush()
        os._exit(0)  # the server is killed next: nobody waits for hundreds of goodbyes


if __name__ == "__main__":
    asyncio.run(main())
