"""The border around an engine: what crosses it, and how whatever an engine raises becomes an answer."""

from __future__ import annotations

import logging
import pickle
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.engines import EngineError
from pipeline.speech import Voice

LENGTH = struct.Struct("!I")
"""Stands before each message on a pipe."""

Run: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
Answer: TypeAlias = tuple[bool, Any]
"""`(True, result)` or `(False, reason)`."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The engine is loaded and warm. What it can do, in primary subtags, and the voices that it has.

    `pivoted` are those of the pairs that go by way of a third language. `identity` names the engine with its model
    and all that its answers depend on: equal jobs get equal answers while it is the same. Empty: they need not.
    """

    languages: frozenset[str] = frozenset()
    pairs: frozenset[tuple[str, str]] = frozenset()
    pivoted: frozenset[tuple[str, str]] = frozenset()
    identity: str = ""
    voices: tuple[Voice, ...] = ()


@dataclass(frozen=True, slots=True)
class EngineUnfit:
    """The engine could not be loaded."""

    reason: str


def pack(message: object) -> bytes:
    """A message as it goes over a pipe."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def facts(engine: object) -> EngineReady:
    """What the engine says of itself."""
    return EngineReady(
        frozenset(getattr(engine, "languages", ())),
        frozenset(getattr(engine, "pairs", ())),
        frozenset(getattr(engine, "pivoted", ())),
        str(getattr(engine, "identity", "")),
        tuple(getattr(engine, "voices", ())),
    )


def method(engine: object) -> Run:
    """The one method of the engine's protocol."""
    for name in ("transcribe", "translate", "synthesize"):
        run: Run | None = getattr(engine, name, None)
        if run is not None:
            return run
    raise EngineError(f"{type(engine).__name__} is neither a Transcriber, a Translator nor a Synthesizer")


def answer(run: Run, jobs: Sequence[Any]) -> list[Answer]:
    """Runs the jobs together; if that fails, one by one, so that a poisoned job costs itself alone. An engine that
    knows which of its jobs failed puts an `EngineError` in that one's place, and the others are not run again."""
    try:
        results = list(run(jobs))
        if len(results) != len(jobs):
            raise EngineError(f"{len(results)} results for {len(jobs)} jobs")
    except Exception as error:
        if len(jobs) == 1:
            log.warning("an engine failed on a job: %s", describe(error), exc_info=True)
            return [(False, describe(error))]
        return [one for job in jobs for one in answer(run, [job])]
    return [(False, describe(one)) if isinstance(one, EngineError) else (True, one) for one in results]


def describe(error: BaseException) -> str:
    """One line for logs and for the `EngineError` that the caller gets."""
    return str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
