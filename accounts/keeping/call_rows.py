"""Writes the rows of one call: the call first, then what is withdrawn, then its entries, then its usage."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from accounts.history.entry import Entry, Missing
from accounts.history.operator_keys import OperatorKeys, Unreadable
from accounts.history.sealing import seal
from accounts.keeping.pending import PendingCall
from accounts.keeping.retention import DAY_MS, kept_for_ms
from storage.accounts.ports import AccountStore
from storage.accounts.records import DataKey, User

log = logging.getLogger(__name__)

AT_ONCE = 32
"""Entries that are sealed in one go: the event loop has frames to send in between."""


@dataclass(frozen=True, slots=True)
class _DataKey:
    """A session's data key."""

    plain: bytes = field(repr=False)
    fresh: DataKey | None = None
    """The key, wrapped, if it is not in the database yet."""


class CallRows:
    """Rows of calls in the database. Each step removes what it wrote from the PendingCall, at once."""

    def __init__(self, store: AccountStore, keys: OperatorKeys, retention_days: int, now_ms: Callable[[], int]) -> None:
        self._store = store
        self._keys = keys
        self._retention_days = retention_days
        self._now_ms = now_ms
        self._lost = 0

    def take_lost(self) -> int:
        """Return the number of entries that could not be sealed since the last call of this method."""
        lost, self._lost = self._lost, 0
        return lost

    async def write(self, pending: PendingCall) -> None:
        """Write what waits, in the order that `PendingCall.give_up` knows. Raises Unavailable.

        Steps that were done before the error are not done again.
        """
        users = await self._look(pending)
        await self._write_call(pending)
        for participant, until in sorted(pending.withdrawn.items()):
            await self._store.histories.withdraw(pending.session, participant, until)
            pending.wrote_withdrawal(participant, until)
        if pending.missing is not None or pending.entries:
            await self._write_texts(pending, users)
        if pending.usage.due:
            await self._write_usage(pending, users)

    async def _look(self, pending: PendingCall) -> dict[str, User | None]:
        """Return the participants' accounts."""
        users = {one.user: await self._store.users.get(one.user) for one in pending.people}
        pending.found({user for user, found in users.items() if found is not None})
        return users

    async def _write_call(self, pending: PendingCall) -> None:
        call = pending.call
        if call is None:
            return
        if pending.accounts:  # deleted ones too: the call has an end
            await self._store.calls.save(call)
        if pending.call is call:
            pending.call = None

    async def _write_texts(self, pending: PendingCall, users: Mapping[str, User | None]) -> None:
        entries, missing = pending.entries[:AT_ONCE], pending.missing
        key = await self._data_key(pending)
        pending.unkeepable = key is None
        if key is not None:
            now = self._now_ms()
            expires = now + kept_for_ms(self._retention_days, users.values())
            texts: list[Entry | Missing] = [*entries, *([] if missing is None else [missing])]
            sealed = [seal(key.plain, pending.session, one, now, expires) for one in texts]
            if pending.session not in await self._store.histories.keep(sealed, key.fresh):
                return  # its key went meanwhile: the next turn looks again
            pending.has_key = True
            # An account that was deleted meanwhile: its words go at the next turn.
            await self._shorten((await self._look(pending)).values(), expires - now)
        else:
            self._lost += len(entries)
        pending.wrote_entries(entries)
        if pending.missing is missing:
            pending.missing = None

    async def _shorten(self, users: Iterable[User | None], kept_ms: int) -> None:
        """Let what was just kept, for `kept_ms`, follow a wish for fewer days that has come meanwhile."""
        for user in users:
            if user is not None and user.retention_days is not None and user.retention_days * DAY_MS < kept_ms:
                await self._store.histories.shorten(user.retention_days * DAY_MS, user.id)

    async def _data_key(self, pending: PendingCall) -> _DataKey | None:
        """Return the session's data key, or a fresh one; None where it is deleted, or where we can't open it."""
        if not self._keys:
            return None
        wrapped = await self._store.histories.key(pending.session)
        if wrapped is None:
            if pending.has_key and pending.accounts:
                return None  # deleted with an account
            fresh, plain = self._keys.new_data_key(pending.session)
            return _DataKey(plain, fresh)
        pending.has_key = True
        try:
            return _DataKey(self._keys.open(wrapped))
        except Unreadable as problem:
            if not pending.unkeepable:
                log.error("history can't be kept", extra={"session": pending.session, "reason": str(problem)})
            return None

    async def _write_usage(self, pending: PendingCall, users: Mapping[str, User | None]) -> None:
        usage, log_of_usage = pending.usage, self._store.usage
        if usage.needs_stored:
            usage.stored(await log_of_usage.of_session(pending.session))
        totals = dict(usage.metered)
        for user, used in usage.to_add().items():
            if users.get(user) is not None:
                await log_of_usage.add(pending.session, user, used)
        usage.wrote(totals)
