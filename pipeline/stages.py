"""The three lanes that a server has, and what can be interpreted with them."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from pipeline.lane import Lane
from pipeline.language import primary
from pipeline.registry import EngineSpec, Kind
from pipeline.remembering import RememberingLane
from pipeline.speech import Hearing, Line, Phrase, Speech, Transcript, Translation


@dataclass(slots=True)
class Stages:
    """An async context manager: entering opens the lanes (and doesn't wait for them), leaving closes them."""

    stt: Lane[Hearing, Transcript]
    mt: Lane[Phrase, Translation]
    tts: Lane[Line, Speech]
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack, repr=False)

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            for lane in (self.stt, self.mt, self.tts):
                await stack.enter_async_context(lane)
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.__aexit__(kind, error, trace)

    @property
    def ready(self) -> bool:
        return self.stt.ready and self.mt.ready and self.tts.ready

    async def wait_ready(self) -> None:
        """Returns once all three engines are ready; raises `EngineError` if one can't be loaded."""
        for lane in (self.stt, self.mt, self.tts):
            await lane.wait_ready()

    def hears(self, tag: str) -> bool:
        """Whether speech in this language can be recognised."""
        return primary(tag) in self.stt.languages

    def speaks(self, tag: str) -> bool:
        """Whether text in this language can be spoken."""
        return primary(tag) in self.tts.languages

    def pairs(self) -> frozenset[tuple[str, str]]:
        """(source, target) primary subtags that can be recognised, translated and spoken now."""
        return frozenset(
            (source, target) for source, target in self.mt.pairs if self.hears(source) and self.speaks(target)
        )

    def pivoted(self) -> frozenset[tuple[str, str]]:
        """Those of `pairs` that are translated by way of a third language."""
        return self.pairs() & self.mt.pivoted


def open_stages(
    specs: Mapping[Kind, EngineSpec], options: Mapping[Kind, Mapping[str, Any]] | None = None
) -> Stages:
    """The lanes for one engine of each kind, not yet entered. `options` are `Lane`'s, by kind.

    Raises `EngineError` for an engine that the registry doesn't know.
    """
    given = options or {}
    return Stages(
        Lane(specs["stt"], **given.get("stt", {})),
        RememberingLane(specs["mt"], **given.get("mt", {})),
        Lane(specs["tts"], **given.get("tts", {})),
    )
