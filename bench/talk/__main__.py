"""The load: calls in which one side speaks and the other listens, a process of its own on the one clock.

A job comes as JSON on standard input, its result goes to the file that it names:

    {"server": URL, "kind": "dragoman" | "bot", "out": FILE, "calls": [
        {"language": "en", "target": "es", "dtx": false, "stem": PATH, "least": null,
         "turns": [{"name", "file", "end", "seconds", "patience"}]}]}

Times in the result are CLOCK_MONOTONIC, in seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from bench.talk import bot_call, dragoman_call


async def run(job: dict[str, Any]) -> list[dict[str, Any]]:
    """All calls of a job at the same time, each begun a little after the other."""
    converse = dragoman_call.converse if job["kind"] == "dragoman" else bot_call.converse

    async def one(number: int, call: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(number * 0.37)
        return await converse(job["server"], call)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(one(number, call)) for number, call in enumerate(job["calls"])]
    results = [task.result() for task in tasks]
    for call, result in zip(job["calls"], results, strict=True):
        # It takes a third of a second: while others still talk, their microphones would stand still for so long.
        result["heard"] = result["heard"].save(Path(f"{call['stem']}-heard.npy"))
    return results


def main() -> None:
    job = json.load(sys.stdin)
    result = asyncio.run(run(job))
    Path(job["out"]).write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
