"""Names of all keys in Redis, by kind of engine. The roles of deploy/redis/users.acl are cut along these names."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.engines.entry import Kind

PREFIX = "dragoman"
GROUP = "workers"
"""Consumer group of each stream of jobs."""


@dataclass(frozen=True, slots=True)
class Keys:
    """Names of the keys that server and workers of one kind share."""

    kind: Kind

    def _key(self, *parts: str) -> str:
        return ":".join((PREFIX, self.kind, *parts))

    @property
    def workers(self) -> str:
        """Sorted set of `OFFER/WORKER` by the Redis clock's milliseconds at which the worker last was seen."""
        return self._key("workers")

    @property
    def dead_letters(self) -> str:
        """Stream of jobs of which engines or workers died. It holds names and reasons, and nothing that was said."""
        return self._key("dead")

    def offer(self, offer: str) -> str:
        """Name the string with what the workers of an offer can do."""
        return self._key("offer", offer)

    def jobs(self, offer: str, *, urgent: bool) -> str:
        """Name the stream of an offer's jobs, finals or interims."""
        return self._key("jobs", offer, "finals" if urgent else "interims")

    def payload(self, job: str) -> str:
        """Name the string with the job itself. It is gone once the job is answered, withdrawn or too late."""
        return self._key("payload", job)

    def answers(self, asker: str) -> str:
        """Name the stream of answers to one lane."""
        return self._key("answers", asker)
