"""The call that a transcript is of, as all formats need it; and texts made harmless for lines of a file."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from accounts.history.entry import Entry, Missing
from accounts.history.slices import in_slices
from wire.flags import places_of_tags
from wire.strict_json import JOINERS

LEAST_MS = 800
"""Shortest time for which a cue is shown: typed texts take no time, and some players skip a cue without any."""
LONGEST_MS = 7_000
"""Longest time of a cue that joins the pieces of a sentence: a usual bound of subtitles."""
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
"""Characters of scripts that write no space between words."""


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


def cues(call: TranscribedCall, longest_ms: int | None = LONGEST_MS) -> list[Cue]:
    """Return the cues of a call in the order of speech, what is missing among them.

    Pieces of one sentence are one cue, if that lasts no longer than `longest_ms`. None: however long it lasts.
    """
    found = [_cue(pieces) for pieces in in_slices(_sentences(in_slices(call.entries), longest_ms))]
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


def _sentences(entries: Iterable[Entry], longest_ms: int | None) -> Iterator[list[Entry]]:
    """Yield the pieces of each sentence, as they are shown together."""
    found: list[list[Entry]] = []
    last: dict[tuple[str, str], list[Entry]] = {}
    for one in entries:
        pieces = last.get((one.source, one.target))
        if pieces is not None and _goes_on(pieces, one, longest_ms):
            pieces.append(one)
        else:
            last[one.source, one.target] = [one]
            found.append(last[one.source, one.target])
    yield from found


def _goes_on(pieces: list[Entry], one: Entry, longest_ms: int | None) -> bool:
    short = longest_ms is None or one.end_ms - pieces[0].start_ms <= longest_ms
    return one.continues == pieces[-1].utterance and short


def _cue(pieces: list[Entry]) -> Cue:
    first, end_ms = pieces[0], max(one.end_ms for one in pieces)
    lines = (_joined(one.original for one in pieces), _joined(one.translated for one in pieces))
    shown = tuple(line for line in dict.fromkeys(lines) if line)
    return Cue(first.start_ms, max(end_ms, first.start_ms + LEAST_MS), one_line(first.name) or first.source, shown)


def _joined(texts: Iterable[str]) -> str:
    """Return texts as one line, with a space between two where their script writes one."""
    line = ""
    for text in map(one_line, texts):
        apart = bool(line and text) and not (_UNSPACED.match(line[-1]) and _UNSPACED.match(text[0]))
        line += " " + text if apart else text
    return line


def _hidden(char: str) -> bool:
    return char not in JOINERS and unicodedata.category(char) in ("Cc", "Cf", "Cs")
