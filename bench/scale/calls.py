"""Simulates what calls ask of engines: who talks when, which passes recognition makes, what follows a sentence."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from simpy import Environment, Event
from simpy.events import ProcessGenerator

from bench.scale.pool import Job, Pool
from pipeline.engines.registry import Kind

Pools = Mapping[Kind, Pool]
_BEHIND: tuple[Kind, ...] = ("mt", "tts")
"""Stages behind recognition, in their order."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Habits of people in a call, and moments at which recognition looks. Times in s."""

    sentence_s: float
    """Mean length of a sentence; each has between a half and one and a half of it."""
    share: float
    """Share of a call in which one of the two talks, 0..1."""
    interim_s: float
    """Time between two interims; 0: there are none."""
    pause_s: float = 0.1
    """Silence at which a sentence is recognised as a final for the first time."""
    end_s: float = 0.24
    """Silence at which it is recognised for the last time, and translated."""

    @property
    def silence_s(self) -> float:
        """Mean time in which nobody talks, between two sentences."""
        return self.sentence_s * (1 - self.share) / self.share

    def jobs_a_second(self, kind: Kind) -> float:
        """Return the jobs that one call asks of a stage."""
        sentences = self.share / self.sentence_s
        if kind != "stt":
            return sentences
        return sentences * (2 + (self.sentence_s / self.interim_s if self.interim_s else 0.0))


@dataclass(slots=True)
class Heard:
    """Times from the end of each sentence to its speech, s, as far as engines and their queues decide them."""

    times: list[float] = field(default_factory=list)


def call(clock: Environment, pools: Pools, talk: Talk, dice: random.Random, heard: Heard) -> ProcessGenerator:
    """Two people who take turns for ever. They begin somewhere in a sentence or behind it."""
    yield clock.timeout(dice.uniform(0, talk.sentence_s / talk.share))
    while True:
        seconds = dice.uniform(0.5, 1.5) * talk.sentence_s
        clock.process(sentence(clock, pools, talk, seconds, heard))
        yield clock.timeout(seconds + dice.expovariate(1 / talk.silence_s))


def sentence(clock: Environment, pools: Pools, talk: Talk, seconds: float, heard: Heard) -> ProcessGenerator:
    """One sentence: interims while it lasts, one at a time; two final passes, a translation and its speech."""
    ends_at = clock.now + seconds
    interim: Job | None = None
    while talk.interim_s and clock.now + talk.interim_s < ends_at:
        yield clock.timeout(talk.interim_s)
        if interim is None or interim.done.processed:
            interim = pools["stt"].ask(urgent=False)
    for silence_s in (talk.pause_s, talk.end_s):
        yield clock.timeout(max(0.0, ends_at + silence_s - clock.now))
        if interim is not None and not interim.done.processed:
            yield interim.done
        yield _final(pools["stt"])
    for kind in _BEHIND:
        yield _final(pools[kind])
    heard.times.append(clock.now - ends_at)


def _final(pool: Pool) -> Event:
    """Ask for a final, which is never refused; return its end."""
    job = pool.ask(urgent=True)
    assert job is not None
    return job.done
