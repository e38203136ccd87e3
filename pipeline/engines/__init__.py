"""Protocols of the three engines: `Transcriber`, `Translator`, `Synthesizer`.

Engines are shared by all calls and keep nothing between jobs. They take a *sequence* of jobs and return a
sequence of the same length and order, in which an `EngineError` may stand for a job that failed alone. Every job
is plain picklable data: so one engine can run in a thread, in a niced process or on another machine, and can batch
jobs of different calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from pipeline.errors import EngineError as EngineError
from pipeline.speech import Speech, Synthesize, Transcribe, Transcript, Translate, Translation


class Transcriber(Protocol):
    """Speech to text."""

    languages: frozenset[str]
    """Primary subtags that it understands."""

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]: ...


class Translator(Protocol):
    """Text to text."""

    pairs: frozenset[tuple[str, str]]
    """(source, target) primary subtags."""

    # Optional: `pivoted`, those of the pairs that go by way of a third language; `gist`, those of which only the gist
    # is right; and `identity` (see `pipeline.lanes.pipe_messages.EngineReady`), without which no translation of this
    # engine is remembered.

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation | EngineError]: ...


class Synthesizer(Protocol):
    """Text to speech. One that has `voices`, a sequence of `Voice`, lets people choose; the first of a language is its
    usual one."""

    languages: frozenset[str]

    def synthesize(self, jobs: Sequence[Synthesize]) -> Sequence[Speech]: ...
