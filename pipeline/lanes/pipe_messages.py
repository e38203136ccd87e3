"""Messages of the pipe to an engine's process, and every exception of an engine made an answer.

Here is the boundary at which whatever an engine raises becomes an answer.
"""

from __future__ import annotations

import logging
import pickle
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from pipeline.errors import EngineError
from pipeline.speech import Voice
from pipeline.types import LanguagePairs
from pipeline.wordless import named

LENGTH = struct.Struct("!I")
"""The length of a message's body, before each message on a pipe."""

Run: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineReady:
    """The capabilities of an engine that is loaded and warm. Languages are primary subtags."""

    languages: frozenset[str] = frozenset()
    pairs: LanguagePairs = frozenset()
    pivoted: LanguagePairs = frozenset()
    """Pairs among them that go by way of a third language."""
    identity: str = ""
    """A name of the engine with its model and all that its answers depend on. Equal jobs get equal answers while it is
    the same. Empty if they need not."""
    voices: tuple[Voice, ...] = ()
    gist: LanguagePairs = frozenset()
    """Pairs among them of which only the gist is right."""


@dataclass(frozen=True, slots=True)
class EngineUnfit:
    """The engine could not be loaded."""

    reason: str


@dataclass(frozen=True, slots=True)
class JobDone:
    """An engine's result for one job."""

    result: Any


@dataclass(frozen=True, slots=True)
class JobFailed:
    """The reason why an engine has no result for one job."""

    reason: str


Answer: TypeAlias = JobDone | JobFailed


def pack(message: object) -> bytes:
    """Return a message as it goes over a pipe."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return LENGTH.pack(len(body)) + body


def capabilities(engine: object) -> EngineReady:
    """Return what the engine says of itself."""
    return EngineReady(
        frozenset(getattr(engine, "languages", ())),
        frozenset(getattr(engine, "pairs", ())),
        frozenset(getattr(engine, "pivoted", ())),
        str(getattr(engine, "identity", "")),
        tuple(getattr(engine, "voices", ())),
        frozenset(getattr(engine, "gist", ())),
    )


def method(engine: object) -> Run:
    """Return the one method of the engine's protocol. Raises `EngineError` if it has none."""
    for name in ("transcribe", "translate", "synthesize"):
        run: Run | None = getattr(engine, name, None)
        if run is not None:
            return run
    raise EngineError(f"{type(engine).__name__} is neither a Transcriber, a Translator nor a Synthesizer")


def answer(run: Run, jobs: Sequence[Any], names: Sequence[object] = ()) -> list[Answer]:
    """Run the jobs together. If that fails, run them one by one, so that a poisoned job costs itself alone.

    An engine that knows which of its jobs failed puts an `EngineError` in that one's place: the others are not run
    again. `names` are those of the jobs in logs.
    """
    try:
        results = list(run(jobs))
        if len(results) != len(jobs):
            raise EngineError(f"{len(results)} results for {len(jobs)} jobs")
    except Exception as error:
        if len(jobs) == 1:
            log.warning("an engine failed on job %s: %s", *(names or ("?",)), reason_of(error), exc_info=True)
            return [JobFailed(reason_of(error))]
        return [one for n, job in enumerate(jobs) for one in answer(run, [job], names[n : n + 1])]
    return [JobFailed(reason_of(one)) if isinstance(one, EngineError) else JobDone(one) for one in results]


def reason_of(error: BaseException) -> str:
    """Return one line for logs, and for the `EngineError` that the caller gets.

    An EngineError says what its engine wants the operator to know. Any other error may quote the job's words.
    """
    return str(error) if isinstance(error, EngineError) else named(error)


def describe(error: BaseException) -> str:
    """Return one line about an engine that does not load: nobody has said anything yet."""
    return str(error) if isinstance(error, EngineError) else f"{type(error).__name__}: {error}"
