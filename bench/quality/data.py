"""A data set: a folder of recordings, of what is said in them, and of its translations.

Either files that share a name:

    hello.wav       what is said (any format that FFmpeg reads: .wav .flac .ogg .opus .mp3 .m4a); may be missing
    hello.txt       its words, UTF-8, in the data set's language
    hello.es.txt    a translation of them, by somebody who knows; any number of languages, or none

or a table `data.tsv`, UTF-8, tab-separated, whose first line names the columns: `text` (or `sentence`), and if there
are any `audio` (or `path`, relative to the folder), `language` (else the data set's), and one column for each
language of translations, named by its tag. An empty cell is nothing.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.text.language import is_tag

TABLE = "data.tsv"
SOUNDS = (".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a")
_COLUMNS = {"sentence": "text", "path": "audio"}


class BadData(ValueError):
    """The data set can't be read; the message names the file, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One sentence. `audio` is None where it is not recorded; `translations` are by language."""

    name: str
    language: str
    text: str
    audio: Path | None = None
    translations: Mapping[str, str] = field(default_factory=dict)


def read(folder: Path, language: str) -> list[Item]:
    """All items, by name. `language` is what is spoken, where the data set itself doesn't say. Raises `BadData`."""
    if not folder.is_dir():
        raise BadData(f"{folder} is no folder")
    items = _table(folder, language) if (folder / TABLE).is_file() else _files(folder, language)
    if not items:
        raise BadData(f"{folder} holds no data: neither {TABLE} nor NAME.txt (see bench/quality/data.py)")
    return items


def _files(folder: Path, language: str) -> list[Item]:
    names: dict[str, dict[str, str]] = {}
    for file in sorted(folder.glob("*.txt")):
        name, _, tag = file.stem.rpartition(".")
        if not name or not is_tag(tag):
            name, tag = file.stem, ""
        names.setdefault(name, {})[tag] = _text(file)
    sounds = {file.stem: file for file in sorted(folder.iterdir()) if file.suffix.lower() in SOUNDS}
    for name in sorted(sounds.keys() - {name for name, texts in names.items() if texts.get("")}):
        raise BadData(f"{sounds[name]}: there is no {name}.txt that says what is said in it")
    items = []
    for name, texts in names.items():
        if not texts.get(""):
            raise BadData(f"{folder / name}.txt is missing or empty, and there is a translation of it")
        translations = {tag: text for tag, text in texts.items() if tag and text}
        items.append(Item(name, language, texts[""], sounds.get(name), translations))
    return items


def _table(folder: Path, language: str) -> list[Item]:
    file = folder / TABLE
    lines = _text(file, strip=False).splitlines()
    rows = list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
    head = [_COLUMNS.get(name.strip().lower(), name.strip()) for name in (rows or [[]])[0]]
    if "text" not in head:
        raise BadData(f"{file}: the first line names no column `text`: {', '.join(head) or 'it is empty'}")
    strange = [name for name in head if name not in ("text", "audio", "language") and not is_tag(name)]
    if strange:
        raise BadData(f"{file}: {strange[0]!r} is neither a column's name nor a language tag")
    items = []
    for number, row in enumerate(rows[1:], 2):
        if len(row) > len(head):
            raise BadData(f"{file}, line {number}: {len(row)} cells under {len(head)} names")
        cells = {name: cell.strip() for name, cell in zip(head, row, strict=False)}
        if not any(cells.values()):
            continue
        if not cells["text"]:
            raise BadData(f"{file}, line {number}: no text")
        audio = folder / cells["audio"] if cells.get("audio") else None
        if audio is not None and not audio.is_file():
            raise BadData(f"{file}, line {number}: there is no file {audio}")
        translations = {tag: text for tag, text in cells.items() if text and tag not in ("text", "audio", "language")}
        items.append(Item(str(number), cells.get("language") or language, cells["text"], audio, translations))
    return items


def _text(file: Path, *, strip: bool = True) -> str:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadData(f"{file} is not UTF-8: {error}") from None
    return " ".join(text.split()) if strip else text
