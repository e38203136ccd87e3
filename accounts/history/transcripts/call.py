"""The call that a transcript is of, as all formats need it; and texts made harmless for lines of a file."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from accounts.history.entry import Entry, Missing
from accounts.history.slices import in_slices
from wire.flags import places_of_tags
from wire.strict_json import JOINERS

LEAST_MS = 800
"""Shortest time for which a cue is shown: typed texts take no time, and some players skip a cue without any."""


@dataclass(frozen=True, slots=True)
class TranscribedCall:
    """The texts of a transcript, and the call's name and time."""

    session: str
    started_at: int
    """Unix epoch milliseconds."""
    entries: tuple[Entry, ...]
    """In the order of speech."""
    missing: tuple[Missing, ...] = ()


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines that are shown together."""

    start_ms: int
    end_ms: int
    name: str
    """Speaker; empty for a remark of ours."""
    lines: tuple[str, ...]
    """Text of the speaker, and its translation if that is another text; each is one line, and none is empty."""


def cues(call: TranscribedCall) -> list[Cue]:
    """Return the cues of a call in the order of speech, what is missing among them."""
    found = [
        Cue(one.start_ms, max(one.end_ms, one.start_ms + LEAST_MS), one_line(one.name) or one.source, _lines(one))
        for one in in_slices(call.entries)
    ]
    found += [
        Cue(one.start_ms, max(one.end_ms, one.start_ms + LEAST_MS), "", (f"[{one.entries} not kept]",))
        for one in call.missing
    ]
    return sorted((one for one in found if one.lines), key=lambda one: (one.start_ms, one.end_ms))


def one_line(text: str) -> str:
    """Return a text without line ends, control characters and characters that reverse the text around them."""
    blanks = " ".join(text.split())
    shown = places_of_tags(blanks)
    return "".join(char for place, char in enumerate(blanks) if place in shown or not _hidden(char))


def clock(milliseconds: int, mark: str) -> str:
    """Return `HH:MM:SS` and, behind `mark`, milliseconds. Hours may have more than two digits."""
    seconds, rest = divmod(max(0, milliseconds), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{mark}{rest:03d}"


def _lines(entry: Entry) -> tuple[str, ...]:
    original, translated = one_line(entry.original), one_line(entry.translated)
    return tuple(line for line in dict.fromkeys((original, translated)) if line)


def _hidden(char: str) -> bool:
    return char not in JOINERS and unicodedata.category(char) in ("Cc", "Cf", "Cs")
