"""A bad line in user space, for kernels without netem: UDP through a TUN device is lost, held up and overtaken.

Run in a namespace that routes between two others: `python wire.py TUN SEED LOSS JITTER REORDERING`, where LOSS
and REORDERING are shares in %, and JITTER is the most that a packet is held up, in ms. A packet never overtakes the
one before it, as on real lines, but for those that are reordered: these come 30 ms later than they should.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import random
import struct
import sys
from dataclasses import dataclass

TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 0x0001, 0x1000
OVERTAKEN = 0.030
STEP = 0.000_1  # between two packets that leave together: timers of one moment go off in any order
DESTINATION = slice(16, 20)  # of an IPv4 header (RFC 791)


@dataclass(slots=True)
class Line:
    """Both directions, told apart by where a packet goes to. Times in s."""

    chance: random.Random
    loss: float
    jitter: float
    reordering: float
    busy_until: dict[bytes, float]

    def due(self, packet: bytes, now: float) -> float | None:
        """Return the time at which the packet leaves; None if it is lost."""
        if self.chance.random() < self.loss:
            return None
        due = now + self.chance.random() * self.jitter
        there = packet[DESTINATION]
        if self.chance.random() < self.reordering:
            return due + OVERTAKEN
        self.busy_until[there] = due = max(due, self.busy_until.get(there, 0.0) + STEP)
        return due


def open_tun(name: str) -> int:
    """A descriptor that gives and takes whole IP packets."""
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH14x", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


async def carry(tun: int, line: Line) -> None:
    """Until cancelled."""
    loop = asyncio.get_running_loop()

    def arrived() -> None:
        packet = os.read(tun, 65536)
        due = line.due(packet, loop.time())
        if due is not None:
            loop.call_at(due, os.write, tun, packet)

    loop.add_reader(tun, arrived)
    await asyncio.Event().wait()


def main() -> None:
    name, seed, loss, jitter, reordering = sys.argv[1:]
    line = Line(random.Random(int(seed)), float(loss) / 100, float(jitter) / 1000, float(reordering) / 100, {})
    tun = open_tun(name)
    print("carrying", flush=True)
    asyncio.run(carry(tun, line))


if __name__ == "__main__":
    main()
