"""Usage of one call by user: the metered totals, and those that the database has. No second is counted twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from storage.accounts.records import Usage

NOTHING = Usage()


@dataclass(slots=True)
class MeteredUsage:
    """Totals since this process began to meter the call.

    An addition that failed may have reached the database all the same. So the database is asked before the next one.
    """

    metered: dict[str, Usage] = field(default_factory=dict)
    due: bool = False
    """True if more was metered than was written, and it is time to write."""
    _before: Mapping[str, Usage] | None = None
    """Stored before our first addition, by an earlier process."""
    _written: dict[str, Usage] = field(default_factory=dict)
    _certain: bool = False

    @property
    def needs_stored(self) -> bool:
        """True if `stored` must be called before `to_add`."""
        return not self._certain

    def stored(self, usage: Mapping[str, Usage]) -> None:
        """Take notice of what the database holds."""
        if self._before is None:
            self._before = dict(usage)
        self._written = {
            user: _left(usage.get(user, NOTHING), self._before.get(user, NOTHING)) for user in self.metered
        }
        self._certain = True

    def to_add(self) -> dict[str, Usage]:
        """Return what is to be added for each user, and believe nothing until `wrote` is called for all of it."""
        self._certain = False
        added = {user: _left(total, self._written.get(user, NOTHING)) for user, total in self.metered.items()}
        return {user: used for user, used in added.items() if used != NOTHING}

    def wrote(self, totals: Mapping[str, Usage]) -> None:
        """Note that these totals are in the database."""
        self._written = dict(totals)
        self._certain = True
        self.due = self.due and self.metered != totals


def _left(one: Usage, other: Usage) -> Usage:
    """Return `one` without `other`, and nothing below 0."""
    return Usage(
        max(0, one.heard_ms - other.heard_ms),
        max(0, one.spoken_ms - other.spoken_ms),
        max(0, one.characters - other.characters),
    )
