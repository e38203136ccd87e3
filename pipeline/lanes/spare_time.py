"""Lends a lane's idle moments: a job is handed over only while no call has one there, and one at a time."""

from __future__ import annotations

import asyncio
from typing import Any, Generic, Protocol, TypeVar

from pipeline.errors import LaneBusy
from pipeline.lanes.lane import LaneReadings
from pipeline.lanes.queue import Priority

Job_contra = TypeVar("Job_contra", contravariant=True)
Result_co = TypeVar("Result_co", covariant=True)
Job = TypeVar("Job")
Result = TypeVar("Result")

LOOK_EVERY_S = 0.02
"""Time between two looks at a lane that has work."""


class DoesJobs(Protocol[Job_contra, Result_co]):
    """One method of `Lane`, for those who need no other."""

    async def do(
        self, job: Job_contra, *, timeout: float | None = None, urgent: bool | Priority = True
    ) -> Result_co: ...


class BusyOrIdle(DoesJobs[Job_contra, Result_co], Protocol[Job_contra, Result_co]):
    """A lane as far as it is needed here."""

    def readings(self) -> LaneReadings: ...


class SpareTime(Generic[Job, Result]):
    """A lane for whoever may wait. A call's job waits for at most one job of these: the one that an engine has in hand.

    `patience_s`: time that a job waits for the lane to be idle.
    """

    def __init__(self, lane: BusyOrIdle[Job, Result], patience_s: float = 30.0) -> None:
        self._lane = lane
        self._patience_s = patience_s
        self._turn = asyncio.Lock()

    async def do(self, job: Job, *, timeout: float | None = None, urgent: Any = False) -> Result:
        """Return the engine's result. `urgent` is not heeded. Raises LaneBusy after the patience, or EngineError."""
        try:
            async with asyncio.timeout(self._patience_s):
                await self._turn.acquire()
        except TimeoutError:
            raise LaneBusy("others wait for spare time, too") from None
        try:
            await self._idle()
            return await self._lane.do(job, timeout=timeout, urgent=False)
        finally:
            self._turn.release()

    async def _idle(self) -> None:
        """Return once the lane has nothing to do; nothing is awaited between that and the handing over."""
        deadline = asyncio.get_running_loop().time() + self._patience_s
        while (now := self._lane.readings()).waiting or now.running:
            if asyncio.get_running_loop().time() >= deadline:
                raise LaneBusy("calls leave no spare time")
            await asyncio.sleep(LOOK_EVERY_S)
