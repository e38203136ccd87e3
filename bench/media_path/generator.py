"""The load generator, a process of its own on a core of its own: a job in on standard input, results out.

A job is JSON: the server's `url` and `pid`, and `phases` (fixed load, every slot judged) or a `ramp` (peers
are added until the server is late). One JSON object with a result for each comes out.
"""

from __future__ import annotations

import asyncio
import gc
import heapq
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import numpy as np
from numpy.typing import NDArray

from bench.media_path import heard, stimulus
from bench.media_path.client import Client, NotConnected
from media.rtp.packets import CLOCK_RATE
from testing.lossy_wire import LossyWire

SLOT_NS = 20_000_000
LONGEST = 1500  # slots that a client may speak


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, by /proc (proc(5))."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def busy_seconds(core: int) -> float:
    """Time that a core has spent on anything at all, by /proc/stat."""
    with open("/proc/stat", encoding="ascii") as file:
        for line in file:
            name, *fields = line.split()
            if name == f"cpu{core}":
                ticks = [int(field) for field in fields[:8]]
                return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")
    raise ValueError(f"no core {core}")


@dataclass(slots=True)
class Stream:
    """One client's microphone: what it sends when, and the fate of every packet."""

    client: Client
    stimulus: stimulus.Stimulus
    fates: list[float | None]
    begins: int  # ns
    calm: int
    sent: NDArray[np.int64] = field(init=False)
    order: list[tuple[int, int]] = field(init=False)
    position: int = 0

    def __post_init__(self) -> None:
        self.sent = np.zeros(len(self.fates), np.int64)
        self.order = sorted(
            (self.begins + slot * SLOT_NS + round(delay * 1e9), slot)
            for slot, delay in enumerate(self.fates)
            if delay is not None
        )

    def stop(self) -> None:
        """Nothing more is sent; what was not sent yet was never said."""
        said = min(len(self.fates), (time.time_ns() - self.begins) // SLOT_NS - 10)
        self.order = self.order[: self.position]
        self.fates, self.sent = self.fates[:said], self.sent[:said]

    @property
    def due(self) -> int | None:
        """When the next packet is to be sent (ns of the wall clock)."""
        return self.order[self.position][0] if self.position < len(self.order) else None

    def send(self) -> None:
        slot = self.order[self.position][1]
        self.position += 1
        place = slot % len(self.stimulus.packets)
        self.sent[slot] = self.client.send(slot, self.stimulus.packets[place], self.stimulus.levels[place])

    def encoded_at(self) -> NDArray[np.int64]:
        """When each slot left the encoder: what it waited on the wire is not the generator's lateness."""
        delays = np.array([0.0 if delay is None else delay for delay in self.fates]) * 1e9
        due = self.begins + np.arange(len(self.fates), dtype=np.int64) * SLOT_NS
        return np.where(self.sent > 0, self.sent - delays.astype(np.int64), due)


class Steady:
    """A microphone that is never lost, never late and never at an end: for the ramp, which judges no slots."""

    def __init__(self, client: Client, sound: stimulus.Stimulus) -> None:
        self.client = client
        self._sound = sound
        self._begins = time.time_ns()
        self._slot = 0

    @property
    def due(self) -> int | None:
        """When the next packet is to be sent (ns of the wall clock)."""
        return self._begins + self._slot * SLOT_NS

    def send(self) -> None:
        place = self._slot % len(self._sound.packets)
        self.client.send(self._slot, self._sound.packets[place], self._sound.levels[place])
        self._slot += 1


class Sender:
    """Sends for all streams, in one task."""

    def __init__(self) -> None:
        self._due: list[tuple[int, int, Stream | Steady]] = []
        self.lateness: list[float] = []

    def add(self, stream: Stream | Steady) -> None:
        if stream.due is not None:
            heapq.heappush(self._due, (stream.due, id(stream), stream))

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            ahead = (self._due[0][0] - time.time_ns()) / 1e9 if self._due else 0.005
            await asyncio.sleep(min(0.005, max(0.0, ahead)))
            now = time.time_ns()
            while self._due and self._due[0][0] <= now:
                due, _, stream = heapq.heappop(self._due)
                if stream.due is None:
                    continue  # stopped meanwhile
                self.lateness.append((time.time_ns() - due) / 1e6)
                stream.send()
                self.add(stream)


async def connect(url: str, lines: int, call: str, speak: Callable[[Client], None]) -> None:
    """The client of an echo (1 line), or the two of a call (2 lines) at the same time; each speaks as soon as
    it is connected, as people's clients do. Raises NotConnected."""
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(30)) as http:

        async def one() -> None:
            client = Client(lines)
            await client.connect(http, url, call)
            speak(client)

        await asyncio.gather(*(one() for _ in range(lines)))


