"""Finds the words that the same voice said just before what a pass hears. Pure.

A window begins behind words that are final, where a sentence may go on: "… or 9 to decrease your volume", and then "or
8 for more options". Heard alone, a number there is a word that sounds like it: "to lock", "or aid". A recogniser that
was trained with the text before its window hears "2 to lock" and "or 8".
"""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.recognition.continuation import WITHIN_MS
from pipeline.recognition.utterance import Utterance
from pipeline.text.language import same
from pipeline.text.segmenter import joined, unspaced

LONGEST = 240
"""Characters of the words that are given with a pass."""


@dataclass(frozen=True, slots=True)
class Said:
    """The last words of a speaker's utterance."""

    text: str
    language: str
    end_ms: int
    """Media time at which its last voice ended."""


def said(utterance: Utterance, text: str) -> Said | None:
    """Return what an utterance with this final text leaves for the next one, or None. Typed text was not said."""
    if not text or utterance.text is not None:
        return None
    return Said(_last(text, utterance.language), utterance.language, utterance.end_ms)


def said_before(utterance: Utterance, last: Said | None) -> str:
    """Return the words of the utterance before, or none if they were said long ago, or in another language."""
    if last is None or not same(utterance.language, last.language):
        return ""
    return last.text if utterance.start_ms - last.end_ms <= WITHIN_MS else ""


def words_before(earlier: str, final: str, language: str) -> str:
    """Return the end of what was said: words of the utterance before, and final text of this one."""
    return _last(joined((earlier.strip(), final.strip()), language), language)


def _last(text: str, language: str) -> str:
    """Return the end of a text, from the beginning of a word on."""
    if len(text) <= LONGEST:
        return text
    cut = text[-LONGEST:]
    return cut if unspaced(language) else cut.partition(" ")[2]
