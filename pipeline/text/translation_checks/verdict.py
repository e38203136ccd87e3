"""Decides what becomes of a translator's answer: it is spoken, spoken and marked as unsure, or held back. Pure.

One decision for every engine, whether it runs here or elsewhere. Wrappers are stripped first (`wrappers`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pipeline.speech import Translate, Translation
from pipeline.text.language import primary, same
from pipeline.text.translation_checks import negation, numbers
from pipeline.text.translation_checks.model_talk import answers, speaks_for_itself, thinks
from pipeline.text.translation_checks.own_language import is_foreign
from pipeline.text.translation_checks.repetition import repeats
from pipeline.text.translation_checks.tokens import has_words, sentences, size
from pipeline.text.translation_checks.wrappers import known, mended


class HeldReason(StrEnum):
    """Reason why an answer is held back: it is no translation of what was said (docs/protocol.md, section 4)."""

    EMPTY = "empty"
    """No words came for words."""
    REPEATS = "repeats"
    """A phrase comes again and again, which was said once."""
    TOO_LONG = "too_long"
    """Several times as long as what was said."""
    UNTRANSLATED = "untranslated"
    """In the source language still, or in a language that nobody asked for."""
    NOT_A_TRANSLATION = "not_a_translation"
    """A model speaks for itself: it refuses, asks, thinks, answers."""


class Doubt(StrEnum):
    """Reason to doubt a translation that is spoken all the same (docs/protocol.md, section 4)."""

    NUMBER = "number"
    """A number is missing, or another stands there."""
    NEGATION = "negation"
    """A negation is missing, or there is one that was not said."""
    INCOMPLETE = "incomplete"
    """Half of what was said is missing, or half of the translation was not said."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement of one answer. An answer that is held back has the source for its text."""

    text: str
    held: HeldReason | None = None
    unsure: tuple[Doubt, ...] = ()
    carried_on: bool = False
    """True if the text goes on behind the translation of the sentence's beginning."""


_TIMES_TOO_LONG, _LONG = 4.0, 60.0
"""Sizes of the source from which an answer is too long, if it is long at all."""
_LEAST, _LEAST_OF_SENTENCES, _MOST = 0.42, 0.62, 2.6
"""Sizes of the source outside which half of it is missing or new; with a sentence less than was said."""
_ENDLESS = 4000
"""Code points of an answer that is not looked at any further. A segment has 300 at most."""
_ENOUGH_TO_MEASURE = 24.0
_LEAST_KNOWN = 0.3
"""Size of what is left of an answer without its unknown words, in sizes of the source."""
_REMNANTS = ("```", '{"', "{'", '": "', "<|")


def judged(job: Translate, answer: Translation) -> Verdict:
    """Return the verdict on the answer to a job."""
    said = job.text.strip()
    if answer.kept or not has_words(said) or same(job.source, job.target):
        return Verdict(answer.text, carried_on=answer.carried_on)
    if len(answer.text) > _ENDLESS:
        return Verdict(said, HeldReason.TOO_LONG)
    source, target = primary(job.source), primary(job.target)
    unwrapped = mended(answer.text, said, target)
    if thinks(unwrapped, said):
        return Verdict(said, HeldReason.NOT_A_TRANSLATION)
    text, lost = known(unwrapped)
    held = _held(text, said, source, target, lost=lost)
    if held is not None:
        return Verdict(said, held)
    doubts = tuple(_doubts(text, said, source, target, lost=lost))
    return Verdict(text, unsure=doubts, carried_on=answer.carried_on)


def _held(text: str, said: str, source: str, target: str, *, lost: bool) -> HeldReason | None:
    if not has_words(text) or (lost and size(text) < size(said) * _LEAST_KNOWN):
        return HeldReason.EMPTY
    if repeats(text, said):
        return HeldReason.REPEATS
    if speaks_for_itself(text, said) or any(mark in text and mark not in said for mark in _REMNANTS):
        return HeldReason.NOT_A_TRANSLATION
    if is_foreign(text, said, source, target):
        return HeldReason.UNTRANSLATED
    if size(text) > max(_LONG, size(said) * _TIMES_TOO_LONG):
        return HeldReason.TOO_LONG
    return HeldReason.NOT_A_TRANSLATION if answers(text, said, source, target) else None


def _doubts(text: str, said: str, source: str, target: str, *, lost: bool) -> list[Doubt]:
    found = {
        Doubt.NUMBER: numbers.differ(said, source, text, target),
        Doubt.NEGATION: negation.differ(said, source, text, target),
        Doubt.INCOMPLETE: lost or _incomplete(text, said),
    }
    return [doubt for doubt, there in found.items() if there]


def _incomplete(text: str, said: str) -> bool:
    ours, theirs = size(text), size(said)
    fewer = sentences(text) < sentences(said)
    if theirs >= _ENOUGH_TO_MEASURE and ours < theirs * (_LEAST_OF_SENTENCES if fewer else _LEAST):
        return True
    return ours >= _LONG and ours > theirs * _MOST
