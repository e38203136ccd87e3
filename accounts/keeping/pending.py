"""Changes of one call that wait to be written: bounded by its participants; entries are bounded in writer.py."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from accounts.history.entry import Entry, Missing
from accounts.keeping.metered_usage import MeteredUsage
from storage.accounts.records import Call, CallParticipant


@dataclass(slots=True)
class PendingCall:
    """Changes of one call, each in its newest state."""

    session: str
    people: tuple[CallParticipant, ...] = ()
    call: Call | None = None
    withdrawn: dict[str, int | None] = field(default_factory=dict)
    """Participants whose words are to be deleted, before any entry is added. The time (Unix epoch ms) until which
    they were kept; None for all of them.
    """
    entries: list[Entry] = field(default_factory=list)
    missing: Missing | None = None
    usage: MeteredUsage = field(default_factory=MeteredUsage)
    accounts: set[str] = field(default_factory=set)
    """Users who have an account, or had one until it was deleted."""
    over: bool = False
    """True once the call has ended: nothing more is added."""
    has_key: bool = False
    """True once the session's data key was made by us."""
    unkeepable: bool = False
    """True while texts can't be kept: the session's data key is deleted, or none of our keys opens it."""
    _gone: set[str] = field(default_factory=set)
    """Participants whose account is deleted."""

    @property
    def waits(self) -> bool:
        """True if there is something to write."""
        return bool(self.withdrawn or self.left)

    @property
    def left(self) -> int:
        """Return the number of changes that wait, without deletions."""
        texts = len(self.entries) + (self.missing is not None)
        return texts + (self.call is not None) + self.usage.due

    def withdraw(self, participant: str, until: int | None = None) -> None:
        """Discard what the participant said, here and in the database; with `until` only what was kept until then."""
        if until is None:
            self.entries = [one for one in self.entries if one.source != participant]
            self.withdrawn[participant] = None
            return
        before = self.withdrawn.get(participant, until)
        self.withdrawn[participant] = None if before is None else max(before, until)

    def wrote_withdrawal(self, participant: str, until: int | None) -> None:
        """Remove a withdrawal that is done, unless a wider one has come meanwhile."""
        if participant in self.withdrawn and self.withdrawn[participant] == until:
            del self.withdrawn[participant]

    def found(self, accounts: set[str]) -> None:
        """Note who has an account now. The words of a deleted account are withdrawn, once, and ignored from then on."""
        gone = {one.participant for one in self.people if one.user in self.accounts - accounts}
        self.entries = [one for one in self.entries if one.source not in gone]
        self.withdrawn |= dict.fromkeys(gone - self._gone)
        self._gone |= gone
        self.accounts |= accounts

    def wrote_entries(self, written: Collection[Entry]) -> None:
        """Remove entries that are in the database."""
        done = set(written)
        self.entries = [one for one in self.entries if one not in done]

    def give_up(self) -> int:
        """Discard the next thing to be written, which can't be; return the number of entries that are lost.

        Deletions that wait stay. So do the metered totals, so that no usage is counted twice.
        """
        lost = 0
        if self.call is not None:
            self.call = None
        elif self.withdrawn:
            pass
        elif self.entries or self.missing is not None:
            lost, self.entries, self.missing = len(self.entries), [], None
        else:
            self.usage.due = False
        return lost

    def discard(self) -> int:
        """Discard all but the deletions that wait; return the number of entries that are lost."""
        lost = len(self.entries)
        self.call, self.entries, self.missing, self.usage.due = None, [], None, False
        return lost

    def miss(self, missing: Missing) -> None:
        """Add to what is missing."""
        self.missing = missing if self.missing is None else self.missing.joined(missing)
