"""Envelope of a job on its way to an engine, and the record of its way back.

An envelope is made once, where a job is given to a call's lane. It goes with the job through every lane, queue and
process, and into logs. It shows nothing of the job itself: that is what people said.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pipeline.context import Context, current

Job_co = TypeVar("Job_co", covariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Job = TypeVar("Job")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Envelope(Generic[Job_co]):
    """A job with its id, its deadline and the context that it was born in."""

    job: Job_co = field(repr=False)
    id: str
    deadline: float
    """Loop time, s, by which the answer is there. All lanes that the job goes through share it."""
    run_s: float
    """Bound of one run, s. An engine that takes longer is taken to hang."""
    context: Context
    attempt: int = 1
    """Number of the job's next run in this lane: 2 if an engine's process has ended under it."""

    @staticmethod
    def seal(job: Job, *, now: float, run_s: float, patience_s: float) -> Envelope[Job]:
        """Return an envelope for a new job that may wait for `patience_s` and then run for `run_s`."""
        return Envelope(job, secrets.token_hex(8), now + patience_s + run_s, run_s, current())

    @property
    def start_by(self) -> float:
        """Loop time, s, by which the run begins: the job leaves the queue then."""
        return self.deadline - self.run_s

    def __str__(self) -> str:
        """Return the id and the context, for logs."""
        return f"{self.id} ({self.context})" if str(self.context) else self.id


@dataclass(frozen=True, slots=True)
class Answered(Generic[Result_co]):
    """The result of a job, and where and when it came about. Times are loop time, s."""

    result: Result_co
    engine: str
    """Kind and name of the engine; `cache` if none was asked."""
    queued_at: float
    started_at: float
    finished_at: float
    attempt: int = 1
    """Number of the run that gave the result."""

    @staticmethod
    def remembered(result: Result, now: float) -> Answered[Result]:
        """Return the record of a result that was known already."""
        return Answered(result, "cache", now, now, now)
