"""Decides whether a translation has the numbers of what was said: by value, however they are written. Pure.

A number in digits, or in the words of six languages, asks for its like. A word that may be a number ("second",
"cuarto") explains one and asks for none. Of other languages digits alone are compared, where both sides have some.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from pipeline.text.translation_checks.number_words import HALF, HUNDREDS, LINKS, LOOSE, SCALES, WORDS, compound
from pipeline.text.translation_checks.tokens import bare

_SPACES = "\u0020\u00a0\u202f\u2009"
_DIGITS = rf"\d{{1,3}}(?:[{_SPACES}]\d{{3}})+(?!\d)|\d+(?:[.,']\d+)*"
_TOKEN = re.compile(rf"(?P<digits>{_DIGITS})|(?P<word>[^\W\d_]+)|(?P<mark>[^\s\w])")
_MINUS = frozenset({"minus", "menos", "moins", "meno"})
_FREEZING = re.compile(r"(?:below|bajo|sous|dessous de|unter|abaixo de|sotto) (?:zero|null|freezing|cero)")
_SCALED = re.compile(
    r"\s?(?:[万萬億亿千百만억천]|लाख|करोड|हजार|тыс|млн|милл|млрд|tys|mln|mld|milion|miliard|bin\b|milyon|milyar|"
    r"duizend|miljoen|miljard|الاف|الف|مليون|مليار)"
)
"""Scales of languages whose number words are not known: a number before them is not compared."""
_CLOCK = re.compile(
    r"\d[:h.]\d\d|\b[ap]\.?\s?m\b|uhr\b|heures?\b|o'?clock|\bhoras?\b|\bore\b|morning|evening|afternoon|night|manana|"
    r"tarde|noche|matin|soir|morgen|abend|nacht|manha|noite|mattina|sera|下午|上午|午後|午前|오후|오전"
)
_HALF_DAY, _AFTERNOON = 12, range(13, 25)
_TENS = range(20, 100, 10)
_SIGNED, _EITHER = 1, 2
_MOST_DIGITS = 60


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a text. `values` are what it may mean; a loose one may be no number at all."""

    values: frozenset[Fraction]
    loose: bool = False
    runs: tuple[str, ...] = ()
    """Its runs of digits: of 3,50 they are ("3", "50")."""

    @property
    def spelled(self) -> str:
        """Its digits, as in a telephone number."""
        sign = "-" if max(self.values) < 0 else ""
        return sign + (".".join(self.runs) if self.runs else str(abs(min(self.values))))


def differ(said: str, source: str, text: str, target: str) -> bool:
    """Return True if a number of `said` is missing in `text`, its translation, or another stands there."""
    theirs, ours = numbers(said, source), numbers(text, target)
    readable = source in WORDS and target in WORDS
    if not readable:
        theirs, ours = [one for one in theirs if one.runs], [one for one in ours if one.runs]
        if not theirs or not ours:
            return False
    if any(_spelled(theirs, loose) == _spelled(ours, loose) for loose in (False, True)):
        return False
    clock = _CLOCK.search(bare(said)) is not None or _CLOCK.search(bare(text)) is not None
    left, right = _unmatched(_signed(theirs, said), _signed(ours, text), clock)
    return bool(left or right) if readable else bool(left and right)


def numbers(text: str, language: str) -> list[Number]:
    """Return the numbers of a text in order. `language`: a primary subtag."""
    return list(_joined(list(_read(text, language)), language))


def _spelled(found: Sequence[Number], loose: bool) -> str:
    """Return all digits in order: "one two three" and 123 have the same."""
    return "".join(one.spelled for one in found if not one.loose or (loose and len(one.values) == 1))


def _signed(found: list[Number], text: str) -> list[Number]:
    """Return the numbers, which may be negative ones where the text says so in words."""
    if not _FREEZING.search(bare(text)):
        return found
    return [Number(one.values | {-value for value in one.values}, one.loose, one.runs) for one in found]


