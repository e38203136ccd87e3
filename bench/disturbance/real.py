"""The real profile: noise, music and a human voice through real Whisper weights, in a call on a virtual clock.

Passes last as long as their processor time, and are kept on disk: a rule is judged again within a minute.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from bench.disturbance.scenes import Block, judge_block
from bench.report.target import Target
from bench.sentence_ends.calls import BEHIND_S, engines, sound_of
from bench.sentence_ends.recorded_passes import RecordedPasses
from bench.simulated_call.call import Call, in_call
from pipeline.engines.registry import EngineSpec, make
from pipeline.events import EngineFailed, PlaybackState, SpeechPlayed, Translated, UtteranceEnded
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import SAMPLE_RATE
from testing import disturbances
from testing.babble import babble
from testing.disturbances import Sound
from testing.real_material import Prompt, music, prompts, samples
from testing.virtual_clock import VirtualLoop

MOST_REFUSED = 0.02
LEAST_MINUTES = 20.0
SEED = 2026
SYNTHETIC_S, BABBLE_S = 20.0, 60.0
BABBLE_DBFS = (-30.0, -42.0)
QUICK = 8
"""With `--quick`: each eighth prompt, and an eighth of each sound."""


@dataclass(slots=True)
class RealBlock(Block):
    """A sound in an English microphone. `spoken`: words that the interpreter said of it in the partner's ear."""

    spoken: list[str] = field(default_factory=list)
    failures: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """One prompt, and what the interpreter said of it."""

    name: str
    held_out: bool
    spoken: str
    outcome: str


def sounds(share: float = 1.0) -> Iterator[tuple[str, Sound]]:
    """Yield every sound that is no speech to anybody: the synthetic ones, the babble of many, and music."""
    for number, (kind, one) in enumerate(disturbances.ALL.items()):
        yield kind, one(np.random.default_rng([SEED, number]), SYNTHETIC_S * share)
    voices = [one.audio for one in prompts()]
    for dbfs in BABBLE_DBFS:
        made = babble(voices, dbfs)(np.random.default_rng([SEED, 1000]), BABBLE_S * share)
        yield f"six people, {dbfs:.0f} dBFS", made
    for file in music():
        whole = sound_of(samples(file))
        yield f"music: {file.stem}", whole[: round(len(whole) * share)]


def run(passes: RecordedPasses, *, quick: bool) -> dict[str, Any]:
    """Play all sounds and all prompts, and return the report."""
    began = time.monotonic()
    share, said = (1 / QUICK, prompts()[::QUICK]) if quick else (1.0, prompts())
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        blocks, answers = runner.run(_scenes(passes, share, said))
    found = targets(blocks, answers, least_minutes=LEAST_MINUTES * share)
    return {
        "model": passes.path.name,
        "minutes": round(sum(block.seconds for block in blocks) / 60, 1),
        "blocks": [asdict(block) for block in blocks],
        "answers": [asdict(one) for one in answers],
        "targets": [one.as_json() for one in found],
        "passed": all(one.passed for one in found),
        "seconds": round(time.monotonic() - began, 1),
    }


async def _scenes(passes: RecordedPasses, share: float, said: Sequence[Prompt]) -> tuple[list[RealBlock], list[Answer]]:
    blocks = []
    async with engines(passes, voice=make(EngineSpec("tts", "espeak"))) as stages:
        for kind, sound in sounds(share):
            blocks.append(await endured(stages, passes, kind, sound))
            print(f"{kind}: {blocks[-1].spoken or 'nothing'}", file=sys.stderr, flush=True)
        answers = []
        for prompt in said:
            answers.append(await answered(stages, prompt))
            if not answers[-1].spoken:
                print(f"{prompt.name}: {answers[-1].outcome}", file=sys.stderr, flush=True)
    return blocks, answers


async def endured(
    stages: EngineSet, passes: RecordedPasses, kind: str, sound: Sound, settings: InterpreterOptions | None = None
) -> RealBlock:
    """Put a sound before an English microphone, and return what came of it."""
    before = passes.asked.total()

    async def scene(call: Call) -> RealBlock:
        await _to_its_end(call, sound)
        block = RealBlock(kind, call.people[0].language, len(sound) / SAMPLE_RATE)
        block.asked = passes.asked.total() - before
        judge_block(call, call.people[0], 0.0, block)
        block.spoken = spoken(call)
        block.failures = sum(isinstance(one.event, EngineFailed) for one in call.happened)
        return block

    return await in_call(stages, SEED, scene, settings=settings)


async def answered(stages: EngineSet, prompt: Prompt, settings: InterpreterOptions | None = None) -> Answer:
    """Say a prompt in a call, and return what the interpreter said of it."""

    async def scene(call: Call) -> Answer:
        await _to_its_end(call, sound_of(prompt.audio))
        ends = [one.event for one in call.happened if isinstance(one.event, UtteranceEnded)]
        outcome = " + ".join(one.outcome.value if one.reason is None else one.reason for one in ends)
        return Answer(prompt.name, prompt.held_out, " ".join(spoken(call)), outcome or "not noticed")

    return await in_call(stages, SEED, scene, settings=settings)


def spoken(call: Call) -> list[str]:
    """Return the translations whose speech began in the partner's ear."""
    texts = {
        (one.event.utterance, one.event.segment.index): one.event.text
        for one in call.happened
        if isinstance(one.event, Translated)
    }
    played = (one.event for one in call.happened if isinstance(one.event, SpeechPlayed))
    return [texts[one.utterance, one.segment] for one in played if one.state is PlaybackState.START]


async def _to_its_end(call: Call, sound: Sound) -> None:
    """Let a sound happen, and all that is said of it."""
    person, other = call.people
    person.say(sound)
    while person.speaking:
        await call.pass_time(0.2)
    await call.pass_time(BEHIND_S)
    async with asyncio.TaskGroup() as group:
        over = group.create_task(call.interpreters[0].caught_up())
        while not over.done() or other.playout.backlog_ms:
            await call.pass_time(0.2)


def targets(blocks: Sequence[RealBlock], answers: Sequence[Answer], *, least_minutes: float) -> list[Target]:
    """Return the verdicts."""
    minutes = round(sum(block.seconds for block in blocks) / 60, 1)
    count = sum(len(text.split()) for block in blocks for text in block.spoken)
    failures = sum(block.failures for block in blocks)
    found = [
        Target("3", "minutes of what is no speech", f"≥ {least_minutes:g}", minutes, minutes >= least_minutes),
        Target("3", "words spoken of it", "none", count, count == 0),
        Target("3", "engine failures", "none", failures, failures == 0),
    ]
    for name, some in (("all", answers), ("held out", [one for one in answers if one.held_out])):
        refused = sum(not one.spoken for one in some)
        share = round(refused / len(some), 4) if some else None
        verdict = None if share is None else share <= MOST_REFUSED
        found.append(
            Target("3", f"human prompts refused, {name}, of {len(some)}", f"≤ {MOST_REFUSED:g}", share, verdict)
        )
    return found
