"""Forges a signed text: one character of it is another one than before, whichever stood there."""

from __future__ import annotations


def altered(text: str, at: int = -9) -> str:
    """Return `text` with another character at `at`. The last one of base64 may hold bits that nobody reads."""
    at %= len(text)
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]
