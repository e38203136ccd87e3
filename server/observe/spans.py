"""Spans of traces as plain data, and the ids by which whoever knows an utterance's name finds its trace."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

Attribute: TypeAlias = str | int | float | bool | Sequence[str]


@dataclass(frozen=True, slots=True)
class TraceIds:
    """Ids of an utterance's trace."""

    trace: int
    """128 bits."""
    root: int
    """64 bits: the span that all others are part of."""

    @staticmethod
    def of(session: str, utterance: str) -> TraceIds:
        """Return the ids of an utterance's trace. They are a digest: every part of a server knows them at once."""
        digest = hashlib.blake2b(f"{session}\0{utterance}".encode(), digest_size=24).digest()
        return TraceIds(int.from_bytes(digest[:16], "big"), int.from_bytes(digest[16:], "big"))

    @property
    def name(self) -> str:
        """The trace's id as logs and W3C Trace Context write it: 32 hexadecimal digits."""
        return f"{self.trace:032x}"


@dataclass(frozen=True, slots=True)
class Span:
    """A span that is over. Its times are nanoseconds since 1970."""

    name: str
    trace: int
    span: int
    parent: int | None
    """None: the root of its trace."""
    began_ns: int
    ended_ns: int
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    failed: bool = False
