"""Roster of the nodes: decides which are alive, and which should get a new session. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from signaling.sessions.directory import Load

EVEN = 0.1
"""Difference of two loads, 0..1, up to which a session stays where its request came: handing it on costs a hop."""
MOST_DIGITS = 18
"""Digits of the longest time in ms."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Facts that a node tells of itself. `url`: its HTTP as other nodes reach it."""

    url: str
    load: Load

    def encoded(self) -> str:
        """Return them as they stand in Redis."""
        return json.dumps({"url": self.url, "share": round(self.load.share, 4), "room": self.load.has_room})

    @staticmethod
    def decoded(text: str) -> Facts | None:
        """Return the facts; None where there are none, as of a node that has left."""
        try:
            found: Any = json.loads(text)
            return Facts(str(found["url"]), Load(float(found["share"]), bool(found["room"])))
        except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
            return None


def seen_ms(text: str) -> int:
    """Return the time of Redis's clock with which the facts of a node begin; 0 where there is none."""
    first = text.partition(" ")[0]
    return int(first) if first.isdecimal() and len(first) <= MOST_DIGITS else 0


class Roster:
    """The other nodes that were alive when Redis was asked last, by their names."""

    def __init__(self, me: str, lease_ms: int, even: float = EVEN) -> None:
        """`even`: difference of two loads, 0..1, up to which a session stays here."""
        self._me = me
        self._lease_ms = lease_ms
        self._even = even
        self._over = False
        self.others: Mapping[str, Facts] = {}

    def __repr__(self) -> str:
        return f"<Roster of {self._me}: {', '.join(sorted(self.others)) or 'nobody else'}>"

    def take(self, now_ms: int, facts: Mapping[str, str]) -> None:
        """Take the facts of all nodes, at a time of Redis's clock."""
        found: dict[str, Facts] = {}
        for name, text in facts.items():
            known = Facts.decoded(text.partition(" ")[2])
            if name != self._me and known is not None and now_ms - seen_ms(text) < self._lease_ms:
                found[name] = known
        self.others = {} if self._over else found

    def part(self) -> None:
        """Take no other node to be there from now on: all of them end."""
        self._over, self.others = True, {}

    def sent(self, name: str, share: float) -> None:
        """Add a session, `share` of what a node may hold, to its load until it tells its own."""
        known = self.others[name]
        self.others = {**self.others, name: replace(known, load=replace(known.load, share=known.load.share + share))}

    def gone(self, now_ms: int, facts: Mapping[str, str], for_ms: int) -> list[str]:
        """Return the names of nodes that have given no sign of life for `for_ms`."""
        return [name for name, text in facts.items() if name != self._me and now_ms - seen_ms(text) > for_ms]

    def by_load(self) -> list[str]:
        """Return the nodes that take new sessions, the one with the least load first."""
        takes = [name for name, facts in self.others.items() if facts.load.has_room]
        return sorted(takes, key=lambda name: (self.others[name].load.share, name))

    def lighter(self, mine: Load) -> str | None:
        """Return the node that a new session should go to; None for this one."""
        best = next(iter(self.by_load()), None)
        if best is None or (mine.has_room and mine.share - self.others[best].load.share <= self._even):
            return None
        return best
