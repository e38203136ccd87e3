"""`python -m bench.crowd`: eight people talk without pause, on engines that are too slow for them.

A server with the models of true size (`bench.latency`: Whisper base and OPUS-MT with random weights, run for
their time; the words come from the script) and four calls in which both sides talk, in real time over real WebRTC.
First one talks alone, then all eight for a minute, then nobody, then one again. Under load interims are to go first,
every final to arrive, `status` to say so, nothing to grow; within 10 s after it (when that is:
`bench.crowd.verdict.load_over`) all is to be as before.

Writes `bench/results/crowd.json` and `.md`; the last line of output is one JSON object, the exit status says whether
the targets were met. `--quick`: 20 s of load, results under `build/bench/`. Run it on a quiet machine of two cores.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.crowd.verdict import NORMAL_WITHIN, Look, Phase, Run, markdown, report_of
from bench.report.machine import busy_share
from bench.report.publishing import RESULTS, publish
from bench.talk import engine_entry_points, profiles, server_process
from bench.talk.dragoman_call import Side
from clients.sound.microphone import Clip
from testing import speech_material
from testing.spoken_turns import RATE, Turn

QUICK = Path("build/bench/crowd")
CALLS = 4
TURNS = 4  # for each of the eight
BREATH = 1.5  # s between two turns
CATCH_UP = 40.0
CONNECT = 30.0


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="a short run; the results in the repository stay")
    quick = options.parse_args().quick
    load_s = 20.0 if quick else 60.0
    server_process.FOLDER.mkdir(parents=True, exist_ok=True)
    turns = speech_material.long_turns(2 * CALLS * TURNS)
    try:
        settings = engine_entry_points.settings(profiles.TRUE_SIZE, turns)
        with server_process.dragoman(settings, "crowd") as server:
            run, idle_busy = asyncio.run(_crowd(server, turns, load_s)), busy_share()
    except (server_process.Failed, subprocess.SubprocessError, TimeoutError) as reason:
        print(f"bench.crowd: {reason!r}", file=sys.stderr)
        return 2
    report = report_of(run) | {"idle_after": idle_busy, "quick": quick}
    return publish("crowd", report, markdown(report), QUICK if quick else RESULTS, unprinted=("looks",))


async def _crowd(server: str, turns: Sequence[Turn], load_s: float) -> Run:
    hands = server_process.dealt(turns, 2 * CALLS)
    english, spanish = hands[:CALLS], hands[CALLS:]
    run = Run([])
    async with asyncio.TaskGroup() as group:
        for _ in range(CALLS):
            creator = Side(server, "en")
            group.create_task(creator.call.run())
            await _until(lambda one=creator: one.call.entry is not None or one.call.ending is not None)
            if creator.call.entry is None:
                raise server_process.Failed(f"the server refused a call: {creator.call.ending}")
            joiner = Side(server, "es", code=creator.call.entry.session_code)
            group.create_task(joiner.call.run())
            await _until(lambda one=creator, other=joiner: one.connected and other.connected)
            run.sides += [creator, joiner]
        watching = group.create_task(_watch(run, server))
        await asyncio.sleep(2)
        of = [hand for pair in zip(english, spanish, strict=True) for hand in pair]
        await _phase(run, "alone, before", [(run.sides[0], of[0][-1:])], 0.0)
        await asyncio.sleep(4)
        await _phase(run, "eight at once", list(zip(run.sides, of, strict=True)), load_s)
        silence = Phase("nobody", time.monotonic())
        run.phases.append(silence)
        await asyncio.sleep(NORMAL_WITHIN + 2)
        end = time.monotonic() + CATCH_UP
        while time.monotonic() < end and not all(side.messages.settled for side in run.sides):  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        silence.ended = time.monotonic()
        await _phase(run, "alone, after", [(run.sides[0], of[0][-1:])], 0.0)
        await asyncio.sleep(4)
        watching.cancel()
        for side in run.sides:
            side.call.stop()
    return run


async def _phase(run: Run, name: str, talkers: Sequence[tuple[Side, Sequence[Turn]]], seconds: float) -> None:
    """Let each talker say turns one after another until `seconds` have passed, one turn at least."""
    phase = Phase(name, time.monotonic(), asked=seconds)
    run.phases.append(phase)

    async def talk(side: Side, turns: Sequence[Turn]) -> None:
        entry, number = side.call.entry, 0
        assert entry is not None and side.microphone.zero is not None
        while not number or time.monotonic() < phase.began + seconds:
            turn = turns[number % len(turns)]
            number += 1
            begins = round((side.microphone.clock() - side.microphone.zero + 0.1) * RATE)
            side.microphone.script.clips[:] = [Clip(turn.name, turn.audio)]
            side.microphone.script.starts[:] = [begins]
            phase.talking += turn.end
            phase.silent[entry.participant_id] = side.microphone.zero + begins / RATE + turn.end
            phase.spoken += [(entry.participant_id, said.clause.text) for said in turn.said]
            await asyncio.sleep(turn.seconds + 0.1)
            if time.monotonic() < phase.began + seconds:
                await asyncio.sleep(BREATH)

    async with asyncio.TaskGroup() as group:
        for side, turns in talkers:
            group.create_task(talk(side, turns))
    phase.ended = time.monotonic()


async def _watch(run: Run, server: str) -> None:
    """Look at the server each second, until cancelled. A look costs milliseconds."""
    pid = _server_pid()
    while True:
        with urllib.request.urlopen(f"{server}/metrics", timeout=5) as answer:  # noqa: ASYNC210
            lines = [line.rpartition(" ") for line in answer.read().decode().splitlines() if line[:1] != "#"]

        def total(name: str, lines: list[tuple[str, str, str]] = lines) -> float:
            return sum(float(value) for key, _, value in lines if key.split("{")[0] == name)

        engines = sum(_rss_mb(child) for child in _children(pid))
        looked = total("dragoman_lane_waiting"), total("dragoman_lane_running"), total("dragoman_tasks")
        run.looks.append(Look(time.monotonic(), _rss_mb(pid), engines, *looked))
        await asyncio.sleep(1)


def _server_pid() -> int:
    """The server that this process has started."""
    for pid in _children(os.getpid()):
        if b"server.cli.main" in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    raise server_process.Failed("the server is gone")


def _children(pid: int) -> list[int]:
    """Processes whose parent it is (proc(5))."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(file.read_text(errors="replace").rpartition(")")[2].split()[1])
        except OSError:  # it has just ended
            continue
        if parent == pid:
            found.append(int(file.parent.name))
    return found


def _rss_mb(pid: int) -> float:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGESIZE") / 1e6


async def _until(condition: Any) -> None:
    async with asyncio.timeout(CONNECT):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


if __name__ == "__main__":
    sys.exit(main())
