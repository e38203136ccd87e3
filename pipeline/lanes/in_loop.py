"""Lane whose engine runs in the event loop itself: for tests on a virtual clock."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any, Self, TypeVar

from pipeline.engines.registry import Batching, Engine, EngineSpec
from pipeline.lanes.envelope import Envelope
from pipeline.lanes.local import LocalLane
from pipeline.lanes.pipe_messages import (
    Answer,
    EngineReady,
    JobDone,
    JobFailed,
    answer,
    capabilities,
    method,
    reason_of,
)
from pipeline.lanes.process import EngineHost
from pipeline.types import LanguagePairs

Job = TypeVar("Job")
Result = TypeVar("Result")


class _LoopHost:
    """An `EngineHost` that runs the engine in the event loop itself."""

    alive = True
    pid = None

    def __init__(self, engine: Callable[[Any], Awaitable[Any]] | Engine, ready: EngineReady) -> None:
        self._engine = engine
        self._ready = ready

    async def start(self) -> EngineReady:
        return self._ready

    async def run(self, envelopes: Sequence[Envelope[Any]]) -> Sequence[Answer]:
        if not callable(self._engine):
            return answer(method(self._engine), [envelope.job for envelope in envelopes], envelopes)
        answers: list[Answer] = []
        for envelope in envelopes:
            try:
                answers.append(JobDone(await self._engine(envelope.job)))
            except Exception as error:  # noqa: BLE001 - the engine's boundary: it costs one utterance
                answers.append(JobFailed(reason_of(error)))
        return answers

    async def stop(self) -> None:
        pass


class InLoopLane(LocalLane[Job, Result]):
    """A lane whose engine is an object, or a coroutine function of one job, in this very loop.

    `width` jobs run at once. The queue, its order and its bounds are those of `LocalLane`.
    """

    def __init__(
        self,
        engine: Callable[[Any], Awaitable[Any]] | Engine,
        *,
        languages: frozenset[str] | None = None,
        pairs: LanguagePairs | None = None,
        width: int = 1,
        batch: int = 1,
        linger_ms: float = 0.0,
        apart: bool = False,
        bound: int = 16,
        timeout: float = 15.0,
        patience: float = 30.0,
    ) -> None:
        own = capabilities(engine)
        self._capabilities = replace(
            own,
            languages=own.languages if languages is None else languages,
            pairs=own.pairs if pairs is None else pairs,
        )
        self._engine = engine
        self._batching = Batching(batch, linger_ms, apart)
        spec = EngineSpec("stt", "direct")
        super().__init__(spec, processes=width, bound=bound, timeout=timeout, patience=patience)

    def _usual_batching(self) -> Batching:
        return self._batching

    def _new_host(self) -> EngineHost:
        return _LoopHost(self._engine, self._capabilities)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.wait_ready()
        return self
