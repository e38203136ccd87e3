"""Decides whether a text may be a person's name, and which characters of a name are seen."""

from __future__ import annotations

import re
import unicodedata

from accounts.refusals import NotPossible
from storage.accounts.spelling import IGNORABLE, spaced
from wire.flags import places_of_tags
from wire.strict_json import utf16_length

LONGEST = 64
"""UTF-16 code units."""

_CONTROLS = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Categories of what hides, breaks a line, or reverses the text around it."""
_JOINED = "\u0600-\u109f\u1780-\u18af\u1900-\u1cff\ua800-\uaaff\ufb50-\ufdff\ufe70-\ufefc\U00010a00-\U00011fff"
"""Scripts in which a joiner shows: Arabic's kin, those of India and of South-East Asia, Mongolian."""
_SIGNS = "\u203c-\u3299\U0001f000-\U0001faff"
_IDEOGRAPHS = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IN_PLACE = re.compile(
    f"(?<=[{_JOINED}])[\u200c\u200d]"
    f"|(?<=[{_SIGNS}\ufe0f])\u200d(?=[{_SIGNS}])"
    f"|(?<=[\u00a9\u00ae{_SIGNS}])[\ufe0e\ufe0f]"
    "|(?<=[#*0-9])\ufe0f(?=\u20e3)"
    f"|(?<=[{_IDEOGRAPHS}])[\ufe00-\ufe0f\U000e0100-\U000e01ef]"
    "|(?<=[\u1820-\u18aa])[\u180b-\u180d\u180f]"
)
"""Hidden characters that have a part in how their neighbours are written: letters that join, emoji, variants."""


def username(text: str, field: str = "username") -> str:
    """Return the name as it is kept: NFC, with one space between words and none around them. Raises NotPossible."""
    name = unicodedata.normalize("NFC", text).strip()
    if utf16_length(name) > LONGEST:
        raise NotPossible(field, f"must not be longer than {LONGEST}")
    if seen(name) != name:
        raise NotPossible(field, "must not hold control characters, or characters that nobody sees")
    if not any(char.isalnum() for char in name):
        raise NotPossible(field, "must hold a letter or a digit")
    return " ".join(spaced(name).split())


def seen(text: str) -> str:
    """Return the text without control characters, and without what nobody sees where it has no part in writing."""
    if text.isascii() and text.isprintable():
        return text
    in_place = places_of_tags(text) | {found.start() for found in _IN_PLACE.finditer(text)}
    return "".join(char for place, char in enumerate(text) if place in in_place or not _hidden(char))


def _hidden(char: str) -> bool:
    return unicodedata.category(char) in _CONTROLS or IGNORABLE.match(char) is not None
