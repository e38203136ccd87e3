"""Entry of an engine in the registry: how it is made, which jobs it takes at once, and under which licence it comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from pipeline.engines import Synthesizer, Transcriber, Translator

Kind: TypeAlias = Literal["stt", "mt", "tts"]
Engine: TypeAlias = Transcriber | Translator | Synthesizer


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Names an engine: plain data, so that it can be sent to another process. `options` are the keyword
    arguments of the engine, plain JSON values."""

    kind: Kind
    name: str
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batching:
    """Rules for the jobs that share one run of an engine."""

    batch: int = 1
    """Number of waiting jobs that the engine gains from taking at once."""
    linger_ms: float = 0.0
    """Time that an interim may wait for others to run with, if fewer than `batch` are waiting. Finals never wait."""
    apart: bool = False
    """True if no interim runs with a final, whose answer it would delay: the engine works job by job in part."""

    def but(self, batch: int | None, linger_ms: float | None) -> Batching:
        """Return this with another `batch` or `linger_ms`, where one is given."""
        return replace(
            self,
            batch=self.batch if batch is None else batch,
            linger_ms=self.linger_ms if linger_ms is None else linger_ms,
        )


@dataclass(frozen=True, slots=True)
class Entry:
    """An engine as the registry knows it."""

    kind: Kind
    name: str
    make: Callable[..., Engine]
    """Factory of the engine: takes its options, in the engine's own process. Libraries are imported there."""
    summary: str
    licence: str
    batch: int = 1
    """The same as `Batching.batch`; `linger_ms` likewise."""
    linger_ms: float = 0.0
    gathers: Callable[[Mapping[str, Any]], Batching] | None = None
    """Function from the engine's options to its batching, in place of `batch` and `linger_ms`."""
    keys: tuple[str, ...] = ()
    """Environment variables that this engine is given and no other (`pipeline.lanes.child_environment`)."""
    key_option: str = ""
    """The option by which the engine gets the value of its key."""
    stand_in: str = ""
    """The engine of the same kind (tts alone, so far) that does what this one fails to do."""

    def batching(self, options: Mapping[str, Any]) -> Batching:
        """Return the batching of an engine with these options."""
        return Batching(self.batch, self.linger_ms) if self.gathers is None else self.gathers(options)
