"""Roster of the workers of one kind: decides which are alive, what they can do together, and who gets a job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from pipeline.speech import Voice
from pipeline.types import LanguagePairs
from remote.codec import Unreadable
from remote.connection import Client
from remote.keys import Keys
from remote.worker_offer import Offer

ALIVE_MS = 3000
"""Time since a worker was seen last, from which it is taken to be gone."""

Item = TypeVar("Item")

log = logging.getLogger(__name__)


class Roster:
    """Workers and their offers, as they were when Redis was asked last."""

    def __init__(self) -> None:
        self.workers: Mapping[str, int] = {}
        """Number of the living workers by their offer's id."""
        self._offers: dict[str, Offer] = {}
        self.languages: frozenset[str] = frozenset()
        self.pairs: LanguagePairs = frozenset()
        self.pivoted: LanguagePairs = frozenset()
        self.gist: LanguagePairs = frozenset()
        self.voices: tuple[Voice, ...] = ()

    def __repr__(self) -> str:
        return f"<Roster: {self.workers}>"

    async def refresh(self, redis: Client, keys: Keys) -> None:
        """Ask Redis who is there."""
        async with redis.pipeline(transaction=False) as asked:
            asked.time()
            asked.zrange(keys.workers, 0, -1, withscores=True)
            (seconds, microseconds), members = await asked.execute()
        since = seconds * 1000 + microseconds / 1000 - ALIVE_MS
        living = [member.decode().partition("/")[0] for member, seen_ms in members if seen_ms >= since]
        unknown = [offer for offer in dict.fromkeys(living) if offer not in self._offers]
        if unknown:
            found = await redis.mget([keys.offer(offer) for offer in unknown])
            self._learn(zip(unknown, found, strict=True))
        self.take({offer: living.count(offer) for offer in sorted(set(living)) if offer in self._offers})

    def _learn(self, found: Iterable[tuple[str, bytes | None]]) -> None:
        for name, encoded in found:
            try:
                if encoded is not None:
                    self._offers[name] = Offer.decoded(encoded)
            except Unreadable as error:
                log.error("the offer %s of a worker can't be read: %s", name, error)

    def take(self, workers: Mapping[str, int], offers: Mapping[str, Offer] | None = None) -> None:
        """Take these workers for all that are alive. `offers` are learnt as well."""
        self._offers |= offers or {}
        if workers == self.workers:
            return
        self.workers = workers
        self._offers = {name: self._offers[name] for name in workers}
        living = self._offers.values()
        self.languages = _union(living, lambda offer: offer.languages)
        self.pairs = _union(living, lambda offer: offer.pairs)
        # A pair that one worker translates directly may come from another by way of a third language.
        self.pivoted = _union(living, lambda offer: offer.pivoted)
        self.gist = _union(living, lambda offer: offer.gist)
        self.voices = tuple({voice.id: voice for offer in living for voice in offer.voices}.values())

    @property
    def offers(self) -> Mapping[str, Offer]:
        """Offers of living workers by id."""
        return self._offers

    def choose(self, job: Any, given: Callable[[str], int]) -> str | None:
        """Return the offer that a job goes to; None if no worker can do it.

        First those with the voice that the job asks for, then those with the fewest jobs for each worker; `given` is
        the number of this lane's jobs that an offer has now.
        """
        able = [name for name, offer in self._offers.items() if offer.takes(job)]
        if not able:
            return None
        return min(
            able,
            key=lambda name: (not self._offers[name].has_voice(job), given(name) / self.workers[name], name),
        )


def _union(offers: Iterable[Offer], part: Callable[[Offer], frozenset[Item]]) -> frozenset[Item]:
    return frozenset().union(*(part(offer) for offer in offers))
