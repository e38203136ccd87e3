"""A lane whose engine runs in the event loop itself: for tests on a virtual clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

from pipeline.engines.registry import Batching, Engine, EngineSpec
from pipeline.lanes.local import LocalLane
from pipeline.lanes.pipe_messages import Answer, EngineReady, answer, describe, facts, method
from pipeline.lanes.process import EngineHost

Job = TypeVar("Job")
Result = TypeVar("Result")


class _LoopHost:
    """A `EngineHost` that runs the engine in the event loop itself."""

    alive = True
    pid = None

    def __init__(self, run: Callable[[Any], Awaitable[Any]] | Engine, told: EngineReady) -> None:
        self._engine = run
        self._told = told

    async def start(self) -> EngineReady:
        return self._told

    async def run(self, jobs: Sequence[Any]) -> Sequence[Answer]:
        if not callable(self._engine):
            return answer(method(self._engine), jobs)
        answers: list[Answer] = []
        for job in jobs:
            try:
                answers.append((True, await self._engine(job)))
            except Exception as error:  # noqa: BLE001 - the border: it costs one utterance
                answers.append((False, describe(error)))
        return answers

    async def stop(self) -> None:
        pass


class InLoopLane(LocalLane[Job, Result]):
    """A lane whose engine is an object, or a coroutine function of one job, in this very loop: for tests on a
    virtual clock. `width` jobs run at once; the line, its order and its bounds are those of `LocalLane`."""

    def __init__(
        self,
        engine: Callable[[Any], Awaitable[Any]] | Engine,
        *,
        languages: frozenset[str] | None = None,
        pairs: frozenset[tuple[str, str]] | None = None,
        width: int = 1,
        batch: int = 1,
        linger_ms: float = 0.0,
        apart: bool = False,
        bound: int = 16,
        timeout: float = 15.0,
        patience: float = 30.0,
    ) -> None:
        told = facts(engine)
        self._told = replace(
            told,
            languages=told.languages if languages is None else languages,
            pairs=told.pairs if pairs is None else pairs,
        )
        self._engine = engine
        self._gathering = Batching(batch, linger_ms, apart)
        spec = EngineSpec("stt", "direct")
        super().__init__(spec, processes=width, bound=bound, timeout=timeout, patience=patience)

    def _usual(self) -> Batching:
        return self._gathering

    def _host(self) -> EngineHost:
        return _LoopHost(self._engine, self._told)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.wait_ready()
        return self
