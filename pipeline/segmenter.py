"""Cuts a transcript into segments, the units of translation: sentences, tiling the text without a gap."""

from __future__ import annotations

import re

from pipeline.speech import Segment

# A sentence mark ends a sentence where a space or the end follows ("3.5" goes on); full-width marks need
# no space after them (Chinese, Japanese). Closing quotes and brackets belong to their sentence.
_END = re.compile(r"(?:[.!?…؟۔।॥]+[\"'»”’)\]]*(?=\s|$)|[。！？]+[」』”）]*)\s*")


def segment(text: str) -> list[Segment]:
    """`text` cut after each sentence mark; trailing space goes to the sentence before it."""
    segments: list[Segment] = []
    start = 0
    for match in _END.finditer(text):
        if text[start : match.end()].strip():
            segments.append(Segment(len(segments), text[start : match.end()], start, match.end()))
            start = match.end()
    if text[start:].strip():
        segments.append(Segment(len(segments), text[start:], start, len(text)))
    elif segments and start < len(text):
        last = segments[-1]
        segments[-1] = Segment(last.index, text[last.start :], last.start, len(text))
    return segments
