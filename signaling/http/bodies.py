"""Every HTTP body that the API reads: parsed strictly, by pure functions, into frozen data."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from signaling.websocket.client_messages import LONGEST_LANGUAGE
from wire.strict_json import StrictObject, decode

LONGEST_NAME = 64
NAMELESS = "Guest"

# Joiners are part of words and of emoji; other format characters hide, or turn the text around them about.
_JOINERS = "\u200c\u200d"
# Letters and signs that show nothing: Braille blank, Hangul fillers.
_BLANK = "\u2800\u115f\u1160\u3164\uffa0"


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


def _name(fields: StrictObject) -> str:
    name = fields.text("displayName", longest=LONGEST_NAME, shortest=0).strip()
    for char in name:
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and char not in _JOINERS:
            fields.refuse("displayName", "must not hold control characters")
    return name if name.strip(_JOINERS + _BLANK + " ") else NAMELESS
