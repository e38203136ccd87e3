"""Decides which parts of a text pass a translator untouched and are not read aloud: links, files, emoji, signs. Pure.

A translator that has never seen a link or an emoji invents words for it, and a voice spells it letter by letter. The
name of a firm that looks like a domain (`Booking.com`, with a capital) is a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from pipeline.text.characters import has_words

_WIDE = r"\u3000-\u303f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff00-\uffef"
"""Letters and marks that follow a link without a space."""
_IN_URL = rf"[^\s<>\"“”«»(){_WIDE}]"
_URL = rf"(?:{_IN_URL}|\({_IN_URL}*\))*(?:[^\s<>\"“”«»{_WIDE}.,;:!?()\[\]{{}}'’…]|\({_IN_URL}*\))"
"""Without the marks behind it; brackets in pairs."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?"
_TOP = "com|org|net|edu|gov|info|app|dev|uk|fr|ru|pl|nl|jp|cn|kr|tr|br|ch|example"
"""Top-level domains that are no words of their own: others need a path."""
_FILE = (
    "pdf|docx?|xlsx?|pptx?|od[ts]|txt|csv|zip|gz|png|jpe?g|gif|svg|webp|heic|mp[34]|wav|ogg|mov|avi|html?|json|xml"
    "|ya?ml|md|py|exe|apk|iso|log|sql"
)
_IN_STEM = rf"[^\s<>\"“”«»/\\:*?|.,;()\[\]{_WIDE}]"
_STEM = rf"{_IN_STEM}{{1,100}}+"
"""A part of a path. Bounds keep the time of a search in the measure of the text, whatever somebody types."""
_LINK = re.compile(
    rf"(?<![\w@])(?:(?:[A-Za-z][A-Za-z0-9+.-]{{1,15}}://|(?:mailto|sip):|[Ww]{{3}}\.){_URL}"  # https://a.example/b?c=1
    rf"|[\w.+%-]{{1,64}}@(?:[\w-]+\.)+[\w-]{{2,24}}"  # ana@example.com
    rf"|(?:{_LABEL}\.){{1,8}}[a-z]{{2,24}}(?::\d+)?/(?:{_URL})?"  # example.it/menu
    rf"|(?:{_LABEL}\.){{1,8}}(?:{_TOP})(?![\w-]|\.[a-z0-9])"  # example.com
    rf"|[A-Za-z]:\\[^\s<>\"]+"  # C:\Users\ana
    rf"|~?/(?:[\w.@-]+/){{1,32}}[\w.@-]*\w"  # /etc/ssl/certs
    rf"|(?<!{_IN_STEM})(?:{_STEM}[/\\]){{0,16}}{_STEM}(?:\.{_STEM}){{0,8}}\.(?:{_FILE})(?![\w-]|\.\w))",
    re.ASCII,
)
_SIGN = re.compile(
    "(?:[\u2190-\u21ff\u2300-\u23ff\u2500-\u266c"
    "\u2670-\u2775\u2794-\u27bf\u2800-\u28ff\u2b00-\u2bff\U0001f000-\U0001faff]"
    "[\ufe0e\ufe0f\u200d\U000e0020-\U000e007f]*)+"
    "|[#*]\ufe0f?\u20e3"  # keycaps; one with a digit is a number
    r"|(?<!\S)(?:[:;=]['’]?-?[)(DPpOo|/\\*\]\[]+|[)(]-?[:;]|<3+|\^_+\^|[xX]D+|¯\\_\(ツ\)_/¯)(?!\S)"
)
"""Emoji, arrows, dingbats, Braille patterns, and smileys made of marks."""
_END_MARK = re.compile(r"[.!?…。！？؟।]+")


class Kind(Enum):
    """Kind of a part of a text."""

    TEXT = "text"
    LINK = "link"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text. The parts of a text tile it."""

    kind: Kind
    text: str

    @property
    def worded(self) -> bool:
        """True if there is something to translate."""
        return self.kind is Kind.TEXT and has_words(self.text)


def parts(text: str) -> list[Part]:
    """Return the parts of a text, in order; one at least."""
    found: list[Part] = []
    at = 0
    for start, end, kind in _untouched(text):
        if start > at:
            found.append(Part(Kind.TEXT, text[at:start]))
        found.append(Part(kind, text[start:end]))
        at = end
    if at < len(text) or not found:
        found.append(Part(Kind.TEXT, text[at:]))
    return found


def marks_first(found: list[Part]) -> list[Part]:
    """Return parts in which a sentence mark behind a sign stands before it: "Coming 🎉?" is a question."""
    moved = list(found)
    for n in range(2, len(moved)):
        words, sign, mark = moved[n - 2 : n + 1]
        ends = mark.kind is Kind.TEXT and _END_MARK.fullmatch(mark.text.strip()) is not None
        if words.worded and sign.kind is Kind.SIGN and ends:
            space = words.text[len(words.text.rstrip()) :]
            moved[n - 2] = Part(Kind.TEXT, words.text.rstrip() + mark.text.strip() + space)
            moved[n] = Part(Kind.TEXT, mark.text[len(mark.text.rstrip()) :])
    return [part for part in moved if part.text]


def links(text: str) -> Iterator[tuple[int, int]]:
    """Yield the place of each link, address and name of a file."""
    yield from (found.span() for found in _LINK.finditer(text))


def read_aloud(text: str) -> str:
    """Return what a voice says of a text. Empty if there is no letter and no digit in it."""
    found = parts(text)
    if len(found) > 1:
        text = " ".join(" ".join(part.text for part in marks_first(found) if part.kind is Kind.TEXT).split())
        text = re.sub(r" +([.,;:!?…])", r"\1", text)
    return text if has_words(text) and any(part.worded for part in found) else ""


def _untouched(text: str) -> Iterator[tuple[int, int, Kind]]:
    """Yield the places of what passes untouched, in order. Within a link there is no sign."""
    places = list(links(text))
    signs = (found.span() for found in _SIGN.finditer(text))
    free = (sign for sign in signs if not any(start < sign[1] and sign[0] < end for start, end in places))
    yield from sorted([*((*place, Kind.LINK) for place in places), *((*sign, Kind.SIGN) for sign in free)], key=_start)


def _start(place: tuple[int, int, Kind]) -> int:
    return place[0]
