"""Shortens the texts of a message to the bytes that a client's channel takes (docs/protocol.md, section 4). Pure."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from typing import Any

from wire.strict_json import JOINERS, utf16_length

TEXTS = ("text", "originalText", "translatedText", "message")
"""Fields that may be shortened. All others come whole or not at all."""
ELLIPSIS = "…"
_ZERO_WIDTH_JOINER = "\u200d"
_VIRAMA = 9  # canonical combining class of the signs that join Indic consonants


def written(message: Mapping[str, Any]) -> str:
    """Return a message as JSON that UTF-8 can carry: a lone surrogate becomes a question mark."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def fitted(text: str, limit: int) -> str | None:
    """Return the message that `text` holds in at most `limit` bytes, its texts shortened if need be; 0 is no limit.

    The room is shared evenly. A text that needs less than its share leaves the rest to the others. Returns None for
    a message that is too long even so, or of whose text nothing would be left.
    """
    if not limit or len(text.encode()) <= limit:
        return text
    message = json.loads(text)
    texts = {name: message[name] for name in TEXTS if message.get(name)}
    message |= dict.fromkeys(texts, "")
    message["shortened"] = True
    room = limit - len(written(message).encode())
    for left, name in zip(range(len(texts), 0, -1), sorted(texts, key=lambda name: _bytes(texts[name])), strict=True):
        kept = shortened(texts[name], room // left)
        if not kept:
            return None
        message[name] = kept
        room -= _bytes(kept)
        if name == "text" and "stableLength" in message and kept != texts[name]:
            message["stableLength"] = min(message["stableLength"], utf16_length(kept) - 1)
    return written(message) if room >= 0 else None


def shortened(text: str, room: int) -> str:
    """Return `text`, or as much of its beginning as `room` bytes of JSON hold with an ellipsis behind it.

    It is cut between graphemes. Nothing is left where not even one of them has room.
    """
    if _bytes(text) <= room:
        return text
    room -= _bytes(ELLIPSIS)
    kept, regional = 0, 0
    for at, char in enumerate(text):
        if _separable(text, at, regional):
            kept = at
        regional = regional + 1 if _is_regional(char) else 0
        room -= _bytes(char)
        if room < 0:
            break
    left = text[:kept].rstrip()
    return left + ELLIPSIS if left else ""


def _separable(text: str, at: int, regional: int) -> bool:
    """True if a grapheme may end before `text[at]` (UAX 29, in short), after `regional` regional indicators."""
    char = text[at]
    if char in JOINERS or unicodedata.category(char) in ("Mn", "Mc", "Me") or "\U0001f3fb" <= char <= "\U0001f3ff":
        return False
    if "\u1160" <= char <= "\u11ff" or "\U000e0020" <= char <= "\U000e007f":  # later jamo; tags of a flag
        return False
    before = text[at - 1] if at else ""
    if before == _ZERO_WIDTH_JOINER or (before and unicodedata.combining(before) == _VIRAMA):
        return False
    return not (_is_regional(char) and regional % 2)


def _is_regional(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _bytes(text: str) -> int:
    """Return the bytes of `text` inside a JSON string."""
    return sum(map(_bytes_of, text))


def _bytes_of(char: str) -> int:
    if char in '"\\\b\f\n\r\t':
        return 2
    if char < " ":
        return 6
    return 1 if char < "\x80" else 2 if char < "\u0800" else 3 if char < "\U00010000" else 4
