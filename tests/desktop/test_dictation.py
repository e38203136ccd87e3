"""The text that is typed while I speak, and the text that is never touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.desktop.dictation import MOST_OPEN, Dictation, Typed
from tests.kit.dictated import ME, became, dictation, ended, said


@dataclass
class Editor:
    """An editor with a text of its own before the cursor, which must stay."""

    text: str = "mine: "
    keys: list[str] = field(default_factory=list)

    def obey(self, source: Dictation, most: int = 10_000) -> None:
        """Press the keys that are missing, `most` at most."""
        for _ in range(most):
            missing = source.edit()
            if missing is None:
                return
            if missing.erase:
                self.text = self.text[:-1]
                self.keys.append("\b")
                source.erased()
            else:
                self.text += missing.insert[0]
                self.keys.append(missing.insert[0])
                source.typed(missing.insert[0])


def typed(source: Dictation, *messages: dict[str, Any]) -> list[str]:
    editor, found = Editor(""), []
    for message in messages:
        source.receive(message)
        editor.obey(source)
        found.append(editor.text)
    return found


def test_a_sentence_grows_and_its_tail_is_revised() -> None:
    assert typed(
        dictation(),
        said("Excuse"),
        said("Excuse me where"),
        said("Excuse me, where is", 10),
        said("Excuse me, where is the embassy?", 19),
        said("Excuse me, where is the embassy?", 32, final=True),
    )[1:] == [
        "Excuse me where",
        "Excuse me, where is",
        "Excuse me, where is the embassy?",
        "Excuse me, where is the embassy?",
    ]


def test_only_the_changed_tail_is_rewritten() -> None:
    source, editor = dictation(), Editor("")
    for message in (said("where is the bank"), said("where is the bar")):
        source.receive(message)
        editor.obey(source)
    assert "".join(editor.keys) == "where is the bank\b\br"


def test_sentences_are_parted_by_a_blank() -> None:
    source = dictation()
    found = typed(source, said("One.", final=True), said("Two.", utterance="u-2", final=True))
    assert found == ["One.", "One. Two."] and source.empty


def test_a_sentence_may_begin_before_the_one_before_it_is_final() -> None:
    assert typed(
        dictation(),
        said("two bag"),
        said("And a", utterance="u-2"),
        said("Two bags.", final=True),
        said("And a coat.", utterance="u-2", final=True),
    ) == ["two bag", "two bag And a", "Two bags. And a", "Two bags. And a coat."]


def test_what_was_not_said_is_taken_back() -> None:
    messages = said("One.", final=True), said("hm", utterance="u-2"), said("", utterance="u-2", final=True)
    assert typed(dictation(), *messages) == ["One.", "One. hm", "One."]


def test_translations_are_typed_segment_by_segment() -> None:
    assert typed(
        dictation(Typed.TRANSLATED),
        said("I have two bags and a coat"),
        became("Tengo dos"),
        became("Tengo dos maletas", final=True),
        became("y un", 1),
        became("y un abrigo.", 1, final=True),
        ended(),
        said("Yes", utterance="u-2"),
        became("Sí", utterance="u-2", final=True),
    ) == [
        "",
        "Tengo dos",
        "Tengo dos maletas",
        "Tengo dos maletas y un",
        "Tengo dos maletas y un abrigo.",
        "Tengo dos maletas y un abrigo.",
        "Tengo dos maletas y un abrigo.",
        "Tengo dos maletas y un abrigo. Sí",
    ]


def test_what_is_held_is_no_translation() -> None:
    assert typed(dictation(Typed.TRANSLATED), became("Tengo"), became("I have", held="untranslated", final=True)) == [
        "Tengo",
        "",
    ]


@pytest.mark.parametrize(
    "message",
    [
        said("theirs", by="p_partner"),
        became("ignored"),
        {"type": "speech_audio", "sourceUserId": ME},
        {"type": "status", "level": "ok"},
        {},
    ],
)
def test_nothing_else_is_typed(message: dict[str, Any]) -> None:
    assert typed(dictation(), message) == [""]


def test_another_language_is_not_typed() -> None:
    assert typed(dictation(Typed.TRANSLATED), became("Ich", targetLanguage="de"), said("I")) == ["", ""]


def test_what_began_while_nothing_was_typed_is_not_typed_later() -> None:
    source = dictation()
    source.active = False
    assert typed(source, said("I talk to myself")) == [""]
    source.active = True
    assert typed(source, said("I talk to myself now", final=True), said("typed", utterance="u-2")) == ["", "typed"]


def test_after_the_cursor_moved_nothing_more_of_the_sentence_is_typed_nor_erased() -> None:
    source, editor = dictation(), Editor("")
    source.receive(said("where is the bank"))
    editor.obey(source)
    source.let_be()
    elsewhere = Editor("other: ")
    for message in (said("where was the bar"), said("where was the bar?", final=True), ended()):
        source.receive(message)
        elsewhere.obey(source)
    assert (editor.text, elsewhere.text) == ("where is the bank", "other: ")
    source.receive(said("Next.", utterance="u-2", final=True))
    elsewhere.obey(source)
    assert elsewhere.text == "other: Next."  # no blank: what stands there is not ours


def test_between_two_sentences_the_cursor_may_go_elsewhere() -> None:
    source = dictation()
    assert typed(source, said("One.", final=True)) == ["One."]
    source.elsewhere()
    assert typed(source, said("Two.", utterance="u-2", final=True)) == ["Two."]


def test_start_over_takes_back_what_was_said_last_and_nothing_before_it() -> None:
    source, editor = dictation(), Editor()
    for message in (said("One.", final=True), said("Two and", 7, utterance="u-2"), said("three", utterance="u-3")):
        source.receive(message)
        editor.obey(source)
    assert editor.text == "mine: One. Two and three"
    source.start_over()
    editor.obey(source)
    assert editor.text == "mine: One. Two and"
    for message in (said("Two and a half", utterance="u-2", final=True), ended("u-2"), ended("u-3")):
        source.receive(message)
        editor.obey(source)
    assert (editor.text, source.empty) == ("mine: One. Two and a half", True)
    source.receive(said("Four.", utterance="u-4", final=True))
    editor.obey(source)
    assert editor.text == "mine: One. Two and a half Four."


@pytest.mark.parametrize("noise", [[], [said("hm", utterance="u-3"), said("", utterance="u-3", final=True)]])
def test_start_over_takes_back_the_last_utterance_alone_where_the_translation_is_typed(noise: list[Any]) -> None:
    source, editor = dictation(Typed.TRANSLATED), Editor()
    begun = [said("I have two bags.", final=True), became("Tengo dos"), said("And a", utterance="u-2")]
    for message in (*begun, became("Y un", utterance="u-2"), *noise):
        source.receive(message)
        editor.obey(source)
    assert editor.text == "mine: Tengo dos Y un"
    for _ in range(2):  # asking again takes back nothing before it
        source.start_over()
        editor.obey(source)
        assert editor.text == "mine: Tengo dos"
    late = became("Y un abrigo.", utterance="u-2"), ended("u-2")
    for message in (*late, became("Tengo dos maletas.", final=True), ended()):
        source.receive(message)
        editor.obey(source)
    assert editor.text == "mine: Tengo dos maletas."


def test_a_change_of_language_lets_the_running_sentence_be() -> None:
    source, editor = dictation(), Editor("")
    source.receive(said("Two bags"))
    editor.obey(source)
    source.choose(Typed.SPOKEN)
    assert not source.empty
    source.choose(Typed.TRANSLATED)
    for message in (said("Two bags more", final=True), became("Dos maletas más", final=True), ended()):
        source.receive(message)
        editor.obey(source)
    assert editor.text == "Two bags"


def test_marks_that_cannot_be_taken_back_wait_until_they_are_sure() -> None:
    assert typed(dictation(), said("नमस्ते"), said("नमस्ते", 6), said("नमस्ते जी", 6, final=True)) == [
        "नम",
        "नमस्ते",
        "नमस्ते जी",
    ]


def test_what_an_editor_would_correct_waits_until_it_is_sure() -> None:
    """One BackSpace takes away the three characters of "…", and the next two are the user's."""
    source, editor = dictation(), Editor()
    words = said("..."), said("Well..."), said("Well, I think so.", final=True)
    for message in (*words, said("So... I", 5, utterance="u-2"), said("So... you", 5, utterance="u-2", final=True)):
        source.receive(message)
        editor.obey(source)
        editor.text = editor.text.replace("...", "…")
    assert editor.text == "mine: Well, I think so. So… you"


