"""Decides which tag characters are part of a flag: England's, Scotland's and Wales's, and no other ones."""

from __future__ import annotations

import re

_FLAG = re.compile(
    "\U0001f3f4\U000e0067\U000e0062"  # a black flag, and the tags g, b
    "(?:\U000e0065\U000e006e\U000e0067|\U000e0073\U000e0063\U000e0074|\U000e0077\U000e006c\U000e0073)"  # eng, sct, wls
    "\U000e007f"
)
"""RGI_Emoji_Tag_Sequence of Unicode's emoji-sequences.txt. Any other row of tags hides what it says."""


def places_of_tags(text: str) -> frozenset[int]:
    """Return the places of the tags that belong to such a flag."""
    return frozenset(place for flag in _FLAG.finditer(text) for place in range(flag.start() + 1, flag.end()))
