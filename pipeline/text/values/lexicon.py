"""Number words, units and phrases of time of each promised language, ready to be looked up. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from pipeline.text.language import primary
from pipeline.text.values.atoms import Kind, atoms
from pipeline.text.values.composition import Part, Rules
from pipeline.text.values.east_asian import CHINESE, JAPANESE, KOREAN
from pipeline.text.values.germanic import DUTCH, ENGLISH, GERMAN
from pipeline.text.values.romance import FRENCH, ITALIAN, PORTUGUESE, SPANISH
from pipeline.text.values.slavic import POLISH, RUSSIAN
from pipeline.text.values.southern import ARABIC, HINDI, TURKISH
from pipeline.text.values.words import Words, phrases, rows

WORDS = {
    "ar": ARABIC,
    "de": GERMAN,
    "en": ENGLISH,
    "es": SPANISH,
    "fr": FRENCH,
    "hi": HINDI,
    "it": ITALIAN,
    "ja": JAPANESE,
    "ko": KOREAN,
    "nl": DUTCH,
    "pl": POLISH,
    "pt": PORTUGUESE,
    "ru": RUSSIAN,
    "tr": TURKISH,
    "zh": CHINESE,
}
_NONE = Words(cardinals="", decimal=".")

_CURRENCIES = "USD $, US$, usd; EUR €, eur; GBP £, gbp; KRW ₩, krw; INR ₹; RUB ₽; TRY ₺; BRL R$; "
_CURRENCIES += "CHF chf; PLN pln; CAD C$, CA$, cad; AUD A$, AU$, aud; HKD HK$, hkd; UAH ₴; ILS ₪; JPY jpy; CNY cny"
_SYMBOLS = "% %; ‰ ‰; ° °; °C ℃, ° c; °F ℉, ° f; km km; m m; cm cm; mm mm; kg kg; g g; mg mg; l l; ml ml; h h; "
_SYMBOLS += (
    "min min; s s, sec; km/h kmh, km h, kph; m² m²; GB gb; MB mb; TB tb; kWh kwh; W w; kW kw; V v; cent ¢; Hz hz"
)
PLACES = frozenset("HMNOT")
"""Places of a phrase: hour, minute, number, ordinal, time of day in digits."""
MINOR = "cent"
"""Unit of which a hundred make one of any currency."""
OF_MONTHS = frozenset(("of", "de"))
"""Words between a day and its month."""
_BARE = str.maketrans("أإآٱىةـ", "اااايه\u0640")


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words of a phrase with places for numbers (H, M, N, O, T), and what it means."""

    words: tuple[str, ...]
    meaning: str
    fixed: frozenset[str]
    """Those of its words that are no places."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Tables of a language by folded keys."""

    language: str
    decimal: str
    rules: Rules
    numbers: dict[str, Part]
    glued: int
    """Length of the longest word from which others are put together; 0 if none are."""
    joins: frozenset[str]
    articles: frozenset[str]
    suffixes: frozenset[str]
    points: frozenset[str]
    tenths: dict[str, int]
    signs: dict[str, str]
    units: dict[tuple[str, ...], frozenset[str]]
    before: dict[str, frozenset[str]]
    """Units that may stand before a number."""
    months: frozenset[str]
    times: dict[str, tuple[Phrase, ...]]
    """Phrases by their first word."""
    inner: frozenset[str]
    """Words other than numbers that may stand inside of a value, or be one."""

    def parts(self, word: str) -> tuple[Part, ...]:
        """Return the number words of which a word consists; none if it is no number."""
        found = self.numbers.get(word)
        if found is not None:
            return (found,)
        return _unglued(self.language, word) if self.glued and len(word) > 1 else ()


def fold(key: str, language: str) -> str:
    """Return a key without what tables need not tell apart: accents, or the forms of one letter."""
    if key.isascii():
        return key
    if language in ("es", "fr", "it", "pt", "nl", "de", "ru", "en"):
        parted = unicodedata.normalize("NFKD", key)
        return "".join(char for char in parted if not "\u0300" <= char <= "\u036f")
    if language == "ar":
        return key.translate(_BARE).replace("\u0640", "")
    if language == "hi":
        return unicodedata.normalize("NFKD", key).replace("\u093c", "").replace("\u0901", "\u0902")
    if language == "tr":
        return key.replace("\u0307", "").replace("ı", "i")
    return key