def _unmatched(theirs: list[Number], ours: list[Number], clock: bool) -> tuple[list[Number], list[Number]]:
    """Return the numbers of each side that nothing of the other side is like. Loose ones are never left over."""
    left, right = _cancelled(theirs, ours, clock)
    if any(not one.loose for one in (*left, *right)):
        left, right = _cancelled([*_parts(left)], [*_parts(right)], clock)
    return [one for one in left if not one.loose], [one for one in right if not one.loose]


def _cancelled(theirs: list[Number], ours: list[Number], clock: bool) -> tuple[list[Number], list[Number]]:
    left, right = [], sorted(ours, key=lambda one: one.loose)
    for one in sorted(theirs, key=lambda one: one.loose):
        like = next((other for other in right if _alike(one, other, clock)), None)
        if like is None:
            left.append(one)
        else:
            right.remove(like)
    return left, right


def _alike(one: Number, other: Number, clock: bool) -> bool:
    """Return True if two numbers may be the same; on a clock 3 and 15 are."""
    if not one.values.isdisjoint(other.values):
        return True
    return clock and any(
        abs(mine - theirs) == _HALF_DAY and max(mine, theirs) in _AFTERNOON
        for mine in one.values
        for theirs in other.values
    )


def _parts(found: Sequence[Number]) -> Iterator[Number]:
    """Yield the numbers, those with several runs in their parts: 7.30 is 7 and 30."""
    for one in found:
        if len(one.runs) > 1:
            yield from (Number(frozenset({Fraction(run)}), one.loose, (run,)) for run in one.runs)
        else:
            yield one


@dataclass(frozen=True, slots=True)
class _Piece:
    """A token of a text. `kind`: digits, word, loose, hundred, scale, link or other; the last two have no values."""

    kind: str
    values: frozenset[Fraction] = frozenset()
    runs: tuple[str, ...] = ()

    @property
    def value(self) -> Fraction:
        return min(self.values)


_OTHER = _Piece("other")


def _read(text: str, language: str) -> Iterator[_Piece]:
    plain = bare("".join(str(unicodedata.decimal(char, char)) for char in text).replace("’", "'"))
    plain, sign = _FREEZING.sub(" ", plain), 0
    for found in _TOKEN.finditer(plain):
        begin, end = found.span()
        if found["mark"]:
            after_space = begin == 0 or plain[begin - 1].isspace()
            sign = _SIGNED if found["mark"] in "-−–" and after_space and plain[end : end + 1].isdigit() else 0
            if found["mark"] not in "-'−–":  # twenty-five, vingt-cinq
                yield _OTHER
        elif found["digits"]:
            scaled = language not in WORDS and _SCALED.match(plain, end) is not None
            endless = end - begin > _MOST_DIGITS
            yield _OTHER if scaled or endless else _digits(found["digits"], sign)
            sign = 0
        else:
            minus = found["word"] in _MINUS and re.match(r"\s\d", plain[end : end + 2]) is not None
            sign = _EITHER if minus else 0
            yield _word(found["word"], language)


def _digits(token: str, sign: int) -> _Piece:
    runs = tuple(re.findall(r"\d+", token))
    values = set()
    if len(runs) == 1 or _thousands(runs):
        values.add(Fraction("".join(runs)))
    if len(runs) > 1 and not re.search(rf"[{_SPACES}]", token):
        whole = runs[:-1]
        if len(whole) == 1 or _thousands(whole):
            values.add(Fraction(f"{''.join(whole)}.{runs[-1]}"))
    if sign:
        values = {-value for value in values} | (values if sign == _EITHER else set())
    return _Piece("digits", frozenset(values), runs)


def _thousands(runs: Sequence[str]) -> bool:
    """Return True if the runs may be one number, parted by thousands."""
    return len(runs) > 1 and len(runs[0]) <= 3 and all(len(run) == 3 for run in runs[1:])


