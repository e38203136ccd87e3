"""The phrasebook that the bundled models are trained on: what it holds, and what training never sees of it."""

import random
from collections import Counter, defaultdict

import pytest

from starter.recipe import foreign
from starter.recipe.domain import Pair, crossed, draw, fill, fixed, is_held_out, templates, words
from starter.recipe.trials import combinations
from starter.recipe.vocabulary import SPECIAL, TIMES, build, listed
from starter.recipe.voices import HELD_OUT, STOCK, random_variant
from testing.hotel_dialogue import GUEST, RECEPTIONIST
from testing.speech_material import phrases
from testing.spoken_turns import Clause

TEMPLATES = {one.en: one for one in templates()}


@pytest.fixture(scope="module")
def drawn() -> set[Pair]:
    chance = random.Random(3)
    return {draw(chance, held_out=None) for _ in range(30_000)} | {
        fill(template, chance) for template in templates() for _ in range(80)
    }


def test_it_is_as_large_as_it_says(drawn: set[Pair]) -> None:
    known = [{word for pair in drawn for word in words(pair[side])} for side in (0, 1)]
    assert len(templates()) >= 150
    assert all(500 <= len(of_one_language) <= 650 for of_one_language in known)


def test_each_sentence_has_one_translation_also_without_marks(drawn: set[Pair]) -> None:
    for side in (0, 1):
        meanings: dict[str, set[str]] = defaultdict(set)
        for pair in drawn:
            meanings[" ".join(words(pair[side]))].add(pair[1 - side])
        assert not {text: told for text, told in meanings.items() if len(told) > 1}


def test_both_languages_have_the_same_blanks() -> None:
    assert len(TEMPLATES) == len(templates())
    for template in templates():
        assert Counter(template.blanks) == Counter(part.split("}")[0] for part in template.es.split("{")[1:])


def test_a_tenth_is_kept_for_tests_and_no_fixed_phrase(drawn: set[Pair]) -> None:
    filled = [pair for pair in drawn if pair.en not in fixed() and len(pair.en.split()) > 4]
    assert 0.08 < sum(map(is_held_out, filled)) / len(filled) < 0.12
    assert not any(is_held_out(pair) for pair in drawn if pair.en in fixed())
    chance = random.Random(1)
    assert not any(is_held_out(draw(chance)) for _ in range(2000))
    assert all(map(is_held_out, combinations("any", 50)))


def test_every_word_is_trained(drawn: set[Pair]) -> None:
    for side in (0, 1):
        trained = {word for pair in drawn if not is_held_out(pair) for word in words(pair[side])}
        assert {word for pair in drawn for word in words(pair[side])} <= trained


def _said() -> list[Pair]:
    """Return the sentences of the demo and the benches."""
    clauses: list[tuple[str, Clause]] = [(one.language, one.clause) for of in ("en", "es") for one in phrases(of)]
    clauses += [
        (person.language, Clause(one.text, one.translation))
        for person in (GUEST, RECEPTIONIST)
        for one in person.sentences
    ]
    return [
        Pair(one.text, one.translation) if language == "en" else Pair(one.translation, one.text)
        for language, one in clauses
    ]


def test_what_the_demo_and_the_benches_say_is_kept_from_training() -> None:
    said = _said()
    assert len(said) > 100
    assert [pair for pair in said if not is_held_out(pair)] == []


def test_their_words_are_the_phrasebook_s(drawn: set[Pair]) -> None:
    for side in (0, 1):
        known = {word for pair in drawn for word in words(pair[side])}
        assert {word for pair in _said() for word in words(pair[side])} <= known


def test_voices_of_the_demo_and_the_benches_are_kept_from_training() -> None:
    voices = {person.voice for person in (GUEST, RECEPTIONIST)} | {
        one.voice for of in ("en", "es") for one in phrases(of)
    }
    assert {voice.partition("+")[2] for voice in voices} <= set(HELD_OUT)
    assert not set(HELD_OUT) & set(STOCK)
    assert random_variant(4) == random_variant(4) != random_variant(5)


def test_every_word_is_one_token(drawn: set[Pair]) -> None:
    tokenizer = build()
    tokens = listed(tokenizer)
    end = tokens.index("<|endoftext|>")
    assert tokens[end:] == [*SPECIAL, *TIMES]
    assert tokens[end - 1] == ""
    for pair in sorted(drawn)[:4000]:
        for text in pair:
            encoded = tokenizer.encode(f" {text}", add_special_tokens=False)
            marks = sum(text.count(mark) for mark in ".,?!¿¡")
            assert len(encoded.ids) == len(text.split()) + marks
            assert tokenizer.decode(encoded.ids) == f" {text}"
    assert tokenizer.decode(tokenizer.encode(" Zürich 3.5 ♥", add_special_tokens=False).ids) == " Zürich 3.5 ♥"


def test_what_nobody_would_say_is_of_the_same_words_and_nothing_that_is_kept_for_tests() -> None:
    tokenizer, chance = build(), random.Random(4)
    for pair in (crossed(chance) for _ in range(3000)):
        assert not is_held_out(pair)
        for text in pair:
            marks = sum(text.count(mark) for mark in ".,?!¿¡")
            assert len(tokenizer.encode(f" {text}", add_special_tokens=False).ids) == len(text.split()) + marks


@pytest.mark.parametrize("language", ["en", "es", "gmw/de"])
def test_strangers_are_no_sentences_of_it(language: str, drawn: set[Pair]) -> None:
    chance = random.Random(2)
    known = {" ".join(words(text)) for pair in drawn for text in pair}
    assert not known & {" ".join(words(foreign.sentence(chance, language))) for _ in range(500)}
