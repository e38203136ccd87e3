"""The one coroutine that awaits the recogniser: runs the pass that the machine wants, and does its actions."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pipeline.errors import EngineError, LaneBusy
from pipeline.lanes.lane import Lane
from pipeline.recognition.actions import Action
from pipeline.recognition.machine import Machine
from pipeline.speech import Transcribe, Transcript
from pipeline.timings import StepName, TimedStep, Timings
from pipeline.types import Clock, Notify

log = logging.getLogger(__name__)


class RecognitionLoop:
    """Runs a machine on a lane. Works while `run` does.

    A transcript that the machine cannot take in counts as a pass that failed.
    """

    def __init__(
        self,
        machine: Machine,
        lane: Lane[Transcribe, Transcript],
        *,
        timeout_s: float,
        now: Clock,
        timings: Timings,
    ) -> None:
        """`timings` are told of each pass."""
        self._machine = machine
        self._lane = lane
        self._timeout_s = timeout_s
        self._now = now
        self._timings = timings
        self._changed = asyncio.Event()
        self._busy = False

    def wake(self) -> None:
        """Look at the machine again: a silence, an end, an interim that is due."""
        self._changed.set()

    @property
    def behind(self) -> bool:
        """True if there is work to do, or in hand."""
        return self._machine.over or self._changed.is_set() or self._busy

    async def run(self, sink: Callable[[Action], Awaitable[None]], progress: Notify) -> None:
        """Recognise until cancelled. Each action goes to `sink` in order; `progress` is called after each round."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            self._busy = True
            while (actions := await self._next()) is not None:
                for action in actions:
                    await sink(action)
            self._busy = False
            progress()

    async def _next(self) -> list[Action] | None:
        """Return the next actions: those that are due, or else what becomes of the pass that is wanted. None: wait."""
        if actions := self._machine.due(self._now()):
            return actions
        wanted = self._machine.next_pass(self._now())
        if wanted is None:
            return None
        step = TimedStep(self._timings, self._now, StepName.PASS, wanted.kind)
        try:
            with self._timings.naming(wanted.utterance), step:
                transcript = await self._lane.do(wanted.job, timeout=self._timeout_s, urgent=wanted.urgent)
        except LaneBusy:
            return self._machine.refused(wanted, step.ended_at)
        except EngineError as error:
            return self._machine.failed(wanted, error)
        try:
            return self._machine.result(wanted, transcript, step.ended_at)
        except Exception as error:  # the boundary around a text that nobody vouches for
            log.exception("a transcript could not be taken in")
            return self._machine.failed(wanted, EngineError(f"its transcript could not be taken in: {error!r}"))
