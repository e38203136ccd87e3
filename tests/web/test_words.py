"""One dictionary for each language of the page: the same keys, the same placeholders, and none that is missing."""

import re
from pathlib import Path

import pytest

from media.events import StatusReason

WEB = Path(__file__).parents[2] / "web"
ENTRY = re.compile(r'^  "([\w.]+)": "((?:[^"\\]|\\.)*)",$')
LANGUAGES = ["ar", "de", "en", "es", "fr", "pt"]


PARTS = ["words", "words/accounts", "words/captions"]
"""Folders of dictionaries: that of the call, that of the account's rooms, and that of the captions page."""


def dictionary(language: str, part: str = "words") -> dict[str, str]:
    """Return a dictionary; each line of the file is one entry, or it would not be a plain file."""
    lines = (WEB / part / f"{language}.js").read_text().splitlines()
    begin, end = lines.index("export default {"), lines.index("};")
    entries = [ENTRY.match(line) for line in lines[begin + 1 : end]]
    assert all(entries), [line for line, entry in zip(lines[begin + 1 :], entries, strict=False) if not entry]
    pairs = [(entry[1], entry[2]) for entry in entries if entry]
    assert len(dict(pairs)) == len(pairs), "no key twice"
    return dict(pairs)


ENGLISH = {key: text for part in PARTS for key, text in dictionary("en", part).items()}


def test_there_is_one_for_each_language_offered() -> None:
    for part in PARTS:
        assert sorted(path.stem for path in (WEB / part).glob("*.js")) == LANGUAGES
    assert len(ENGLISH) == sum(len(dictionary("en", part)) for part in PARTS), "no key in two of them"
    offered = re.search(r"LOCALES = \{(.*?)\}", (WEB / "pure" / "words.js").read_text())
    assert offered
    assert sorted(re.findall(r"(\w+): \"", offered[1])) == LANGUAGES


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_same_keys_in_the_same_order_and_same_placeholders(language: str, part: str) -> None:
    other = dictionary(language, part)
    assert list(other) == list(dictionary("en", part))
    for key, text in other.items():
        assert text.strip(), key
        assert sorted(re.findall(r"\{(\w+)\}", text)) == sorted(re.findall(r"\{(\w+)\}", ENGLISH[key])), key


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_it_is_translated(language: str) -> None:
    other = {key: text for part in PARTS for key, text in dictionary(language, part).items()}
    same = {key for key, text in other.items() if text == ENGLISH[key] and len(text) > 14 and "{" not in text}
    assert not same


def test_every_key_that_the_page_uses_exists_and_no_other() -> None:
    sources = [*WEB.glob("*.html"), *WEB.glob("*.js"), *WEB.glob("[!w]*/**/*.js")]  # all but words/
    text = "\n".join(path.read_text() for path in sources)
    used = set(re.findall(r'data-t(?:-label|-hint)?="([\w.]+)"', text))
    used |= set(re.findall(r'"([A-Za-z]+\.[A-Za-z_]+)"', text)) & ENGLISH.keys()
    families = {family for family in re.findall(r"`(\w+)\.\$\{", text)}
    assert used <= ENGLISH.keys(), used - ENGLISH.keys()
    unused = {key for key in ENGLISH.keys() - used if key.split(".")[0] not in families}
    assert not unused


def test_every_code_of_the_protocol_has_words() -> None:
    page = (WEB.parent / "docs" / "protocol.md").read_text()
    table = page[page.index("### Codes") : page.index("Close codes")]
    codes = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
    assert len(codes) > 15
    silent = {"unknown_type"}  # between programs
    assert {f"problem.{code}" for code in codes - silent} <= ENGLISH.keys()


def test_every_reason_of_a_status_has_words() -> None:
    assert {f"status.{reason}" for reason in StatusReason} <= ENGLISH.keys()
