"""Decides which keys turn what stands in an editor into what should stand there: only the changed tail is rewritten."""

from __future__ import annotations

from dataclasses import dataclass

from clients.desktop.typeable import cluster_start, erasable_prefix


@dataclass(frozen=True, slots=True)
class Edit:
    """`erase` times BackSpace, then the characters of `insert`."""

    erase: int
    insert: str


class NotErasable(Exception):
    """The tail holds something of which nobody knows how many BackSpaces take it away."""


def edit(standing: str, wanted: str) -> Edit:
    """Return the least edit at the end of `standing` that makes it `wanted`. Raises NotErasable."""
    common = _common(standing, wanted)
    removed = standing[common:]
    if erasable_prefix(removed) != removed:
        raise NotErasable
    return Edit(len(removed), wanted[common:])


def _common(standing: str, wanted: str) -> int:
    """Return the length of the common beginning; it parts no character from its marks."""
    most = min(len(standing), len(wanted))
    common = next((place for place in range(most) if standing[place] != wanted[place]), most)
    if standing[common:]:
        # New characters must not join one that stays, and no mark of an erased character may stay.
        common = min(cluster_start(standing, common), cluster_start(wanted, common))
        common = cluster_start(standing, common)
    return common
