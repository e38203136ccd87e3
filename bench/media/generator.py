"""The load generator, a process of its own on a core of its own: a job in on standard input, results out.

A job is JSON: the server's `url` and `pid`, and `phases` (fixed load, every slot judged) or a `ramp` (peers
are added until the server is late). One JSON object with a result for each comes out.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from typing import Any

import numpy as np

from bench.media import received_tones
from bench.report.machine import busy_seconds, cpu_seconds
from bench.rtp_load import stimulus
from bench.rtp_load.generated_peer import Client, NotConnected
from bench.rtp_load.sending import LONGEST, Sender, Stream, connect, talk
from media.rtp.packets import CLOCK_RATE
from testing.lossy_wire import LossyWire


async def phase(url: str, pid: int, plan: dict[str, Any], sender: Sender) -> dict[str, Any]:
    """Apply a fixed load: `groups` of clients with one wire each, `settle` and then `seconds` of measuring."""
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


def _sound(group: dict[str, Any], number: int) -> stimulus.Stimulus:
    match group.get("sound"):
        case "words":
            return stimulus.sayings(number % group["parts"], group["parts"])[0]
        case "talk":
            return talk(number)
        case "silence":
            return stimulus.silence(stimulus.CYCLE)
        case _:
            return stimulus.code(LONGEST)


def _judge(group: dict[str, Any], lines: int, wires: list[dict[str, Any]], streams: list[Stream]) -> dict[str, Any]:
    """Judge the sound that the clients of a group received.

    In an echo it is their own, in a call the partner's on the second line.
    """
    result: dict[str, Any] = {key: value for key, value in group.items() if key != "clients"}
    if group.get("sound") == "silence":
        return result
    total, words = received_tones.Hearing(), []
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
        said = received_tones.Said(stream.stimulus, stream.encoded_at(), stream.fates, stream.calm)
        total.add(received_tones.judge(said, line, group.get("encodings", 2)))
    if words:
        return {**result, "recordings": words}
    result["hearing"] = {name: getattr(total, name) for name in received_tones.Hearing.__slots__}
    return result


def _interpreters(streams: list[Stream], begins: int, ends: int) -> dict[str, Any]:
    """Judge the first line of a call's clients between two times (ns): lateness, and the share of the time."""
    late: list[float] = []
    for stream in streams:
        line = [(arrival, packet) for arrival, packet in stream.client.heard()[0] if begins <= arrival < ends]
        late += transit_ms(line)
    return {
        "interpreter_late_p99_ms": float(np.percentile(late, 99)) if late else 0.0,
        "interpreter_packets_per_s": len(late) / len(streams) / (ends - begins) * 1e9,
    }


def _recording(group: dict[str, Any], number: int, line: received_tones.Arrivals) -> dict[str, Any]:
    file = f"{group['folder']}/heard-{os.getpid()}-{number}.npy"
    np.save(file, received_tones.Audio.of(line).on_time())
    return {"part": number % group["parts"], "file": file}


def transit_ms(line: received_tones.Arrivals) -> list[float]:
    """Return the delay of each packet over the quickest one of its line, ms, by RTP timestamps."""
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
