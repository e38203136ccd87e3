"""libwebrtc without a browser, as in flutter_webrtc: whose words are heard in which ear, and how well."""

from __future__ import annotations

import pytest

from testing.recordings import voiced_ms
from testing.words import share_heard
from tests.independent.speech import speech

from .ears import Recognise, for_recognition, likeness
from .recording import AFTER, HELD, HOTEL, MEANWHILE, PHARMACY, TYPED, VOICES, Recording, Sentence

pytestmark = pytest.mark.real_time

UNDERSTOOD = 0.8  # of the words
ALIKE = 0.7  # a voice and itself after Opus and a jitter buffer; 0.9 is usual
STRANGE = 0.62  # two voices that have nothing to do with each other; 0.5 is usual
ALL = (HOTEL, PHARMACY, TYPED, HELD, MEANWHILE, AFTER)


@pytest.mark.parametrize("sentence", ALL, ids=lambda one: one.translation)
def test_the_interpreter_says_what_was_meant(recorded: Recording, recognise: Recognise, sentence: Sentence) -> None:
    _, listener = recorded.sides(sentence)
    words = recognise(listener.heard("interpreter", recorded.span(sentence)), listener.language)
    assert share_heard(sentence.translation, words) >= UNDERSTOOD, words


@pytest.mark.parametrize("sentence", [HOTEL, PHARMACY, HELD, AFTER], ids=lambda one: one.text)
def test_the_partners_own_voice_is_on_the_second_line(
    recorded: Recording, recognise: Recognise, sentence: Sentence
) -> None:
    speaker, listener = recorded.sides(sentence)
    heard = listener.heard("original", recorded.span(sentence))
    said = for_recognition(speech(sentence.text, VOICES[speaker.language]))
    assert likeness(said, heard) >= ALIKE
    assert share_heard(sentence.text, recognise(heard, speaker.language)) >= UNDERSTOOD
    interpreter = listener.heard("interpreter", recorded.span(sentence))
    assert likeness(said, interpreter) < STRANGE, "the speaker's own voice is on the interpreter's line"


@pytest.mark.parametrize("sentence", ALL, ids=lambda one: one.text)
def test_nobody_hears_the_own_words(recorded: Recording, sentence: Sentence) -> None:
    speaker, _ = recorded.sides(sentence)
    for kind in ("interpreter", "original"):
        assert voiced_ms(speaker.heard(kind, recorded.span(sentence))) == 0


def test_typed_text_has_no_original(recorded: Recording) -> None:
    assert voiced_ms(recorded.ben.heard("original", recorded.span(TYPED))) == 0
