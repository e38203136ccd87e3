"""Every HTTP body that the API reads: parsed strictly, by pure functions, into frozen data."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from signaling.fields import Fields, decode
from signaling.messages import LONGEST_LANGUAGE

LONGEST_NAME = 64
NAMELESS = "Guest"

# Embeddings, overrides and isolates (Unicode Annex 9) could turn the text around a name about.
_BIDIRECTIONAL = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


@dataclass(frozen=True, slots=True)
class Guest:
    name: str


@dataclass(frozen=True, slots=True)
class CreateSession:
    language: str
    admit: bool


@dataclass(frozen=True, slots=True)
class JoinByCode:
    code: str
    language: str


def guest(body: bytes) -> Guest:
    """An empty body is a guest without a name."""
    if not body.strip():
        return Guest(NAMELESS)
    fields = decode(body)
    if not fields.has("displayName"):
        return Guest(NAMELESS)
    return Guest(_name(fields))


def create_session(body: bytes) -> CreateSession:
    fields = decode(body)
    admit = False
    if fields.has("options"):
        options = fields.child("options")
        admit = options.boolean("admit") if options.has("admit") else False
    return CreateSession(fields.text("language", longest=LONGEST_LANGUAGE), admit)


def join_by_code(body: bytes) -> JoinByCode:
    """The code as people write it: spaces and hyphens between the digits are dropped."""
    fields = decode(body)
    code = fields.text("sessionCode", longest=32).translate({ord(" "): None, ord("-"): None})
    return JoinByCode(code, fields.text("language", longest=LONGEST_LANGUAGE))


def _name(fields: Fields) -> str:
    name = fields.text("displayName", longest=LONGEST_NAME, shortest=0).strip()
    for char in name:
        if unicodedata.category(char) in ("Cc", "Zl", "Zp") or char in _BIDIRECTIONAL:
            fields.refuse("displayName", "must not hold control characters")
    return name or NAMELESS
