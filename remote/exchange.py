"""Exchange of jobs for answers by way of Redis: what is asked, moved up, taken back, asked again, and answered.

A job is done at least once, and its first answer counts. Jobs whose workers are gone are asked again, and so are those
that Redis may have lost while it was away.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NoReturn

from pipeline.engines.entry import Kind
from pipeline.errors import EngineError, LaneBusy
from pipeline.lanes.job_answers import JobAnswers, Queued
from pipeline.owned_tasks import OwnedTasks
from remote.answer import RemoteAnswer
from remote.ask import Ask
from remote.codec import Unreadable, encode
from remote.connection import AWAY, BLOCK_MS, connect, in_words
from remote.job_scripts import JobScripts
from remote.keys import Keys
from remote.roster import Roster

MOST_NAMES = 256
"""Names of workers in figures: a worker says its own, and may lie. Further ones are counted as `OTHERS`."""
OTHERS = "others"
LOOK_S = 0.5
"""Time between two looks at who is there."""

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Given:
    """A job that is with the workers, or waits for them."""

    queued: Queued
    offer: str = ""
    """Those who have it; empty while nobody has."""
    stream: str = ""
    entry: bytes = b""

    @property
    def waits(self) -> bool:
        """True while somebody waits for its answer."""
        return not self.queued.answer.done()

    @property
    def given_up(self) -> bool:
        """True if nobody waits any more, and there was no answer."""
        return self.queued.answer.cancelled()


class Exchange:
    """Jobs of one lane. `holds`: finals wait while Redis or all workers are away, else they fail at once."""

    def __init__(self, kind: Kind, url: str, answers: JobAnswers, *, name: str, holds: bool, bound: int) -> None:
        self.roster = Roster()
        self.by_worker: Counter[str] = Counter()
        self.away: str | None = "Redis was not reached yet"
        """The reason why Redis can't be had, or None."""
        self.changed = asyncio.Event()
        """Set at each look."""
        self._kind, self._answers, self._name = kind, answers, name
        self.holds, self._bound = holds, bound
        self._keys = Keys(kind)
        self._asker = secrets.token_hex(8)
        self._redis = connect(url)
        self._scripts = JobScripts(self._redis, self._keys)
        self._given: dict[str, Given] = {}
        self._tasks = OwnedTasks()
        self._open = False

    async def open(self) -> None:
        """Begin to look for workers, and to listen for answers."""
        await self._tasks.__aenter__()
        self._open = True
        self._tasks.start(self._look())
        self._tasks.start(self._listen())

    async def close(self) -> None:
        """Give up every job, and leave nothing in Redis but what workers have in hand."""
        self._open = False
        self.changed.set()
        self._fail_all("the lane is closed")
        try:
            await self._tasks.__aexit__(None, None, None)
        finally:
            with suppress(*AWAY):
                await self._redis.delete(self._keys.answers(self._asker))
            await self._redis.aclose()

    @property
    def fault(self) -> str | None:
        """The reason why no worker can be had at present, or None."""
        if not self._open:
            return "the lane is not open"
        return self.away or (None if self.roster.workers else f"no worker of {self._kind} is there")

    @property
    def is_open(self) -> bool:
        """True until it is closed."""
        return self._open

    def given(self) -> tuple[Given, ...]:
        """Return the jobs without an answer."""
        return tuple(self._given.values())

    def _jobs_of(self, offer: str) -> int:
        return sum(given.offer == offer for given in self._given.values())

    # a job

    async def give(self, given: Given) -> None:
        """Give a job to the workers; it waits while there are none, if the exchange holds it.

        Raises `LaneBusy` for an interim too many, and `EngineError` if nobody can do the job.
        """
        self._given[given.queued.envelope.id] = given
        await self._ask(given)

    async def _ask(self, given: Given) -> None:
        envelope, urgent = given.queued.envelope, given.queued.urgent
        if self.fault is not None:
            return
        offer = self.roster.choose(envelope.job, self._jobs_of)
        if offer is None:
            raise EngineError(f"{self._name}: no worker can do this job", job=envelope.id)
        ask = Ask.of(envelope, self._asker, _now())
        most = 0 if urgent else self._bound * self.roster.workers[offer]
        given.offer, given.stream = offer, self._keys.jobs(offer, urgent=urgent)
        try:
            entry = await self._scripts.ask(ask, encode(envelope.job), given.stream, most=most)
        except AWAY as error:
            self._lose(error)
            return
        if entry is None:
            self._answers.counters.refused += 1
            raise LaneBusy(f"{most} interims are waiting for {self._name}")
        given.entry = entry

    def move_up(self, given: Given) -> None:
        """Let an interim be a final from now on."""
        if self._open and not given.queued.urgent:
            given.queued.urgent = True
            self._tasks.start(self._move_up(given))

    async def _move_up(self, given: Given) -> None:
        if not given.entry:
            return  # it is asked for as a final when it can be
        finals = self._keys.jobs(given.offer, urgent=True)
        with suppress(*AWAY):
            ask = Ask.of(given.queued.envelope, self._asker, _now())
            if (moved := await self._scripts.promote(ask, given.stream, given.entry, finals)) is not None:
                given.stream, given.entry = finals, moved

    def leave(self, given: Given) -> None:
        """Forget a job. Without an answer, it is taken out of Redis."""
        self._given.pop(given.queued.envelope.id, None)
        if given.waits or given.given_up:
            self.take_back(given)

    def take_back(self, given: Given) -> None:
        """Take a job out of Redis. A worker that has it in hand goes on."""
        if given.entry and self._open and self.away is None:
            self._tasks.start(self._withdraw(given.queued.envelope.id, given.stream, given.entry))
        given.offer, given.entry = "", b""

    async def _withdraw(self, job: str, stream: str, entry: bytes) -> None:
        with suppress(*AWAY):  # it runs in vain then, or is dropped at its deadline
            await self._scripts.withdraw(job, stream, entry)

    # Redis and the workers

    async def _look(self) -> NoReturn:
        """Look who is there, again and again, and ask again for jobs that nobody has."""
        while True:
            try:
                await self.roster.refresh(self._redis, self._keys)
                await self._ask_again(lost=self.away is not None)
            except AWAY as error:
                self._lose(error)
            self.changed.set()
            await asyncio.sleep(LOOK_S)

    async def _ask_again(self, *, lost: bool) -> None:
        if lost:
            log.info("%s: Redis is there", self._name)
            self.away = None
        if not self.holds and not self.roster.workers:
            self._fail_all(f"no worker of {self._kind} is there")
        for given in self.given():
            gone = given.offer not in self.roster.workers
            if not given.waits or not (lost or gone) or not self.roster.workers:
                continue
            if not lost and given.offer and self.roster.choose(given.queued.envelope.job, self._jobs_of) is None:
                continue  # those who had it may come back
            if given.entry:
                await self._scripts.withdraw(given.queued.envelope.id, given.stream, given.entry)
            given.offer, given.entry = "", b""
            try:
                await self._ask(given)
            except EngineError as error:
                self._answers.never_ran(given.queued, str(error))

    def _lose(self, error: BaseException) -> None:
        """Note that Redis is away. Jobs that are not held fail now, and all interims."""
        if self.away is None:
            log.error("%s: Redis is away: %s", self._name, in_words(error))
        self.away = f"Redis is away: {in_words(error)}"
        for given in self.given():
            if given.waits and not (given.queued.urgent and self.holds):
                self._answers.never_ran(given.queued, self.away)

    def _fail_all(self, reason: str) -> None:
        for given in self.given():
            if given.waits:
                self._answers.never_ran(given.queued, reason)

    async def _listen(self) -> NoReturn:
        """Read answers as they come."""
        key, last = self._keys.answers(self._asker), b"0"
        while True:
            try:
                for _, entries in await self._redis.xread({key: last}, count=64, block=BLOCK_MS):
                    for _, fields in entries:
                        self._answer(fields)
                    last = entries[-1][0]
                    await self._redis.xdel(key, *(entry for entry, _ in entries))
            except AWAY as error:
                self._lose(error)
                last = b"0"  # it may be another Redis when it is back
                await asyncio.sleep(LOOK_S / 2)

    def _answer(self, fields: dict[bytes, bytes]) -> None:
        try:
            answer = RemoteAnswer.of_fields(self._kind, fields)
        except Unreadable as error:
            log.error("%s: an answer can't be read: %s", self._name, error)
            return
        given = self._given.get(answer.job)
        if given is None or not given.waits:
            return  # answered before, or given up
        named = answer.worker in self.by_worker or len(self.by_worker) < MOST_NAMES
        self.by_worker[answer.worker if named else OTHERS] += 1
        self._answers.counters.busy_s += answer.ran_ms / 1000
        given.queued.envelope = replace(given.queued.envelope, attempt=answer.attempt)
        self._answers.finish(given.queued, answer.answer, _now() - answer.ran_ms / 1000)


def _now() -> float:
    return asyncio.get_running_loop().time()