def _word(word: str, language: str) -> _Piece:
    if language not in WORDS:
        return _OTHER
    if word in LOOSE[language]:
        return _Piece("loose", LOOSE[language][word])
    if word in LINKS[language]:
        return _Piece("link")
    if word in HUNDREDS.get(language, ()):
        return _Piece("hundred", frozenset({Fraction(100)}))
    if word in SCALES[language]:
        return _Piece("scale", frozenset({Fraction(SCALES[language][word])}))
    value = WORDS[language].get(word, compound(word, language))
    if value is not None:
        return _Piece("word", frozenset({Fraction(value)}))
    stem = _stem(word) if language == "de" else None
    return _OTHER if stem is None else _Piece("loose", frozenset({Fraction(stem)}))


def _stem(word: str) -> int | None:
    """Return the value of the number at the beginning of a German word: "sechsstellig", "zweimal", "vierte"."""
    values = (compound(word[:end], "de") for end in range(len(word) - 1, 3, -1))
    return next((value for value in values if value is not None and value > 1), None)


def _joined(pieces: list[_Piece], language: str) -> Iterator[Number]:
    """Yield the numbers that the pieces make: "two hundred and fifty thousand"."""
    at = 0
    while at < len(pieces):
        piece = pieces[at]
        following = pieces[at + 1] if at + 1 < len(pieces) else _OTHER
        counts = bool(piece.values) and piece.kind in ("digits", "loose") and following.kind in ("scale", "hundred")
        if counts or piece.kind in ("word", "hundred", "scale"):
            number, at = _compose(pieces, at, language)
            yield number
            continue
        if piece.kind == "digits" and not piece.values:  # 3.5.2024
            yield from (Number(frozenset({Fraction(run)}), runs=(run,)) for run in piece.runs)
        elif piece.kind == "digits":
            yield Number(piece.values, runs=piece.runs)
        elif piece.kind == "loose":
            if language == "de" and HALF in piece.values and following.kind == "word":  # halb drei: 2:30
                at += 1
                yield Number(frozenset({following.value, following.value - 1}))
            yield Number(piece.values, loose=True)
        at += 1


def _compose(pieces: list[_Piece], at: int, language: str) -> tuple[Number, int]:
    """Return the number that begins at a piece, and the place after it."""
    total, current, lowest = Fraction(0), Fraction(0), Fraction(10**12)
    first = at
    while at < len(pieces):
        piece = pieces[at]
        begun = at > first
        if piece.kind == "link":
            following = pieces[at + 1] if at + 1 < len(pieces) else _OTHER
            if not begun or following.kind == "digits" or not _adds(current, total, lowest, following, language):
                break
        elif piece.kind == "hundred" and (not begun or 0 < current < 10):
            current = max(current, Fraction(1)) * 100
        elif piece.kind == "scale" and piece.value < lowest and (current or not total):
            total, current, lowest = total + max(current, Fraction(1)) * piece.value, Fraction(0), piece.value
        elif language == "fr" and piece.kind == "word" and current == 4 and piece.value == 20:
            current = Fraction(80)
        elif piece.kind in ("word", "loose", "digits") and (
            not begun or _adds(current, total, lowest, piece, language)
        ):
            current += piece.value
        else:
            break
        at += 1
    return Number(frozenset({total + current})), at


def _adds(current: Fraction, total: Fraction, lowest: Fraction, piece: _Piece, language: str) -> bool:
    """Return True if a word goes on with the number: "twenty" and "two", "two hundred" and "fifty"."""
    if piece.kind == "loose":  # twenty one, twenty third, treinta y uno
        unit = piece.values == {1} or (language == "en" and len(piece.values) == 1 and 3 <= piece.value < 10)
        return unit and (current % 100 in _TENS or (current >= 100 and current % 100 == 0))
    if piece.kind != "word" or not piece.value:
        return False
    value = piece.value
    if current == 0:
        return bool(total) and value < lowest
    if value < 10:
        french = language == "fr" and current % 100 == 10 and value >= 7  # dix-sept
        return french or (current % 10 == 0 and current % 100 != 10)
    if language == "fr" and current % 100 in (60, 80) and value < 20:
        return True
    return any(value < power and current % power == 0 for power in (100, 1000))
