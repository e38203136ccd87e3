"""Decides whether the text of a shortened window needs a second opinion: a pass over the window padded to 30 s.

A decoder that misses the end of what was said goes round in circles. It is known by the signs by which Whisper falls
back to other temperatures (Radford et al. 2022, 4.5), and by more tokens than anybody says in that time. Pure.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

TOKENS_AT_ONCE = 15
"""Tokens of any window, however short: punctuation, timestamps, a word that is spelled in bytes."""
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


def says_again(before: Sequence[int], text: Sequence[int]) -> bool:
    """Return True if a text says nothing but what was said just before: a decoder that hears no words copies them.

    Who does repeat a sentence is heard to do so without those words, too.
    """
    count = len(text)
    return count > 0 and any(tuple(before[n : n + count]) == tuple(text) for n in range(len(before) - count + 1))


def most_tokens(seconds: float) -> int:
    """Return the number of tokens beyond which a text is longer than anything that is said in `seconds`."""
    return TOKENS_AT_ONCE + math.ceil(TOKENS_PER_S * seconds)
