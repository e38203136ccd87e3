"""Cuts a transcript into segments, the units of translation: sentences, tiling the text without a gap."""

from __future__ import annotations

import re

from pipeline.speech import Segment

# A sentence mark ends a sentence where a space or the end follows ("3.5" goes on); full-width marks need
# no space after them (Chinese, Japanese). Closing quotes and brackets belong to their sentence.
_END = re.compile(r"(?:[.!?…؟۔।॥]+[\"'»”’)\]]*(?=\s|$)|[。！？]+[」』”）]*)\s*")


LONGEST = 300
"""Characters of one segment: what is said without a sentence mark is cut at a space, so that one endless
sentence can't keep the voice for minutes."""


def segment(text: str) -> list[Segment]:
    """`text` cut after each sentence mark; trailing space goes to the sentence before it."""
    ends: list[int] = []
    start = 0
    for match in _END.finditer(text):
        if text[start : match.end()].strip():
            ends += _cuts(text, start, match.end())
            start = match.end()
    if text[start:].strip():
        ends += _cuts(text, start, len(text))
    elif ends:
        ends[-1] = len(text)
    starts = [0, *ends[:-1]]
    return [Segment(n, text[a:b], a, b) for n, (a, b) in enumerate(zip(starts, ends, strict=True))] if ends else []


def _cuts(text: str, start: int, end: int) -> list[int]:
    """Where `text[start:end]` is cut so that no piece is over `LONGEST`; the last of them is `end`."""
    cuts = []
    while end - start > LONGEST:
        space = text.rfind(" ", start + LONGEST // 2, start + LONGEST)
        start = space + 1 if space > 0 and text[space + 1 : end].strip() else start + LONGEST
        cuts.append(start)
    return [*cuts, end]
