"""Glossary of terms that a translation must use: read from a file, checked, and found in a text.

The file is a table as spreadsheets write it (UTF-8; columns by tab, semicolon or comma). Its first row names a
language for each column, every other row is one thing, and its name in each of them:

    en,es,de
    Dragoman,Dragoman,Dragoman
    invoice|bill,factura,Rechnung
    # a comment

A row counts for every pair of languages in it, both ways. `a|b` are several names for the thing: each is found in
what is said, the first is what is said in its stead. A cell may be empty. A name without capital letters is found
however it is written, one with capitals as it stands or in capitals throughout: "US" is not "us". It is found as
whole words; in Chinese and Japanese, which have no spaces, wherever it stands, and in Korean also with a particle.
"""

from __future__ import annotations

import csv
import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import EngineError
from pipeline.text.language import is_tag, primary
from pipeline.text.segmenter import unspaced

MOST_ROWS, LONGEST_TERM, MOST_BYTES = 10_000, 100, 4 << 20

_PARTICLES = {
    *("은", "는", "이", "가", "을", "를", "에", "의", "로", "와", "과", "도", "만", "랑", "께", "야", "아", "나", "들"),
    *("에서", "에게", "한테", "으로", "까지", "부터", "처럼", "보다", "이나", "이랑", "하고", "라고", "이라고", "께서"),
    *("입니다", "예요", "이에요", "이다", "에는", "에도", "에서는", "으로는", "로는", "에게서"),
}
_SAME = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " ", "‐": "-", "\u2011": "-"})


class GlossaryError(EngineError):
    """The file can't be used. The message names it, the line, and what would be right."""


@dataclass(frozen=True, slots=True)
class FoundTerm:
    """`text[start:end]` is a term, and `wanted` what it is in the other language."""

    start: int
    end: int
    wanted: str


@dataclass(frozen=True, slots=True)
class _Name:
    wanted: str
    exact: str  # empty where any case will do


class Glossary:
    """`rows` are things: for each language (a primary subtag) their names, the preferred one first."""

    def __init__(self, rows: Iterable[Mapping[str, tuple[str, ...]]], version: str = "") -> None:
        self.version = version
        self._rows = list(rows)
        self._pairs: dict[tuple[str, str], dict[str, list[_Name]]] = {}

    def terms(self, language: str) -> tuple[str, ...]:
        """Every name in a language, in the order of the file: what a recogniser may be told to expect."""
        return tuple(dict.fromkeys(name for row in self._rows for name in row.get(primary(language), ())))

    def find(self, text: str, source: str, target: str) -> list[FoundTerm]:
        """The terms in a text, from left to right: of two that overlap the one that begins first, then the longer."""
        source, target = primary(source), primary(target)
        names = self._names(source, target)
        if not names:
            return []
        lengths = sorted({len(folded) for folded in names}, reverse=True)
        folded = fold(text, source)
        found: list[FoundTerm] = []
        at = 0
        while at < len(text):
            one = self._at(text, folded, at, lengths, names, source)
            if one is not None:
                found.append(one)
            at = one.end if one is not None else at + 1
        return found

    def _at(
        self, text: str, folded: str, at: int, lengths: list[int], names: Mapping[str, list[_Name]], language: str
    ) -> FoundTerm | None:
        for length in lengths:
            end = at + length
            for name in names.get(folded[at:end], ()) if end <= len(text) else ():
                written = text[at:end].translate(_SAME)
                if name.exact and written not in (name.exact, name.exact.upper()):
                    continue
                if stands_alone(text, at, end, language):
                    return FoundTerm(at, end, name.wanted)
        return None

    def _names(self, source: str, target: str) -> dict[str, list[_Name]]:
        if (source, target) not in self._pairs:
            names: dict[str, list[_Name]] = {}
            for row in self._rows:
                for name in row.get(source, ()) if target in row else ():
                    exact = name.translate(_SAME) if name != name.lower() else ""
                    names.setdefault(fold(name, source), []).append(_Name(row[target][0], exact))
            for found in names.values():
                found.sort(key=lambda name: not name.exact)  # "US" before "us"
            self._pairs[source, target] = names
        return self._pairs[source, target]


def fold(text: str, language: str) -> str:
    """Case and typography apart, character for character, so that places in it are places in the text."""
    if language == "tr":
        text = text.replace("İ", "i").replace("I", "ı")
    return "".join(lower if len(lower := char.lower()) == 1 else char for char in text.translate(_SAME))


def stands_alone(text: str, start: int, end: int, language: str) -> bool:
    """Return True if `text[start:end]` is no part of a longer word."""
    if _joins(text, start - 1, start, language):
        return False
    if not _joins(text, end, end - 1, language):
        return True
    if primary(language) != "ko":
        return False
    rest = end
    while rest < len(text) and _in_word(text[rest]):
        rest += 1
    return text[end:rest] in _PARTICLES


