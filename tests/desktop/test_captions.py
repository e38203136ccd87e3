"""The sentence that the overlay shows."""

from __future__ import annotations

from typing import Any

import pytest

from clients.desktop.captions import LINGER_S, MOST_UTTERANCES, Caption, Captions

ME, PARTNER = "p_me", "p_partner"


def said(text: str, *, by: str = ME, utterance: str = "u-1", language: str = "en", final: bool = False) -> Any:
    one = {"type": "transcription", "utteranceId": utterance, "sourceUserId": by, "text": text, "final": final}
    return one | {"language": language, "stableLength": 0, "revision": 0}


def became(text: str, segment: int = 0, *, by: str = ME, utterance: str = "u-1", into: str = "es", **more: Any) -> Any:
    one = {"type": "translation", "utteranceId": utterance, "segment": segment, "sourceUserId": by}
    return one | {"targetUserId": ME, "translatedText": text, "targetLanguage": into, "final": False} | more


def ended(outcome: str, utterance: str = "u-1", by: str = ME) -> Any:
    return {"type": "utterance_end", "utteranceId": utterance, "sourceUserId": by, "outcome": outcome}


def captions(reads: str = "es", *, own: bool = True, others: bool = False) -> Captions:
    one = Captions(reads, own=own, others=others)
    one.identify(ME)
    return one


def texts(shown: Captions, *messages: Any) -> list[str | None]:
    found = []
    for message in messages:
        shown.receive(message, 0.0)
        found.append(shown.caption.text if shown.caption else None)
    return found


def test_my_own_words_come_back_translated() -> None:
    shown = captions()
    assert texts(
        shown,
        said("I have"),
        said("I have two bags."),
        became("Tengo dos"),
        became("Tengo dos maletas.", final=True),
        ended("spoken"),
    ) == [None, None, "Tengo dos", "Tengo dos maletas.", "Tengo dos maletas."]
    assert shown.caption == Caption("Tengo dos maletas.", final=True)


def test_one_sentence_stands_and_the_next_takes_its_place() -> None:
    assert texts(captions(), became("Hola. ¿Qué"), became("Hola. ¿Qué tal?"), became("Bien", utterance="u-2")) == [
        "¿Qué",
        "¿Qué tal?",
        "Bien",
    ]


def test_segments_of_one_sentence_stand_in_order() -> None:
    assert texts(captions(), became("tengo dos", 1), became("Creo que", 0)) == ["tengo dos", "Creo que tengo dos"]


def test_an_utterance_that_goes_on_another_is_one_sentence_with_it() -> None:
    shown = captions()
    assert texts(shown, became("Quiero ir"), became("al museo.", utterance="u-2", continues="u-1")) == [
        "Quiero ir",
        "Quiero ir al museo.",
    ]
    circle = captions()
    assert texts(circle, became("a", continues="u-2"), became("b", utterance="u-2", continues="u-1"))[-1] is not None


@pytest.mark.parametrize("end", [ended("nothing_said"), ended("refused"), said("", final=True)])
def test_what_was_not_said_is_taken_back(end: Any) -> None:
    shown = captions()
    texts(shown, became("Tengo"))
    assert shown.receive(end, 0.0) and shown.caption is None


def test_what_was_not_said_takes_back_nothing_else() -> None:
    assert (
        texts(captions(), became("Tengo"), ended("refused", "u-0"), ended("spoken"), ended("failed")) == ["Tengo"] * 4
    )


def test_what_was_final_before_its_speaker_started_over_stays() -> None:
    shown = captions()
    texts(shown, became("Hola."))
    assert not shown.receive(ended("refused") | {"reason": "start_over"}, 0.0)
    assert shown.caption is not None


def test_who_starts_over_sees_nothing_more_of_it() -> None:
    shown = captions()
    texts(shown, became("Tengo"))
    shown.start_over()
    assert texts(shown, became("Tengo dos", final=True), became("Hola", utterance="u-2")) == [None, "Hola"]


def test_who_starts_over_still_reads_the_others() -> None:
    shown = captions(others=True)
    texts(shown, became("Bonjour."), became("mine", utterance="u-2"), became("Ça", by=PARTNER, utterance="u-3"))
    shown.start_over()
    assert shown.caption is not None and shown.caption.text == "Ça"
    assert texts(
        shown,
        became("mine and more", utterance="u-2"),
        became("Ça va", by=PARTNER, utterance="u-3"),
        became("Bonjour à tous."),
    ) == ["Ça", "Ça va", "Bonjour à tous."], "what I said before stays, too"


def test_what_is_not_translated_yet_is_dropped_instead_of_what_was_said_before() -> None:
    shown = captions()
    texts(shown, became("Tengo dos maletas."), said("And a", utterance="u-2"))
    for _ in range(2):
        shown.start_over()
        assert texts(shown, said("", utterance="u-2", final=True)) == ["Tengo dos maletas."]
    assert texts(shown, became("Y un", utterance="u-2")) == ["Tengo dos maletas."]
    assert texts(shown, became("Tengo tres maletas.")) == ["Tengo tres maletas."]


def test_words_in_the_language_that_is_read_need_no_translation() -> None:
    assert texts(captions("en-GB"), said("I have two bags"), said("Tengo", language="es")) == ["I have two bags"] * 2


def test_in_a_call_the_partners_words_are_shown_and_mine_where_that_was_chosen() -> None:
    messages = became("mine"), became("theirs", by=PARTNER, utterance="u-2")
    assert texts(captions(own=False, others=True), *messages) == [None, "theirs"]
    assert texts(captions(own=True, others=False), *messages) == ["mine", "mine"]
    assert texts(captions(own=True, others=True), *messages) == ["mine", "theirs"]


@pytest.mark.parametrize("doubt", [{"held": "repeats"}, {"unsure": ["number"]}])
def test_a_doubt_is_marked(doubt: Any) -> None:
    shown = captions()
    texts(shown, became("Tengo tres maletas.", **doubt))
    assert shown.caption == Caption("Tengo tres maletas.", sure=False)


def test_a_caption_goes_after_its_time() -> None:
    shown = captions()
    assert shown.receive(became("Hola"), 10.0)
    assert not shown.receive(became("Hola"), 11.0)  # the same again: it stays longer, and nothing is drawn anew
    assert not shown.expire(10.5 + LINGER_S)
    assert shown.expire(11.0 + LINGER_S) and shown.caption is None
    assert not shown.expire(99.0)


def test_what_is_kept_has_a_bound() -> None:
    shown = captions()
    for number in range(5 * MOST_UTTERANCES):
        shown.receive(became("Hola", utterance=f"u-{number}"), 0.0)
    assert f"{MOST_UTTERANCES} utterances, one shown" in repr(shown)


@pytest.mark.parametrize("message", [{}, {"type": "translation"}, became("a", None), {"type": 7, "sourceUserId": ME}])
def test_odd_messages_do_no_harm(message: Any) -> None:
    captions("es").receive(message, 0.0)
