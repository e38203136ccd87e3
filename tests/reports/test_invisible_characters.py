"""Characters that nobody sees vanish, blanks are one space, and what has a part in writing stays: everywhere alike."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.subtitles.client_messages import BadMessage, Say, parse
from pipeline.engines.translation.openai import _accepted
from pipeline.engines.voices.speakable_text import is_sayable
from pipeline.engines.voices.speakable_text import plain as for_a_voice
from pipeline.engines.whisper.prompt import plain as for_a_prompt
from pipeline.text.characters import cleaned, edited, has_words, hidden
from tests.kit.ordinary_sentences import JOINED, ORDINARY

ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
FAMILY = "\U0001f468\u200d\U0001f469\u200d\U0001f467"


def typed(text: str) -> str | None:
    """Return the text of a `say` as it is interpreted. None if it is refused as empty."""
    try:
        message = parse(json.dumps({"type": "say", "text": text, "clientId": "c1"}))
    except BadMessage as bad:
        return None if bad.code == "bad_request" else f"refused as {bad.code}"
    assert isinstance(message, Say)
    return message.text


REPORTED = [
    ("Die Hei\u00adzung geht nicht", "Die Heizung geht nicht"),
    ("pro\u00adnun\u00adcia\u00adtion", "pronunciation"),
    ("wo\u2060rd", "word"),
    ("zero\u200bwidth", "zerowidth"),
    (f"{ENGLAND} won", f"{ENGLAND} won"),
    ("\ufeffHello", "Hello"),
    ("\u200eabc\u200f", "abc"),
    ("Die Heizung geht nicht", "Die Heizung geht nicht"),
]
FORMATS = (
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c"
    "\u202d\u202e\u2060\u2061\u2062\u2063\u2064\u2066\u2069\ufeff\ufff9"
)
MORE = "\u034f\u115f\u1160\u17b4\u17b5\u200c\u200d\ufe0e\ufe0f\U000e0041\U000e0100\ud800\ue000\ufdd0\U0010ffff"
BLANKS = "\t\n\v\f\r\x00\x07\x1b\x7f\x85\u00a0\u1680\u2000\u2009\u2028\u2029\u202f\u205f\u3000\u2800\u3164\uffa0"


@pytest.mark.parametrize(("text", "shown"), REPORTED)
def test_what_was_reported(text: str, shown: str) -> None:
    assert typed(text) == shown


@pytest.mark.parametrize(
    "text", ["\u3164", "\u2800", "\u034f", "\u115f\u1160", "\u200d", "\u00ad\ufeff", "\ufe0f", " \ue000 "]
)
def test_a_text_of_which_nothing_is_seen_is_no_text(text: str) -> None:
    assert typed(text) is None and not is_sayable(text) and not has_words(text)
    assert typed("a" + text) == "a" and is_sayable("a" + text)


@pytest.mark.parametrize("char", FORMATS + MORE, ids=lambda char: f"U+{ord(char):04X}")
def test_a_word_with_a_hidden_character_is_whole_for_everybody(char: str) -> None:
    text = f"pro{char}nun{char}ciation, {char}no"
    said = json.loads(json.dumps(text))
    assert {typed(said), for_a_prompt(text), for_a_voice(text), _accepted(text, ""), cleaned(text)} == {
        "pronunciation, no"
    }


@pytest.mark.parametrize("char", BLANKS, ids=lambda char: f"U+{ord(char):04X}")
def test_a_blank_parts_words_for_everybody(char: str) -> None:
    text = f"{char}one{char}{char}two{char}"
    assert {typed(text), for_a_prompt(text), for_a_voice(text), _accepted(text, ""), cleaned(text)} == {"one two"}


@pytest.mark.parametrize(
    "text",
    [
        *(text for texts in ORDINARY.values() for text in texts),
        *JOINED,
        ENGLAND,
        FAMILY,
        "❤\ufe0f\u200d\U0001f525",
        "#\ufe0f\u20e3 1\ufe0f\u20e3",
        "©\ufe0f ℹ\ufe0f",
        "葛\U000e0100城市",  # an ideograph's variant
        "ᠮᠣᠩᠭᠣᠯ\u180eᠠ",  # Mongolian: the vowel separator
        "\u115f\u1161 \u1100\u1160",  # half syllables of Hangul
        "\u06dd١٢ \u0601١٤",  # signs around a number, which are format characters and seen
        "\U0001fae8 \U0001f6dc",  # of a newer Unicode than this Python's
        "e" + "\u0301" * 3,
    ],
)
def test_what_has_a_part_in_writing_stays(text: str) -> None:
    assert cleaned(text) == text


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("a\u200db", "ab"),
        ("Auf\u200clage", "Auflage"),
        ("\u200dabc", "abc"),
        ("👍\u200d\u200d👍", "👍\u200d👍"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
        ("a\ufe0fb", "ab"),
        ("\U0001f3f4\U000e0067 won", "\U0001f3f4 won"),  # a flag that does not end
        ("\U000e0067\U000e007f", ""),
        ("ᠠ\u180b a\u180b", "ᠠ\u180b a"),
        ("\u115f\u00ad\u1161", "\u1161"),
        ("한\u3164글", "한 글"),
        ("a\u2800\u2800b", "a b"),
        ("\u202eabc\u202c def", "abc def"),
        ("x\ud83dy", "xy"),
    ],
)
def test_what_has_none_does_not(text: str, left: str) -> None:
    assert cleaned(text) == left


@given(st.text(alphabet=st.sampled_from("ab1 م\u1100\u1161👍🏴葛ᠠ" + FORMATS + MORE + BLANKS + "\U000e0067\U000e007f")))
def test_what_is_clean_stays_as_it_is(text: str) -> None:
    once = cleaned(text)
    assert cleaned(once) == once == once.strip()
    assert "  " not in once
    once.encode()
    assert has_words(once) == has_words(text)


@given(st.text(max_size=40))
def test_nothing_that_is_seen_is_lost(text: str) -> None:
    seen = [c for c in text if unicodedata.category(c)[0] in "LNPS" and c not in "\u115f\u1160\u3164\uffa0\u2800"]
    left = [c for c in edited(text, hidden(text)) if unicodedata.category(c)[0] in "LNPS" and c not in "\u115f\u1160"]
    assert left == seen


def test_a_long_text_of_hidden_characters_costs_little() -> None:
    with pytest.raises(BadMessage) as bad:
        parse(json.dumps({"type": "say", "text": "a\u200b" * 8_000}))
    assert bad.value.code == "too_large"
    assert typed("a\u200b" * 2_000) == "a" * 2_000
