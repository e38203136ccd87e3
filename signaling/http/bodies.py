"""HTTP bodies that the API reads, parsed strictly by pure functions into frozen data."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from accounts.usernames import seen
from pipeline.text.characters import cleaned
from signaling.refusal import refuse_malformed
from signaling.websocket.client_messages import LONGEST_LANGUAGE
from wire.flags import places_of_tags
from wire.strict_json import JOINERS, StrictObject, decode

LONGEST_NAME = 64
LONGEST_CODE = 32
"""Of a session code, spaces and hyphens included."""
NAMELESS = "Guest"


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


@refuse_malformed()
def guest(body: bytes) -> Guest:
    """Return the guest of POST /auth/guest; an empty body is a guest without a name. Raises Refusal."""
    if not body.strip():
        return Guest(NAMELESS)
    fields = decode(body)
    if not fields.has("displayName"):
        return Guest(NAMELESS)
    return Guest(_name(fields))


@refuse_malformed()
def create_session(body: bytes) -> CreateSession:
    """Return the wishes of POST /sessions/create. Raises Refusal."""
    fields = decode(body)
    admit = False
    if fields.has("options"):
        admit = fields.child("options").boolean("admit", default=False)
    return CreateSession(fields.text("language", longest=LONGEST_LANGUAGE), admit)


@refuse_malformed()
def join_by_code(body: bytes) -> JoinByCode:
    """Return the wishes of POST /sessions/join, the code without its spaces and hyphens. Raises Refusal."""
    fields = decode(body)
    code = fields.text("sessionCode", longest=LONGEST_CODE).translate({ord(" "): None, ord("-"): None})
    return JoinByCode(code, fields.text("language", longest=LONGEST_LANGUAGE))


def _name(fields: StrictObject) -> str:
    name = fields.text("displayName", longest=LONGEST_NAME, shortest=0).strip()
    # Joiners and tags are part of words and of emoji. Other format characters hide, or reverse the text around them.
    tags = places_of_tags(name)
    for place, char in enumerate(name):
        shown = char in JOINERS or place in tags
        if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") and not shown:
            fields.refuse("displayName", "must not hold control characters")
    name = seen(name).strip()
    return name if cleaned(name) else NAMELESS
