"""Decides whether two language tags are the same language, and whether a language puts blanks between words."""

from __future__ import annotations

_UNSPACED = frozenset({"zh", "ja", "th", "lo", "km", "my", "yue"})


def primary(tag: str) -> str:
    """Return the primary subtag of a BCP-47 tag, in lower case."""
    return tag.partition("-")[0].lower()


def same(one: str, other: str) -> bool:
    """True if both tags have the same primary subtag (docs/protocol.md, "Conventions")."""
    return primary(one) == primary(other)


def blank(tag: str) -> str:
    """Return what stands between two sentences of a language: a blank, or nothing."""
    return "" if primary(tag) in _UNSPACED else " "
