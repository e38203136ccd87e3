"""Answers of one lane's jobs: each goes to the caller that waits for it, and is counted and timed."""

from __future__ import annotations

import asyncio
from typing import Any, TypeAlias

from pipeline.errors import EngineError
from pipeline.lanes.envelope import Answered
from pipeline.lanes.lane import LaneCounters
from pipeline.lanes.pipe_messages import Answer, JobFailed
from pipeline.lanes.queue import QueuedJob
from pipeline.timings import JobTimed, Result, Timings

Queued: TypeAlias = QueuedJob[asyncio.Future[Answered[Any]]]


class JobAnswers:
    """Gives the jobs of the lane `name` their answers."""

    def __init__(self, name: str) -> None:
        self.counters = LaneCounters()
        self._name = name
        self._timings, self._stage = Timings(), ""

    def tell_times(self, timings: Timings, stage: str) -> None:
        """Tell `timings` of each run from now on, as one of `stage`."""
        self._timings, self._stage = timings, stage

    def finish(self, queued: Queued, answer: Answer, started_at: float) -> None:
        """Give a job what its engine has answered, in a run that began at `started_at`."""
        if isinstance(answer, JobFailed):
            self.ran_in_vain(queued, started_at)
            self.fail(queued, answer.reason)
            return
        self.counters.jobs += 1
        now, wanted = _now(), not queued.answer.done()  # unless its caller was cancelled
        self._tell(queued, started_at, now, Result.DONE if wanted else Result.GIVEN_UP)
        if wanted:
            times = queued.queued_at, started_at, now
            queued.answer.set_result(Answered(answer.result, self._name, *times, queued.envelope.attempt))

    def ran_in_vain(self, queued: Queued, started_at: float) -> None:
        """Tell of a run that failed. The job may have another."""
        self._tell(queued, started_at, _now(), Result.FAILED)

    def never_ran(self, queued: Queued, reason: str | None) -> None:
        """Fail a job that no engine was given."""
        self._tell(queued, None, _now(), Result.FAILED)
        self.fail(queued, reason)

    def withdrawn(self, queued: Queued) -> None:
        """Tell of a job that was taken out of the queue: nobody waits for it any more."""
        self._tell(queued, None, _now(), Result.GIVEN_UP)

    def fail(self, queued: Queued, reason: str | None, kind: type[EngineError] = EngineError) -> None:
        """Give a job its failure."""
        self.counters.jobs += 1
        self.counters.failures += 1
        if not queued.answer.done():
            queued.answer.set_exception(kind(f"{self._name}: {reason}", job=queued.envelope.id))

    def _tell(self, queued: Queued, started_at: float | None, now: float, result: Result) -> None:
        envelope = queued.envelope
        timing = JobTimed(self._stage, self._name, queued.queued_at, started_at, now, envelope.attempt, result)
        self._timings.tell(envelope.context, timing)


def _now() -> float:
    return asyncio.get_running_loop().time()
