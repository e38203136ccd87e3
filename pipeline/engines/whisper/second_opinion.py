"""Decides whether the text of a shortened window needs a second opinion: a pass over the window padded to 30 s.

A decoder that misses the end of what was said goes round in circles. It is known by the signs by which Whisper falls
back to other temperatures (Radford et al. 2022, 4.5), and by more tokens than anybody says in that time. Pure.
"""

from __future__ import annotations

import math
import unicodedata
from dataclasses import dataclass

from pipeline.text.segmenter import unspaced

TOKENS_AT_ONCE = 15
"""Tokens of any window, however short: punctuation, timestamps, a word that is spelled in bytes."""
COPIED = 3
"""Last words of what was said before with which no other text begins by chance."""
TOKENS_PER_S = 15
"""Tokens of a second of fast speech. English has four or five, a script of three bytes a letter up to fifteen."""


@dataclass(frozen=True, slots=True)
class Guard:
    """Limits of a text that is believed. Compression is that of `faster_whisper`: bytes of text per compressed byte."""

    min_logprob: float = -1.0
    """Mean log probability of the tokens below which a text is doubted."""
    max_compression: float = 2.4
    """Compression ratio above which a text is doubted."""
    max_no_speech: float = 0.6
    """Probability of no speech above which a text below `min_logprob` is none: nobody need hear it again."""

    def doubts(self, tokens: int, most: int, logprob: float, compression: float, no_speech: float) -> bool:
        """True if a text of `tokens`, of which no more than `most` were written, is not to be believed.

        A text that fills its bound has no end.
        """
        unlikely = logprob < self.min_logprob
        if unlikely and no_speech > self.max_no_speech:
            return False
        return unlikely or tokens >= most - 1 or compression > self.max_compression


USUAL = Guard()


def says_again(before: str, text: str, language: str) -> bool:
    """Return True if a text says only words said just before, or begins with the last of them, in any spelling.

    A decoder that hears no words copies those that it was given. A speaker who does repeat a sentence is understood
    without those words, too.
    """
    old, new = _words(before, language), _words(text, language)
    count = len(new)
    only = count > 0 and any(old[n : n + count] == new for n in range(len(old) - count + 1))
    return only or any(old[-n:] == new[:n] for n in range(COPIED, len(old) + 1))


def _words(text: str, language: str) -> list[str]:
    """Return the words of a text without capitals and marks; characters where no spaces are written."""
    parts = "".join(text.split()) if unspaced(language) else text.split()
    folded = ("".join(char for char in part.casefold() if unicodedata.category(char)[0] not in "PS") for part in parts)
    return [part for part in folded if part]


def most_tokens(seconds: float) -> int:
    """Return the number of tokens beyond which a text is longer than anything that is said in `seconds`."""
    return TOKENS_AT_ONCE + math.ceil(TOKENS_PER_S * seconds)
