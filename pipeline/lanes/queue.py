"""The jobs that wait for an engine: finals first, each in the order of their coming, and which run together. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from pipeline.engines.registry import Batching

Answer = TypeVar("Answer")


class Priority:
    """False for a job that is a courtesy, until whoever holds this says that it is needed now: it goes before others
    then, although it is in line already."""

    def __init__(self) -> None:
        self._needed = False
        self._told: Callable[[], None] = _nobody

    def __bool__(self) -> bool:
        return self._needed

    def rise(self) -> None:
        self._needed = True
        self._told()

    def follow(self, told: Callable[[], None]) -> None:
        """`told` is called when it rises: by the line in which the job is now."""
        self._told = told


def _nobody() -> None:
    """No line has the job."""


@dataclass(slots=True, eq=False)
class QueuedJob(Generic[Answer]):
    """A job in line `since` then, and where its answer goes. `alone`: it is run by itself."""

    job: object
    answer: Answer
    timeout: float
    urgent: bool
    since: float
    deaths: int = 0
    alone: bool = False


class JobQueue(Generic[Answer]):
    """What is `urgent` (finals) goes first. Times are seconds of any one clock."""

    def __init__(self, gathering: Batching) -> None:
        self._gathering = gathering
        self._urgent: deque[QueuedJob[Answer]] = deque()
        self._interim: deque[QueuedJob[Answer]] = deque()

    def __len__(self) -> int:
        return len(self._urgent) + len(self._interim)

    def add(self, waiting: QueuedJob[Answer]) -> None:
        self._of(waiting).append(waiting)

    def put_back(self, waiting: QueuedJob[Answer]) -> None:
        """First in line again."""
        self._of(waiting).appendleft(waiting)

    def hasten(self, waiting: QueuedJob[Answer]) -> None:
        """It has become urgent: last of those that are."""
        waits = self.remove(waiting)
        waiting.urgent = True
        if waits:
            self.add(waiting)

    def remove(self, waiting: QueuedJob[Answer]) -> bool:
        """Whether it was in the line."""
        line = self._of(waiting)
        if waiting not in line:
            return False
        line.remove(waiting)
        return True

    def drain(self) -> Iterator[QueuedJob[Answer]]:
        """Take all out, one by one."""
        for line in (self._urgent, self._interim):
            while line:
                yield line.popleft()

    def ripe_at(self) -> float | None:
        """When the first interim will have waited long enough for others to run with; None where nothing waits so: a
        final is there, which waits for nobody, or a batch is full, or the line is empty."""
        linger, batch = self._gathering.linger_ms / 1000, self._gathering.batch
        if linger <= 0 or self._urgent or not 0 < len(self._interim) < batch or self._interim[0].alone:
            return None
        return self._interim[0].since + linger

    def take(self, now: float) -> list[QueuedJob[Answer]]:
        """The next jobs to run together; none where there are none, or it is not time."""
        ripe_at = self.ripe_at()
        if ripe_at is not None and now < ripe_at:
            return []
        batch: list[QueuedJob[Answer]] = []
        for line in (self._urgent, self._interim):
            if batch and self._gathering.apart:
                break
            while line and len(batch) < self._gathering.batch and not (batch and line[0].alone):
                batch.append(line.popleft())
                if batch[-1].alone:
                    return batch
        return batch

    def _of(self, waiting: QueuedJob[Answer]) -> deque[QueuedJob[Answer]]:
        return self._urgent if waiting.urgent else self._interim