def _joins(text: str, outer: int, inner: int, language: str) -> bool:
    """Return True if the character outside the edge of a term belongs to the same word as the one inside."""
    if not 0 <= outer < len(text):
        return False
    before, inside = text[outer], text[inner]
    if before in "-\u2010\u2011":  # "e-mail" is no mail
        beyond = outer + (outer - inner)
        return 0 <= beyond < len(text) and _in_word(text[beyond]) and _in_word(inside)
    if unicodedata.category(before).startswith("M"):  # a mark belongs to the letter before it, whatever that is
        return True
    if unspaced(language) and not (_is_spaced_script(before) and _is_spaced_script(inside)):
        return False
    return _in_word(before) and _in_word(inside)


def _in_word(char: str) -> bool:
    return char == "_" or unicodedata.category(char)[0] in "LMN"


def _is_spaced_script(char: str) -> bool:
    """Latin, Cyrillic and others, and digits, within a text that has no spaces."""
    return _in_word(char) and ord(char) < 0x0E00


def read(path: Path) -> Glossary:
    """Read a glossary from its file. Raises `GlossaryError`."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise GlossaryError(f"{path}: over {MOST_BYTES >> 20} MiB is no glossary")
        content = path.read_bytes()
        text = unicodedata.normalize("NFC", content.decode("utf-8-sig"))
    except OSError as error:
        raise GlossaryError(f"{path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise GlossaryError(f"{path} line {line}: it is not UTF-8; save it as UTF-8") from None
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if _is_row(line)]
    if not lines:
        raise GlossaryError(f"{path} is empty: its first row names languages, such as en,es")
    delimiter = next((mark for mark in "\t;," if mark in lines[0][1]), ",")
    languages = _languages(path, *_cells(path, *lines[0], delimiter))
    if len(lines) - 1 > MOST_ROWS:
        raise GlossaryError(f"{path} has over {MOST_ROWS} rows")
    rows = [_row(path, languages, *_cells(path, number, line, delimiter)) for number, line in lines[1:]]
    _check(path, rows, [number for number, _ in lines[1:]])
    return Glossary(rows, hashlib.sha256(content).hexdigest()[:16])


def _is_row(line: str) -> bool:
    return bool(line.strip(" \t,;")) and not line.startswith("#")


def _cells(path: Path, number: int, line: str, delimiter: str) -> tuple[int, list[str]]:
    try:
        (cells,) = csv.reader([line], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError) as error:
        raise GlossaryError(f"{path} line {number}: {error}") from None
    return number, [" ".join(cell.split()) for cell in cells]


def _languages(path: Path, number: int, cells: list[str]) -> list[str]:
    for cell in cells:
        if not is_tag(cell):
            raise GlossaryError(f"{path} line {number}: {cell!r} is no language; the first row is like en,es,pt")
    languages = [primary(cell) for cell in cells]
    if len(languages) < 2:
        raise GlossaryError(f"{path} line {number}: one language alone; the first row is like en,es,pt")
    if len(set(languages)) < len(languages):
        twice = next(one for one in languages if languages.count(one) > 1)
        raise GlossaryError(f"{path} line {number}: {twice} has two columns (regions are one language here)")
    return languages


def _row(path: Path, languages: list[str], number: int, cells: list[str]) -> dict[str, tuple[str, ...]]:
    if len(cells) > len(languages):
        raise GlossaryError(f"{path} line {number}: {len(cells)} cells for {len(languages)} languages")
    row: dict[str, tuple[str, ...]] = {}
    for language, cell in zip(languages, cells, strict=False):
        names = tuple(filter(None, (name.strip() for name in cell.split("|"))))
        for name in names:
            if len(name) > LONGEST_TERM:
                raise GlossaryError(f"{path} line {number}: {name[:20]!r}… has over {LONGEST_TERM} characters")
            if not any(map(_in_word, name)) or any(unicodedata.category(char) in ("Cc", "Co", "Cn") for char in name):
                raise GlossaryError(f"{path} line {number}: {name!r} holds no letter, or a character that is no text")
        if names:
            row[language] = names
    if len(row) < 2:
        raise GlossaryError(f"{path} line {number}: a term in one language only")
    return row


def _check(path: Path, rows: list[dict[str, tuple[str, ...]]], numbers: list[int]) -> None:
    """One name must not want two things in the same language."""
    known: dict[tuple[str, str, str], tuple[str, int]] = {}
    for row, number in zip(rows, numbers, strict=True):
        for source, names in row.items():
            for target in row.keys() - {source}:
                for name in names:
                    key = source, target, name if name != name.lower() else fold(name, source)
                    wanted, line = known.setdefault(key, (row[target][0], number))
                    if wanted != row[target][0]:
                        raise GlossaryError(
                            f"{path} lines {line} and {number}: {name!r} is {wanted!r} and "
                            f"{row[target][0]!r} in {target}"
                        )
