"""Text made safe to speak: words only, no commands to the program behind the voice."""

from __future__ import annotations

import re

from pipeline.text.characters import cleaned, has_words

_LONGEST = 4000  # code points: several minutes of speech


def plain(text: str) -> str:
    """Return clean text (`pipeline.text.characters`) without `[[phonemes]]`, which espeak-ng and Piper would say.

    espeak-ng's embedded commands begin with a control character: none is left.
    """
    return re.sub(r"([\[\]])\1+", r"\1", cleaned(text))[:_LONGEST]


def is_sayable(text: str) -> bool:
    """Return True if there is a word in the text."""
    return has_words(text)
