"""HTTP bodies that the API reads, parsed strictly by pure functions into frozen data."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from accounts.people.usernames import seen
from pipeline.text.characters import cleaned
from signaling.refusal import refuse_malformed
from signaling.sessions.solo import Solo
from signaling.websocket.client_messages import LONGEST_ID, LONGEST_LANGUAGE
from wire.flags import places_of_tags
from wire.strict_json import JOINERS, StrictObject, decode

LONGEST_NAME = 64
LONGEST_CODE = 32
"""Characters of a session code, spaces and hyphens included."""
NAMELESS = "Guest"


@dataclass(frozen=True, slots=True)
class Guest:
    name: str


@dataclass(frozen=True, slots=True)
class CreateSession:
    language: str
    admit: bool
    solo: Solo | None = None
    """Not None for a session of one person."""


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
    admit, solo = False, None
    if fields.has("options"):
        options = fields.child("options")
        admit = options.boolean("admit", default=False)
        if options.has("solo"):
            solo = _solo(options.child("solo"))
    return CreateSession(fields.text("language", longest=LONGEST_LANGUAGE), admit, solo)


@refuse_malformed()
def join_by_code(body: bytes) -> JoinByCode:
    """Return the wishes of POST /sessions/join, the code without its spaces and hyphens. Raises Refusal."""
    fields = decode(body)
    code = fields.text("sessionCode", longest=LONGEST_CODE).translate({ord(" "): None, ord("-"): None})
    return JoinByCode(code, fields.text("language", longest=LONGEST_LANGUAGE))


def _solo(fields: StrictObject) -> Solo:
    voice = fields.text("voice", longest=LONGEST_ID, shortest=0) if fields.has("voice") else ""
    return Solo(fields.text("language", longest=LONGEST_LANGUAGE), voice)


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
