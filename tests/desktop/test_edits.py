"""The keys that turn one text into another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.desktop.edits import Edit, NotErasable, edit
from clients.desktop.typeable import erasable_prefix, prefix_of_utf16, tidy


@pytest.mark.parametrize(
    ("standing", "wanted", "keys"),
    [
        ("", "", Edit(0, "")),
        ("", "where", Edit(0, "where")),
        ("where", "where is", Edit(0, " is")),
        ("where is the embassy", "where is the bank", Edit(7, "bank")),
        ("Excuse me.", "Excuse me, where", Edit(1, ", where")),
        ("two bags", "", Edit(8, "")),
        ("same", "same", Edit(0, "")),
        ("cafe", "café", Edit(1, "é")),
        ("नम", "नमस्ते", Edit(0, "स्ते")),
        ("so 😀 a", "so 😀 b", Edit(1, "b")),
    ],
)
def test_only_the_changed_tail_is_rewritten(standing: str, wanted: str, keys: Edit) -> None:
    assert edit(standing, wanted) == keys


@pytest.mark.parametrize(
    ("standing", "wanted"), [("नमस्ते", "नम"), ("hi 😀", "hi"), ("e\u0323x", "a"), ("so... I", "so")]
)
def test_what_nobody_can_count_is_not_erased(standing: str, wanted: str) -> None:
    with pytest.raises(NotErasable):
        edit(standing, wanted)


def test_a_mark_never_joins_a_character_that_stays() -> None:
    assert edit("ax", "a\u0323") == Edit(2, "a\u0323")


def press(standing: str, keys: Edit) -> str:
    return standing[: len(standing) - keys.erase] + keys.insert


TEXTS = st.text(alphabet="ab .é\u0323स्😀\u200d한", max_size=12)


@given(TEXTS, TEXTS)
def test_the_keys_make_what_is_wanted(standing: str, wanted: str) -> None:
    try:
        keys = edit(standing, wanted)
    except NotErasable:
        return
    assert press(standing, keys) == wanted
    removed = standing[len(standing) - keys.erase :]
    assert erasable_prefix(removed) == removed


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("two\nlines\tand\ra tab\x1b[2J", "two lines and a tab [2J"),
        ("a\u202eb\u2066c\u200bd\ufeff", "abcd"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301", "é"),
        ("line\u2028break\ue000", "line break"),
    ],
)
def test_no_character_is_a_command(text: str, typed: str) -> None:
    assert tidy(text) == typed


@given(st.text())
def test_nothing_but_text_is_typed(text: str) -> None:
    assert not {"\n", "\r", "\t", "\x1b", "\x08", "\x7f", "\u2028", "\u202e"} & set(tidy(text))
    assert tidy(tidy(text)) == tidy(text)


@pytest.mark.parametrize(
    ("text", "prefix"),
    [
        *[("two bags", "two bags"), ("two 😀", "two"), ("नमस्ते", "नम"), ("a\u0323b", ""), ("", ""), ("\u0323", "")],
        *[("well... so", "well"), ("a -- b", "a "), ("a->b", "a"), ("it (C) 1", "it "), ("in 1/2 h", "in ")],
        ("a.. b-c (d) 1.2", "a.. b-c (d) 1.2"),
    ],
)
def test_what_may_change_holds_only_what_can_be_taken_back(text: str, prefix: str) -> None:
    assert erasable_prefix(text) == prefix


@pytest.mark.parametrize(
    ("text", "units", "prefix"), [("a😀b", 3, "a😀"), ("a😀b", 2, "a"), ("ab", 9, "ab"), ("ab", -1, "")]
)
def test_lengths_count_utf16(text: str, units: int, prefix: str) -> None:
    assert prefix_of_utf16(text, units) == prefix