def test_stable_lengths_count_utf16() -> None:
    assert typed(dictation(), said("so 😀 ok"), said("so 😀 ok", 5)) == ["so", "so 😀 ok"]


def test_open_utterances_have_a_bound() -> None:
    source = dictation()
    for number in range(3 * MOST_OPEN):
        source.receive(said("a", utterance=f"u-{number}"))
    assert len(source._open) <= MOST_OPEN
    assert repr(source).startswith("<Dictation spoken, active: ")


WORDS = st.lists(st.sampled_from(["two", "bags", "too", "to", "bag.", "é", "नम", "😀", "and"]), max_size=6).map(
    " ".join
)


@st.composite
def talks(draw: st.DrawFn) -> tuple[list[dict[str, Any]], str]:
    """Revisions of up to four utterances, each begun in order and mixed after that, and the text that must remain."""
    finals = draw(st.lists(WORDS, min_size=1, max_size=4))
    lines = []
    for number, final in enumerate(finals):
        name = f"u-{number}"
        guesses = [said(draw(WORDS), utterance=name) for _ in range(draw(st.integers(0, 4)))]
        stable = draw(st.integers(0, len(final.encode("utf-16-le")) // 2))
        lines.append([*guesses, said(final, stable, utterance=name), said(final, 99, utterance=name, final=True)])
    mixed = []
    begun = 0
    while any(lines):
        waiting = [number for number in range(begun) if lines[number]]
        if begun < len(lines) and (not waiting or draw(st.booleans())):
            waiting, begun = [begun], begun + 1
        mixed.append(lines[draw(st.sampled_from(waiting))].pop(0))
    return mixed, " ".join(final for final in finals if final)


@given(talks(), st.lists(st.integers(0, 9), min_size=30, max_size=30))
def test_whatever_comes_the_final_texts_stand_and_what_stood_before_is_untouched(
    talk: tuple[list[dict[str, Any]], str], keys: list[int]
) -> None:
    messages, remains = talk
    source, editor = dictation(), Editor()
    for message, most in zip(messages, keys, strict=False):
        source.receive(message)
        editor.obey(source, most)  # often interrupted by the next revision
        assert editor.text.startswith("mine: ")
    editor.obey(source)
    assert editor.text == f"mine: {remains}"
    assert source.empty


@given(talks(), st.lists(st.integers(0, 9), min_size=30, max_size=30), st.sets(st.integers(0, 29)))
def test_whenever_the_cursor_moves_no_editor_loses_what_is_its_own(
    talk: tuple[list[dict[str, Any]], str], keys: list[int], moves: set[int]
) -> None:
    messages, _ = talk
    source, editor = dictation(), Editor()
    own = editor.text
    for number, (message, most) in enumerate(zip(messages, keys, strict=False)):
        if number in moves:
            source.let_be()
            editor = Editor(editor.text + "| ")  # what stands before the cursor is nobody's to erase
            own = editor.text
        source.receive(message)
        editor.obey(source, most)
        assert editor.text.startswith(own)
