"""Priority queue before an engine: finals first, then by arrival; decides which jobs share a batch. Pure.

Finals go first, and within a priority the order is that of arrival.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pipeline.engines.registry import Batching
from pipeline.lanes.envelope import Envelope
from pipeline.types import Notify

Answer = TypeVar("Answer")


class Priority:
    """Priority of a job that is a courtesy, and may be needed later. False until it rises.

    A job that is in the queue when its priority rises goes before others from then on.
    """

    def __init__(self) -> None:
        self._needed = False
        self._risen: Notify = _nobody

    def __bool__(self) -> bool:
        return self._needed

    def rise(self) -> None:
        """Say that the job is needed now."""
        self._needed = True
        self._risen()

    def follow(self, risen: Notify) -> None:
        """Call `risen` when it rises, in place of what was to be called before: the job is in another queue now."""
        self._risen = risen


def _nobody() -> None:
    """Do nothing: no queue has the job."""


@dataclass(slots=True, eq=False)
class QueuedJob(Generic[Answer]):
    """A job in the queue, and where its answer goes."""

    envelope: Envelope[Any]
    answer: Answer
    urgent: bool
    queued_at: float
    """Loop time, s."""
    alone: bool = False
    """True if it is run by itself."""


class JobQueue(Generic[Answer]):
    """Jobs by priority: urgent ones (finals) go first. Times are seconds of any one clock.

    Its length has no bound of its own: the lane refuses interims beyond its bound, and each final's caller waits.
    """

    def __init__(self, batching: Batching) -> None:
        self._batching = batching
        self._urgent: deque[QueuedJob[Answer]] = deque()
        self._interim: deque[QueuedJob[Answer]] = deque()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._interim)

    def longest_wait_s(self, now: float) -> float:
        """Return the time for which the oldest job has waited; 0 if there is none."""
        return max((now - queued.queued_at for queued in (*self._urgent, *self._interim)), default=0.0)

    def add(self, queued: QueuedJob[Answer]) -> None:
        """Put a job last among those of its priority."""
        self._of(queued).append(queued)

    def put_back(self, queued: QueuedJob[Answer]) -> None:
        """Put a job first among those of its priority."""
        self._of(queued).appendleft(queued)

    def promote(self, queued: QueuedJob[Answer]) -> None:
        """Make a job urgent: last among those that are."""
        waits = self.remove(queued)
        queued.urgent = True
        if waits:
            self.add(queued)

    def remove(self, queued: QueuedJob[Answer]) -> bool:
        """Take a job out. Return True if it was in the queue."""
        jobs = self._of(queued)
        if queued not in jobs:
            return False
        jobs.remove(queued)
        return True

    def drain(self) -> Iterator[QueuedJob[Answer]]:
        """Take all out, one by one."""
        for jobs in (self._urgent, self._interim):
            while jobs:
                yield jobs.popleft()

    def ripe_at(self) -> float | None:
        """Return the time at which the first interim has waited long enough for others to run with.

        None if nothing waits for company: a final is there, or a batch is full, or the queue is empty.
        """
        linger, batch = self._batching.linger_ms / 1000, self._batching.batch
        if linger <= 0 or self._urgent or not 0 < len(self._interim) < batch or self._interim[0].alone:
            return None
        return self._interim[0].queued_at + linger

    def next_batch(self, now: float) -> list[QueuedJob[Answer]]:
        """Take out the next jobs to run together. Empty if there are none, or it is not time."""
        ripe_at = self.ripe_at()
        if ripe_at is not None and now < ripe_at:
            return []
        batch: list[QueuedJob[Answer]] = []
        for jobs in (self._urgent, self._interim):
            if batch and self._batching.apart:
                break
            while jobs and len(batch) < self._batching.batch and not (batch and jobs[0].alone):
                batch.append(jobs.popleft())
                if batch[-1].alone:
                    return batch
        return batch

    def _of(self, queued: QueuedJob[Answer]) -> deque[QueuedJob[Answer]]:
        return self._urgent if queued.urgent else self._interim