async def phase(url: str, pid: int, plan: dict[str, Any], sender: Sender) -> dict[str, Any]:
    """A fixed load: `groups` of clients with one wire each, `settle` and then `seconds` of measuring."""
    lines, settle, seconds = plan.get("lines", 1), plan["settle"], plan["seconds"]
    wires = [group for group in plan["groups"] for _ in range(group["clients"])]
    sounds = [_sound(group, number) for number, group in enumerate(wires)]
    streams: list[Stream] = []

    def speak(client: Client) -> None:
        number = len(streams)
        group = wires[number]
        wire = LossyWire(group.get("loss", 0.0), group.get("jitter_ms", 0.0), round(settle * 50))
        fates = wire.journey(LONGEST, plan["seed"] * 1000 + number)
        streams.append(Stream(client, sounds[number], fates, time.time_ns(), wire.calm))
        sender.add(streams[-1])

    for number in range(0, len(wires), lines):
        await connect(url, lines, f"{plan['name']}{number}", speak)
    gc.collect()
    gc.disable()
    await asyncio.sleep(settle)
    sender.lateness.clear()
    core = min(os.sched_getaffinity(pid))
    burned, began, busy = cpu_seconds(pid), time.monotonic(), busy_seconds(core)
    own = cpu_seconds(os.getpid())
    window = time.time_ns()
    await asyncio.sleep(seconds)
    elapsed = time.monotonic() - began
    result: dict[str, Any] = {
        "name": plan["name"],
        "clients": len(wires),
        "cpu_per_peer": (cpu_seconds(pid) - burned) / elapsed / len(wires) * 100,
        "others_on_core": (busy_seconds(core) - busy - cpu_seconds(pid) + burned) / elapsed * 100,
        "generator_cpu": (cpu_seconds(os.getpid()) - own) / elapsed * 100,
        "generator_late_p99_ms": float(np.percentile(sender.lateness, 99)),
        "threads": len(os.listdir(f"/proc/{pid}/task")),
    }
    for stream in streams:
        stream.stop()
    await asyncio.sleep(0.6)  # what is under way arrives
    gc.enable()
    await asyncio.gather(*(stream.client.close() for stream in streams))
    result["groups"] = [_judge(group, lines, wires, streams) for group in plan["groups"]]
    if lines == 2:
        result["groups"][0] |= _interpreters(streams, window, window + round(seconds * 1e9))
    return result


def talk(number: int) -> stimulus.Code:
    """What a client of a call sends: partners take turns, and calls are at different points of their cycle."""
    return stimulus.code(LONGEST, pauses=True).turned((number * 97 + number % 2 * 80) % stimulus.CYCLE)


def _sound(group: dict[str, Any], number: int) -> stimulus.Stimulus:
    match group.get("sound"):
        case "words":
            return stimulus.sayings(number % group["parts"], group["parts"])[0]
        case "talk":
            return talk(number)
        case _:
            return stimulus.code(LONGEST)


def _judge(group: dict[str, Any], lines: int, wires: list[dict[str, Any]], streams: list[Stream]) -> dict[str, Any]:
    """What the clients of a group heard: of themselves (echo), or on the second line of their partner (call)."""
    total, words = heard.Hearing(), []
    for number, stream in enumerate(streams):
        if wires[number] is not group:
            continue
        listener = streams[number ^ 1] if lines == 2 else stream
        arrived = listener.client.heard()
        line = arrived[lines - 1]
        if group.get("sound") == "words":
            words.append(_recording(group, number, line))
            continue
        assert isinstance(stream.stimulus, stimulus.Code)
        said = heard.Said(stream.stimulus, stream.encoded_at(), stream.fates, stream.calm)
        total.add(heard.judge(said, line, group.get("encodings", 2)))
    result: dict[str, Any] = {key: value for key, value in group.items() if key != "clients"}
    if words:
        return {**result, "recordings": words}
    result["hearing"] = {name: getattr(total, name) for name in heard.Hearing.__slots__}
    return result


def _interpreters(streams: list[Stream], begins: int, ends: int) -> dict[str, Any]:
    """The first line of a call's clients between two times (ns): how late, and how much of the time."""
    late: list[float] = []
    for stream in streams:
        line = [(arrival, packet) for arrival, packet in stream.client.heard()[0] if begins <= arrival < ends]
        late += transit_ms(line)
    return {
        "interpreter_late_p99_ms": float(np.percentile(late, 99)) if late else 0.0,
        "interpreter_packets_per_s": len(late) / len(streams) / (ends - begins) * 1e9,
    }


def _recording(group: dict[str, Any], number: int, line: heard.Arrivals) -> dict[str, Any]:
    file = f"{group['folder']}/heard-{os.getpid()}-{number}.npy"
    np.save(file, heard.Audio.of(line).on_time())
    return {"part": number % group["parts"], "file": file}


def transit_ms(line: heard.Arrivals) -> list[float]:
    """How much later than its quickest packets each packet came, by its RTP timestamp."""
    if not line:
        return []
    stamps = np.unwrap(np.array([packet.timestamp for _, packet in line], np.float64), period=2.0**32)
    transits = np.array([arrival for arrival, _ in line], np.float64) / 1e6 - stamps * 1000 / CLOCK_RATE
    return [float(late) for late in transits - np.percentile(transits, 1)]


async def main() -> None:
    job = json.load(sys.stdin)
    results = []
    sender = Sender()
    async with asyncio.TaskGroup() as group:
        sending = group.create_task(sender.run())
        for plan in job["phases"]:
            try:
                results.append(await phase(job["url"], job["pid"], plan, sender))
            except NotConnected as reason:
                results.append({"name": plan["name"], "failed": str(reason)})
        sending.cancel()
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    asyncio.run(main())
