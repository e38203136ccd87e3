"""The bundled engines in the test's own loop: they take no time of a virtual clock."""

from __future__ import annotations

from functools import cache
from typing import Any

from pipeline.engines.registry import EngineSpec, make


class Bundled:
    """A bundled recogniser (`stt`) or translator (`mt`) as a coroutine function."""

    def __init__(self, kind: str) -> None:
        engine: Any = make(EngineSpec(kind, "starter"))
        self.languages = frozenset(getattr(engine, "languages", ()))
        self.pairs = frozenset(getattr(engine, "pairs", ()))
        self._run = engine.transcribe if kind == "stt" else engine.translate

    async def __call__(self, job: Any) -> Any:
        return self._run([job])[0]


@cache
def bundled(kind: str) -> Bundled:
    return Bundled(kind)
