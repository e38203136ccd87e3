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


def words_before(earlier: str, final: str, inside: str, behind: str, language: str) -> str:
    """Return the words before what a pass hears.

    `earlier`: words of the utterance before. `final`: final text of this one, of which the words `inside` are in the
    window. `behind`: words at the beginning of the window that the pass does not hear.
    """
    parts = (earlier.strip(), _without(final, inside.strip()).strip(), behind.strip())
    return _last(joined(parts, language), language)


def _without(final: str, inside: str) -> str:
    """Return a final text without the words at its end that are inside the window."""
    if final.endswith(inside):
        return final[: len(final) - len(inside)]
    words = final[: max(0, len(final) - len(inside))].rsplit(None, 1)
    return words[0] if len(words) == 2 else ""


def _last(text: str, language: str) -> str:
    """Return the end of a text, from the beginning of a word on."""
    if len(text) <= LONGEST:
        return text
    cut = text[-LONGEST:]
    return cut if unspaced(language) else cut.partition(" ")[2]
