"""`python -m bench.update`: a server is replaced by the next one while people talk, and nobody's call ends.

Calls of headless clients go on with the bundled engines. Some seconds apart the server gets SIGHUP: it lets the
sentences in flight be heard and leaves its sessions; the next process takes them on the same port and data, and the
clients come back by themselves. Writes `bench/results/update.json` and `.md`; the last line of output is one JSON
object, the exit status says whether the targets were met. Three minutes of a quiet machine; `--quick`: one.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.report.machine import Watch, described
from bench.report.publishing import RESULTS, publish
from bench.talk.dialogue import TURN_S, Dialogue, begin, recorded
from bench.talk.dragoman_call import Side
from bench.update.figures import away, fates, gap_s, judged, markdown, summary, unspoken
from bench.update.server import ReplacedServer, Update

FOLDER = Path("build/bench/update")
SETTLE_S = 8.0
APART_S = 3 * TURN_S + 1.3
"""Time from one update to the next: both people say something in it, and no update comes at the same place."""
CALLS, UPDATES = 3, 8
QUICK = 2, 2


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="fewer calls and updates; writes into build/ only")
    quick = options.parse_args().quick
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    began = time.monotonic()
    with Watch() as watch:
        report = asyncio.run(measured(*(QUICK if quick else (CALLS, UPDATES))))
    report |= {"machine": described(), "others": watch.others, "took_s": round(time.monotonic() - began)}
    return publish("update", report, markdown(report), FOLDER if quick else RESULTS)


async def measured(count: int, updates: int) -> dict[str, Any]:
    """Replace a server `updates` times while `count` calls go on, and return the figures."""
    server = ReplacedServer(FOLDER)
    wavs = recorded(FOLDER)
    await server.start()
    talk_s = SETTLE_S + updates * (APART_S + 15) + 3 * TURN_S
    async with asyncio.TaskGroup() as tasks:
        calls = [
            await begin(server.url, wavs, talk_s, 1 + 2 * TURN_S * number / count, tasks) for number in range(count)
        ]
        await asyncio.sleep(SETTLE_S)
        for _ in range(updates):
            await server.update()
            await asyncio.sleep(APART_S)
        await _end(calls)
        ended = sum(side.call.ending is not None for call in calls for side in call.sides)
        for call in calls:
            for side in call.sides:
                side.call.stop()
    await server.stop()
    return _report(calls, server.updates, ended)


async def _end(calls: list[Dialogue]) -> None:
    """Let nobody begin another sentence, and what was said be heard."""
    for call in calls:
        for side in call.sides:
            now = side.microphone.clock() - (side.microphone.zero or 0.0)
            script = side.microphone.script
            begun = sum(start <= now * 48_000 for start in script.starts)
            del script.clips[begun:], script.starts[begun:]
    await asyncio.sleep(2 * TURN_S)


def _report(calls: list[Dialogue], updates: list[Update], ended: int) -> dict[str, Any]:
    sides = [side for call in calls for side in call.sides]
    gaps = [gap_s(side.original.arrivals, update) for side in sides for update in updates]
    missed = {name: unspoken(side.messages.all, name) for side in sides if (name := _name(side))}
    bounds = [*(update.signalled for update in updates[1:]), float("inf")]
    resumed = sum(
        any(_spoken_between(side, update.ready, until) for side in call.sides)
        for call in calls
        for update, until in zip(updates, bounds, strict=True)
    )
    pairs = [pair for call in calls for pair in (call.sides, call.sides[::-1])]
    found = [_sentences(speaker, listener, updates) for speaker, listener in pairs]
    report: dict[str, Any] = {
        "calls": len(calls),
        "updates": len(updates),
        **summary(gaps, updates),
        "ended": ended,
        "unspoken": sum(map(len, missed.values())),
        "resumed": resumed,
        "listened": sum((listened for listened, _ in found), Counter[str]()),
        "in_between": sum((others for _, others in found), Counter[str]()),
    }
    targets = judged(report)
    return report | {"targets": [one.as_json() for one in targets], "passed": all(one.passed for one in targets)}


def _sentences(speaker: Side, listener: Side, updates: list[Update]) -> tuple[Counter[str], Counter[str]]:
    """Return what became of a speaker's sentences, as their listener was told."""
    zero, started, me = speaker.microphone.zero, speaker.started, _name(speaker)
    assert zero is not None and started is not None
    ends = [
        (started + int(one["utteranceId"].partition("-")[0]) / 1000, _outcome(one))
        for one in listener.messages.all
        if one["type"] == "utterance_end" and one["sourceUserId"] == me
    ]
    spans = [(zero + since, zero + until) for since, until in speaker.microphone.script.spans()]
    return fates(spans, ends, away(listener.original.arrivals, updates))


def _outcome(message: Mapping[str, Any]) -> str:
    reason = message.get("reason")
    return str(message["outcome"]) if reason is None else f"{message['outcome']} ({reason})"


def _name(side: Any) -> str:
    return "" if side.call.entry is None else str(side.call.entry.participant_id)


def _spoken_between(side: Any, since: float, until: float) -> bool:
    """Return True if a sentence of the partner was spoken to this side in that time."""
    return any(_spoken(one) and since < one["arrived"] < until for one in side.messages.all)


def _spoken(message: Mapping[str, Any]) -> bool:
    return bool(message["type"] == "utterance_end" and message["outcome"] == "spoken")


if __name__ == "__main__":
    sys.exit(main())
