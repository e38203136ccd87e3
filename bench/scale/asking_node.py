"""`python -m bench.scale.asking_node REDIS_URL`: the lanes of one node, and sentences that ask them for jobs.

Reads one line of JSON with its `Sentences`, says `ready` once workers are there, reads the loop time at which they
begin, and ends with one line of JSON: the jobs (stage, final or interim, and when they were asked for, begun and ended,
s since the beginning), and the number of interims that were refused.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import Any

from bench.scale.calls import Talk
from pipeline.engines.scripted import tone
from pipeline.errors import LaneBusy
from pipeline.lanes.engine_set import EngineSet
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.lane import Lane
from pipeline.speech import SAMPLE_RATE, Synthesize, Transcribe, Translate
from server.engine_choice.from_settings import engine_set
from server.settings import Settings

WINDOW = Transcribe(tone(440, 1.0, SAMPLE_RATE), "en")
"""Sound of every pass. Its length is no matter: the engines sleep."""
RUN_S, PATIENCE_S = 15.0, 30.0


@dataclass(frozen=True, slots=True)
class Sentences:
    """Plan of a node: when its sentences begin, s, how long they last, s, and how people talk."""

    begin: list[tuple[float, float]]
    talk: Talk

    def as_line(self) -> str:
        """Return the plan as one line of JSON."""
        return json.dumps({"begin": self.begin, "talk": asdict(self.talk)})

    @staticmethod
    def of_line(line: str) -> Sentences:
        """Return the plan of a line of `as_line`."""
        told = json.loads(line)
        return Sentences([(at, seconds) for at, seconds in told["begin"]], Talk(**told["talk"]))


class Node:
    """Asks for what `bench.scale.calls.sentence` simulates."""

    def __init__(self, stages: EngineSet, talk: Talk, zero: float) -> None:
        """`zero`: loop time of the beginning."""
        self.jobs: list[tuple[str, bool, float, float, float]] = []
        self.refused = 0
        self._stages, self._talk, self._zero = stages, talk, zero

    async def speak(self, group: asyncio.TaskGroup, number: int, at: float, seconds: float) -> None:
        """Let one sentence begin at `at` and last for `seconds`; return when its speech is there."""
        talk, stages = self._talk, self._stages
        await self._until(at)
        moment, ends_at = at, at + seconds
        interim: asyncio.Task[None] | None = None
        while moment + talk.interim_s < ends_at:
            moment += talk.interim_s
            await self._until(moment)
            if interim is None or interim.done():
                interim = group.create_task(self._interim())
        for silence_s in (talk.pause_s, talk.end_s):
            await self._until(ends_at + silence_s)
            if interim is not None:
                await interim
            await self._ask("stt", stages.stt, WINDOW)
        await self._ask("mt", stages.mt, Translate(f"sentence {number}", "en", "es"))
        await self._ask("tts", stages.tts, Synthesize(f"frase {number}", "es"))

    async def _interim(self) -> None:
        try:
            await self._ask("stt", self._stages.stt, WINDOW, urgent=False)
        except LaneBusy:
            self.refused += 1

    async def _ask(self, stage: str, lane: Lane[Any, Any], job: Any, *, urgent: bool = True) -> None:
        now = asyncio.get_running_loop().time()
        sealed = Envelope.seal(job, now=now, run_s=RUN_S, patience_s=PATIENCE_S)
        done = await lane.perform(sealed, urgent=urgent)
        times = (done.queued_at - self._zero, done.started_at - self._zero, done.finished_at - self._zero)
        self.jobs.append((stage, urgent, *times))

    def _until(self, moment: float) -> Awaitable[None]:
        return asyncio.sleep(max(0.0, self._zero + moment - asyncio.get_running_loop().time()))


async def main(url: str) -> None:
    """Be a node until all is said."""
    plan = Sentences.of_line(await asyncio.to_thread(sys.stdin.readline))
    async with engine_set(Settings(stt="redis", mt="redis", tts="redis", redis_url=url)) as stages:
        await stages.wait_ready()
        print("ready", flush=True)
        node = Node(stages, plan.talk, float(await asyncio.to_thread(sys.stdin.readline)))
        async with asyncio.TaskGroup() as group:
            for number, (at, seconds) in enumerate(plan.begin):
                group.create_task(node.speak(group, number, at, seconds))
    print(json.dumps({"jobs": node.jobs, "refused": node.refused}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
