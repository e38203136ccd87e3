"""Writes what takes place in calls to the accounts' database, one call after another, in one task.

Nobody waits for it. While the database fails or is slow, `trouble` is true: words said meanwhile are not kept, and
every call is notified. Words said before are written once the database is back.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

from accounts.history.entry import Entry, Missing
from accounts.history.operator_keys import OperatorKeys
from accounts.keeping.call_rows import CallRows
from accounts.keeping.pending import PendingCall
from storage.accounts.ports import AccountStore, Unavailable
from storage.accounts.records import Call, CallParticipant, Usage

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WriterOptions:
    """Options of the writer."""

    slow_s: float = 2.0
    """Time of one write after which the database is in trouble."""
    again_s: float = 1.0
    """Time between two attempts while it is."""
    most_entries: int = 5000
    """Entries of all calls that wait; more are lost, and counted."""
    most_calls: int = 2000
    """Ended calls that wait; more are lost, but for what is to be deleted."""


class CallWriter:
    """Line of calls to be written. All methods but `run` and `finish` are plain calls, and never raise."""

    def __init__(
        self,
        store: AccountStore,
        keys: OperatorKeys,
        retention_days: int,
        now_ms: Callable[[], int],
        options: WriterOptions | None = None,
    ) -> None:
        """`now_ms` returns Unix epoch milliseconds."""
        self.trouble = False
        """True from a write that failed or was slow until one that succeeded."""
        self.lost = 0
        """Entries that were said while all consented, and that were not kept."""
        self._store = store
        self._rows = CallRows(store, keys, retention_days, now_ms)
        self._options = options or WriterOptions()
        self._calls: dict[str, PendingCall] = {}
        self._watchers: dict[str, Callable[[], None]] = {}
        self._wake = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    def __repr__(self) -> str:
        return f"<CallWriter {len(self._calls)} calls, {self.waiting} entries wait, trouble={self.trouble}>"

    @property
    def waiting(self) -> int:
        """The number of entries that wait."""
        return sum(len(one.entries) for one in self._calls.values())

    @property
    def _left(self) -> int:
        """Return how much waits."""
        return sum(one.left + len(one.withdrawn) for one in self._calls.values())

    def keeps(self, session: str) -> bool:
        """True while what is said in a session can be kept."""
        pending = self._calls.get(session)
        return not self.trouble and (pending is None or not pending.unkeepable)

    def watch(self, session: str, changed: Callable[[], None]) -> None:
        """Call `changed` whenever `keeps` changes, until `unwatch`."""
        self._watchers[session] = changed

    def unwatch(self, session: str) -> None:
        self._watchers.pop(session, None)
        pending = self._calls.get(session)
        if pending is not None:
            self._end_without_call(pending)

    def keep(self, session: str, people: tuple[CallParticipant, ...], entry: Entry) -> None:
        """Keep an entry of a history."""
        if self.trouble or self.waiting >= self._options.most_entries:
            self.miss(session, people, Missing(entry.start_ms, entry.end_ms, 1))
            return
        self._pending(session, people).entries.append(entry)
        self._changed()

    def miss(self, session: str, people: tuple[CallParticipant, ...], missing: Missing) -> None:
        """Note that entries of a history are lost."""
        self.lost += missing.entries
        self._pending(session, people).miss(missing)
        self._changed()

    def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        """Delete what the participant said in a session; with `until` (Unix epoch ms) what was kept until then."""
        pending = self._pending(session, ())
        pending.withdraw(participant, until)
        self._end_without_call(pending)
        self._changed()

    def save(self, call: Call) -> None:
        """Write a call. It is over once it has an end."""
        pending = self._pending(call.session, call.participants)
        pending.call = call
        pending.over = call.ended_at is not None
        self._discard_oldest()
        self._changed()

    def use(self, session: str, people: tuple[CallParticipant, ...], totals: dict[str, Usage]) -> None:
        """Write what each user has used in a session since this process began to meter it."""
        usage = self._pending(session, people).usage
        usage.metered = dict(totals)
        usage.due = True
        self._changed()

    async def run(self) -> None:
        """Write until cancelled. Never fails."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            while waiting := [one for one in self._calls.values() if one.waits]:
                if not all([await self._write(one) for one in waiting]):
                    await asyncio.sleep(self._options.again_s)
            self._idle.set()

    async def flush(self, timeout: float) -> bool:
        """Wait until everything is written, for at most `timeout` seconds. False if it is not."""
        try:
            async with asyncio.timeout(timeout):
                await self._idle.wait()
        except TimeoutError:
            return False
        return True

    async def finish(self, timeout: float, longest: float = math.inf) -> None:
        """Wait for the last time while something is written in each `timeout` seconds, for at most `longest` seconds.

        Entries that are lost are counted.
        """
        give_up_at = asyncio.get_running_loop().time() + longest
        left = self._left
        while not await self.flush(min(timeout, give_up_at - asyncio.get_running_loop().time())):
            before, left = left, self._left
            if left >= before or asyncio.get_running_loop().time() >= give_up_at:
                self.lost += self.waiting
                log.error("records of calls are lost", extra={"calls": len(self._calls), "entries": self.waiting})
                return

    async def _write(self, pending: PendingCall) -> bool:
        """Write what waits of one call. False where the database can't."""
        unkeepable = pending.unkeepable
        slow = asyncio.get_running_loop().call_later(self._options.slow_s, self._set_trouble, True)
        try:
            await self._rows.write(pending)
        except Unavailable:
            self._set_trouble(True)
            return False
        except Exception as error:  # noqa: BLE001 - the boundary between one call's rows and all others
            # The text of the error may hold rows.
            extra = {"session": pending.session, "error": type(error).__name__, "entries": len(pending.entries)}
            log.error("the records of a call can't be written", extra=extra)
            self.lost += pending.give_up()
            self._forget_if_done(pending)
            return not pending.withdrawn  # or it would be tried without a pause
        finally:
            slow.cancel()
            if pending.unkeepable != unkeepable:
                self._notify(pending.session)
        self.lost += self._rows.take_lost()
        self._set_trouble(False)
        self._forget_if_done(pending)
        return True

    def _set_trouble(self, trouble: bool) -> None:
        if trouble == self.trouble:
            return
        self.trouble = trouble
        if trouble:
            log.error("the accounts' database does not answer: histories are off")
        else:
            log.info("the accounts' database answers again")
        for session in list(self._watchers):
            self._notify(session)

    def _notify(self, session: str) -> None:
        changed = self._watchers.get(session)
        if changed is None:
            return
        try:
            changed()
        except Exception:  # the boundary between the database and one session
            log.exception("a session could not be notified", extra={"session": session})

    def _pending(self, session: str, people: tuple[CallParticipant, ...]) -> PendingCall:
        pending = self._calls.get(session)
        if pending is None:
            pending = self._calls[session] = PendingCall(session)
        if people:
            pending.people = people
            pending.over = False  # only of a call that runs
        return pending

    def _discard_oldest(self) -> None:
        """Keep the number of ended calls bounded while the database is away. No deletion that waits is lost."""
        ended = [one for one in self._calls.values() if one.over and one.left]
        if len(ended) > self._options.most_calls:
            self.lost += ended[0].discard()
            self._forget_if_done(ended[0])
            log.error("records of a call are lost", extra={"session": ended[0].session})

    def _end_without_call(self, pending: PendingCall) -> None:
        """Expect nothing more of a session that is not live here, or never was a call, but had words withdrawn."""
        if not pending.people and pending.session not in self._watchers:
            pending.over = True
            self._forget_if_done(pending)

    def _forget_if_done(self, pending: PendingCall) -> None:
        if pending.over and not pending.waits and self._calls.get(pending.session) is pending:
            del self._calls[pending.session]

    def _changed(self) -> None:
        self._idle.clear()
        self._wake.set()
