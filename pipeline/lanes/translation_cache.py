"""Translator's lane with a cache of short segments that are said again and again, in memory only.

The cache sits before the queue and not in the engine. A known answer waits behind nobody's batch. One cache serves all
of the engine's processes, outlives their restarts, and serves every engine, also one that is reached over a network.
Engines keep nothing between jobs (`pipeline.engines`).

It holds what is frequent, not what people said: short segments without digits, and none before it was asked for a
second time (`pipeline.lanes.second_use_cache`). An answer that is held back is not kept: the next may be a translation.
"""

from __future__ import annotations

import asyncio
from typing import Any

from pipeline.engines.registry import EngineSpec
from pipeline.lanes.envelope import Answered, Envelope
from pipeline.lanes.local import LocalLane
from pipeline.lanes.queue import Priority
from pipeline.lanes.second_use_cache import SecondUseCache
from pipeline.speech import Translate, Translation
from pipeline.text.translation_checks.verdict import judged

Key = tuple[str, str, str, str]
"""The engine's identity (which names its model and its glossary), source, target, text."""

LONGEST = 60
"""Code points of a segment that may be kept: longer ones are hardly ever said twice."""

MOST_TRANSLATIONS = 4096


class TranslationCache(SecondUseCache[Key, str]):
    """Translations by key, `most` of them and `most_bytes` of text. The least recently used goes first."""

    def __init__(self, most: int = MOST_TRANSLATIONS, most_bytes: int = 1 << 20) -> None:
        super().__init__(most, most_bytes, _size)


def _size(key: Key, text: str) -> int:
    return sum(len(part.encode("utf-8", "replace")) for part in (*key, text))


class CachingLane(LocalLane[Translate, Translation]):
    """A `LocalLane` that answers from its cache if it can, and if the engine says that equal jobs get equal answers."""

    def __init__(self, spec: EngineSpec, *, memory: TranslationCache | None = None, **options: Any) -> None:
        super().__init__(spec, **options)
        self.memory = TranslationCache() if memory is None else memory

    async def perform(self, envelope: Envelope[Translate], *, urgent: bool | Priority = True) -> Answered[Translation]:
        """Return the translation from the cache, or from the engine: see `Lane.perform`."""
        job = envelope.job
        key = self._key(job)
        if key is not None and (known := self.memory.get(key)) is not None:
            self.counters.remembered += 1
            now = asyncio.get_running_loop().time()
            return Answered.remembered(Translation(known, job.source, job.target), now)
        answered = await super().perform(envelope, urgent=urgent)
        same = key == self._key(job)  # the same engine still
        if key is not None and same and judged(job, answered.result).held is None:
            self.memory.put(key, answered.result.text)
        return answered

    def _key(self, job: Translate) -> Key | None:
        """Return None if nothing is kept. Without an engine a call must learn that there is none."""
        if (
            job.begun is not None
            or not self.identity
            or not self.ready
            or len(job.text) > LONGEST
            or any(map(str.isnumeric, job.text))
        ):
            return None
        return self.identity, job.source.lower(), job.target.lower(), job.text
