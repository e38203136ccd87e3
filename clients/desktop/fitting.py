"""Decides how much of a long caption is shown: its end, from a word on, since the newest words are there."""

from __future__ import annotations

from collections.abc import Callable

MARK = "… "


def end_that_fits(text: str, fits: Callable[[str], bool]) -> str:
    """Return `text`, or the longest end of it for which `fits` is true, behind a mark; the last word in any case.

    `fits` is asked a few times for a text of any length. An end of what fits must fit.
    """
    if fits(text):
        return text
    words = text.split(" ") if " " in text.strip() else list(text)
    glue = " " if " " in text.strip() else ""
    low, high = 1, len(words)  # `low` words are shown in any case, `high` are too many
    while high - low > 1:
        middle = (low + high) // 2
        if fits(MARK + glue.join(words[-middle:])):
            low = middle
        else:
            high = middle
    return MARK + glue.join(words[-low:])
