"""Entries of a history, and their JSON: final translations with their media times, and what is missing."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Entry:
    """A final translation of a call. Lengths and places count UTF-16 code units."""

    utterance: str
    segment: int
    source: str
    """Participant id of the speaker."""
    target: str
    """Participant id of the listener."""
    original: str
    source_start: int
    source_end: int
    translated: str
    """Equal to `original` where speaker and listener speak the same language, and where `held` says so."""
    source_language: str
    target_language: str
    revision: int
    timestamp: int
    """Unix epoch milliseconds of the message."""
    latency: int
    """Milliseconds from the segment's last voiced frame to the message."""
    start_ms: int
    """Media time since the session's start."""
    end_ms: int
    continues: str | None = None
    """The utterance of the segment before it, whose sentence this one goes on."""
    held: str | None = None
    unsure: tuple[str, ...] = ()
    name: str = ""
    """Display name of the speaker: it goes with what they said."""

    def as_json(self, session: str) -> dict[str, object]:
        """Return the fields of the final `translation` message, with `startMs` and `endMs` (docs/protocol.md)."""
        fields: dict[str, object] = {
            "sessionId": session,
            "utteranceId": self.utterance,
            "segment": self.segment,
            "revision": self.revision,
            "final": True,
            "sourceUserId": self.source,
            "targetUserId": self.target,
            "originalText": self.original,
            "sourceStart": self.source_start,
            "sourceEnd": self.source_end,
            "translatedText": self.translated,
            "sourceLanguage": self.source_language,
            "targetLanguage": self.target_language,
            "timestamp": self.timestamp,
            "latency": self.latency,
            "startMs": self.start_ms,
            "endMs": self.end_ms,
        }
        if self.continues is not None:
            fields["continues"] = self.continues
        if self.held is not None:
            fields["held"] = self.held
        if self.unsure:
            fields["unsure"] = list(self.unsure)
        return fields


@dataclass(frozen=True, slots=True)
class Missing:
    """Entries that were said while all consented, and that could not be kept."""

    start_ms: int
    """Media time since the session's start of the first of them."""
    end_ms: int
    entries: int

    def as_json(self) -> dict[str, object]:
        """Return `{startMs, endMs, entries}`."""
        return {"startMs": self.start_ms, "endMs": self.end_ms, "entries": self.entries}

    def joined(self, other: Missing) -> Missing:
        """Return both as one."""
        start, end = min(self.start_ms, other.start_ms), max(self.end_ms, other.end_ms)
        return Missing(start, end, self.entries + other.entries)


Kept: TypeAlias = Entry | Missing


def encode(kept: Kept) -> bytes:
    """Return the JSON that is sealed, without fields that say nothing: an older server reads what it knows."""
    kind = "missing" if isinstance(kept, Missing) else "entry"
    fields = {name: value for name, value in asdict(kept).items() if value is not None}
    return json.dumps({"kind": kind, **fields}, ensure_ascii=False, separators=(",", ":")).encode()


def decode(data: bytes) -> Kept:
    """Return what `encode` wrote. Raises ValueError for anything else."""
    try:
        fields: dict[str, Any] = json.loads(data)
        kind = fields.pop("kind")
        if kind == "missing":
            return Missing(**fields)
        if kind != "entry":
            raise ValueError(kind)
        return Entry(**{**fields, "unsure": tuple(fields["unsure"])})
    except (AttributeError, KeyError, TypeError, ValueError) as problem:
        raise ValueError("not an entry") from problem
