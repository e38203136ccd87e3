"""The translator's lane with a memory for what is said again and again ("Yes.", "One moment, please.").

It sits before the line and not in the engine: an answer that is known waits behind nobody's batch, the memory is one
for all of the engine's processes and outlives their restarts, and it serves every engine, also one that is reached
over a network. Engines keep nothing between jobs (`pipeline.engines`).

It holds what is frequent, not what people said: short segments without digits, and none before it was asked for a
second time (`pipeline.lanes.second_use_cache`).
"""

from __future__ import annotations

from typing import Any

from pipeline.engines.registry import EngineSpec
from pipeline.lanes.local import LocalLane
from pipeline.lanes.queue import Priority
from pipeline.lanes.second_use_cache import SecondUseCache
from pipeline.speech import Translate, Translation

Key = tuple[str, str, str, str]
"""The engine's identity (which names its model and its glossary), source, target, text."""

LONGEST = 60
"""Characters of a segment that may be remembered: longer ones are hardly ever said twice."""

MOST_TRANSLATIONS = 4096


class TranslationCache(SecondUseCache[Key, str]):
    """Translations by key; the least recently used are forgotten at `most` of them or `most_bytes` of text."""

    def __init__(self, most: int = MOST_TRANSLATIONS, most_bytes: int = 1 << 20) -> None:
        super().__init__(most, most_bytes, _size)


def _size(key: Key, text: str) -> int:
    return sum(len(part.encode("utf-8", "replace")) for part in (*key, text))


class CachingLane(LocalLane[Translate, Translation]):
    """A `LocalLane` that answers from memory where it can, if the engine says that equal jobs get equal answers."""

    def __init__(self, spec: EngineSpec, *, memory: TranslationCache | None = None, **options: Any) -> None:
        super().__init__(spec, **options)
        self.memory = TranslationCache() if memory is None else memory

    async def do(self, job: Translate, *, timeout: float | None = None, urgent: bool | Priority = True) -> Translation:
        key = self._key(job)
        if key is not None and (known := self.memory.get(key)) is not None:
            self.counters.remembered += 1
            return Translation(known, job.source, job.target)
        translation = await super().do(job, timeout=timeout, urgent=urgent)
        if key is not None and key == self._key(job):  # the same engine still
            self.memory.put(key, translation.text)
        return translation

    def _key(self, job: Translate) -> Key | None:
        """None where nothing is remembered: without an engine a call must learn that there is none."""
        if not self.identity or not self.ready or len(job.text) > LONGEST or any(map(str.isnumeric, job.text)):
            return None
        return self.identity, job.source.lower(), job.target.lower(), job.text