@lru_cache(maxsize=32)
def lexicon(tag: str) -> Lexicon:
    """Return the tables of a language; nearly empty ones for a language that is not promised."""
    language = primary(tag)
    words = WORDS.get(language, _NONE)
    numbers = _numbers(words, language)
    yen = "CNY ¥" if language == "zh" else "JPY ¥"
    before = _units(f"{_CURRENCIES}; {yen}; % %", language)
    if language == "es":
        before["$",] = frozenset({"USD", "MXN"})
    everywhere = _units(f"{_CURRENCIES}; {yen}; {_SYMBOLS}", language)
    units = everywhere | {
        key: ids | everywhere.get(key, frozenset()) for key, ids in _units(words.units, language).items()
    }
    joins, articles, suffixes, points, months = (
        frozenset(_keys(table, language))
        for table in (words.joins, words.articles, words.suffixes, words.points, words.months)
    )
    tenths = {key: int(name) for name, keys in _rows(words.tenths, language) for key in keys}
    signs = {key: name for name, keys in _rows(words.signs, language) for key in keys}
    times = _times(words.times, language)
    fixed = frozenset(word for some in times.values() for one in some for word in one.fixed)
    inner = joins | articles | suffixes | points | months | tenths.keys() | signs.keys() | fixed | OF_MONTHS
    inner |= {word for key in (*units, *before) for word in key}
    return Lexicon(
        language,
        words.decimal,
        words.rules,
        numbers,
        max(map(len, numbers)) if words.glued else 0,
        joins,
        articles,
        suffixes,
        points,
        tenths,
        signs,
        units,
        {key[0]: ids for key, ids in before.items() if len(key) == 1},
        months,
        times,
        inner,
    )


def _keys(text: str, language: str) -> tuple[str, ...]:
    return tuple(fold(one.key, language) if one.kind is Kind.WORD else one.key for one in atoms(text, language))


def _rows(table: str, language: str) -> list[tuple[str, list[str]]]:
    if not table:
        return []
    return [(name, ["".join(_keys(word, language)) for word in words]) for name, words in rows(table)]


def _numbers(words: Words, language: str) -> dict[str, Part]:
    found: dict[str, Part] = {}
    endings = [""] if not words.endings else words.endings.split()
    for name, stems in _rows(words.ordinals, language):
        for stem in stems:
            for ending in endings:
                found.setdefault(fold(stem + ending, language), Part(int(name), ordinal=True))
    for name, keys in _rows(words.cardinals, language):
        value = Part(Decimal(name), literal=True, text=name) if "." in name else Part(int(name))
        found |= dict.fromkeys(keys, value)
    return found


def _units(table: str, language: str) -> dict[tuple[str, ...], frozenset[str]]:
    found: dict[tuple[str, ...], frozenset[str]] = {}
    for name, texts in phrases(table) if table else ():
        for text in texts:
            key = _keys(text, language)
            found[key] = found.get(key, frozenset()) | {name}
    return found


def _times(table: str, language: str) -> dict[str, tuple[Phrase, ...]]:
    found: dict[str, list[Phrase]] = {}
    for name, texts in phrases(table) if table else ():
        for text in texts:
            pattern: tuple[str, ...] = ()
            for word in text.split():
                pattern += (word,) if word in PLACES else _keys(word, language)
            found.setdefault(pattern[0], []).append(Phrase(pattern, name, frozenset(pattern) - PLACES))
    return {first: tuple(some) for first, some in found.items()}


@lru_cache(maxsize=4096)
def _unglued(language: str, word: str) -> tuple[Part, ...]:
    """Return the parts of a word that is nothing but number words written together; none of any other word."""
    table = lexicon(language)
    found = _split(table, word, 2 if language == "en" else 1)
    return tuple(found) if found else ()


def _split(table: Lexicon, word: str, least: int) -> list[Part]:
    for length in range(min(table.glued, len(word)), least - 1, -1):
        part = table.numbers.get(word[:length])
        if part is None:
            continue
        if length == len(word):
            return [part]
        rest = _split(table, word[length:], least)
        if rest:
            return [part, *rest]
        for join in table.joins:
            if word.startswith(join, length):
                rest = _split(table, word[length + len(join) :], least)
                if rest:
                    return [part, replace(rest[0], joined=True), *rest[1:]]
    return []
