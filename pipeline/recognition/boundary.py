"""Decides whether a pause ended a sentence or was inside it, by tables of rules over passes (ADR 5). Pure.

Each table is read from its first row on. The first row whose conditions all hold gives the verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from pipeline.recognition.final_words import Line, line_of, says_more
from pipeline.recognition.rules import Rule, deciding, outcome
from pipeline.recognition.stable_text import words_of
from pipeline.recognition.state import SentenceCandidate
from pipeline.recognition.utterance import Utterance
from pipeline.speech import Transcript
from pipeline.text.values import Ending, common, ending, equal, reading

WORD_MS = 220
"""Voice: hardly a word is shorter."""
DEAF_MS = 400
"""Voice behind a sentence, of which a recogniser that goes on would have written a word."""


class Verdict(StrEnum):
    """Sentence boundary, as passes over the whole window and over its rest show it."""

    CLOSED = "closed"
    """The sentence was over there: it is final, and the rest is what follows."""
    EXTENDED = "extended"
    """The sentence was not over there and is now: what followed was the end of its last word."""
    CONTINUED = "continued"
    """No sentence ended there: the whole is heard as one."""
    REOPENED = "reopened"
    """The sentence is final, and what follows makes sense only behind it: the whole is heard again."""
    UNDECIDED = "undecided"
    """The sentence ends in a number that no pass has heard out: a longer silence decides."""
    UNKNOWN = "unknown"
    """Audio behind a final sentence was not understood."""


TENTATIVE: tuple[Rule[Verdict], ...] = (
    Rule({"rest_clear": False, "part_of_word": True, "whole_understood": True}, Verdict.EXTENDED,
        "A sound shorter than a word that makes no sense alone is the end of the word before it."),
    Rule({"rest_clear": False}, Verdict.CONTINUED,
        "A rest that makes no sense alone is heard together with the sentence before it."),
    Rule({"part_of_word": True, "whole_certain": True, "whole_understood": True}, Verdict.EXTENDED,
        "A sound shorter than a word is the end of the word before it, if the whole is certain and says no more."),
    Rule({"part_of_word": True, "whole_certain": True}, Verdict.CONTINUED,
        "The same where the whole is certain but not understood: nothing is decided yet."),
    Rule({"value_goes_on": True}, Verdict.CONTINUED,
        "A number at a window's edge is a guess: a whole that is certain, and heard more, tells which number it was."),
    Rule({"value_in_doubt": True, "early": True}, Verdict.UNDECIDED,
        "A number that no pass gave with words behind it may go on in them, or be another: a longer silence decides."),
    Rule({"whole_understood": False}, Verdict.CLOSED,
        "A whole that is not understood cannot outweigh a sentence and a rest that are."),
    Rule({"goes_on": True, "whole_certain": True}, Verdict.CONTINUED,
        "A whole that is certain has words behind the sentence, and no mark: it stood at a window's edge alone."),
    Rule({"parts_surer": True}, Verdict.CLOSED,
        "Sentence and rest are each surer alone than both are together."),
    Rule({"whole_is_parts": True}, Verdict.CLOSED,
        "The whole is the sentence and the rest, word for word and mark for mark."),
    Rule({"part_of_word": True}, Verdict.EXTENDED,
        "A sound shorter than a word, as uncertain as the whole, is the end of the word before it."),
    Rule({"other_value": True}, Verdict.CONTINUED,
        "The whole has another number where the sentence ends in one: the number went on, or was misheard."),
    Rule({"whole_longer": True}, Verdict.CONTINUED,
        "The whole says more than the sentence, in words of its own."),
    Rule({"other_last_word": True}, Verdict.CONTINUED,
        "One more word changed the sentence's last one: it was guessed before it was over."),
    Rule({"rest_repeats_end": True}, Verdict.CONTINUED,
        "The rest is the end of the sentence again: it was guessed before it was said."),
    Rule({}, Verdict.CLOSED,
        "The whole says no more than the sentence: the recogniser stopped at its end, and has not heard the rest."),
)  # fmt: skip
"""A candidate whose text is not final. The whole is recognised first, then the rest."""

FINAL_REST: tuple[Rule[Verdict], ...] = (
    Rule({"rest_clear": True, "rest_certain": True}, Verdict.CLOSED,
        "A rest that is certain alone stands alone: the whole need not be heard again."),
)  # fmt: skip
"""A candidate whose text is final, after the pass over the rest. Without a verdict the whole is recognised, too."""

FINAL_WHOLE: tuple[Rule[Verdict], ...] = (
    Rule({"whole_understood": True, "whole_longer": True, "rest_clear": False}, Verdict.REOPENED,
        "A rest that makes no sense alone, and adds words to the sentence, is its end."),
    Rule({"other_value": True, "rest_clear": True}, Verdict.CLOSED,
        "A whole with another number cannot change the one that is final: it would swallow what is new of it."),
    Rule({"whole_understood": True, "whole_longer": True, "whole_surer": True}, Verdict.REOPENED,
        "The whole is surer than the rest alone, and says more than the sentence."),
    Rule({"whole_understood": True, "whole_as_long": True, "whole_certain": True, "rest_clear": False},
        Verdict.REOPENED,
        "A rest without sense that adds nothing to a certain whole was no speech."),
    Rule({"rest_clear": True}, Verdict.CLOSED,
        "A rest that is understood stands alone where the whole is no better."),
    Rule({}, Verdict.UNKNOWN,
        "Neither the rest nor the whole tells what was said."),
)  # fmt: skip
"""A candidate whose text is final, after the passes over the rest and the whole."""


SUPERSEDING: tuple[Rule[bool], ...] = (
    Rule({"final": True}, False,
        "A sentence whose text is final stays where it ended."),
    Rule({"inner_gap": True, "certain": True}, True,
        "A certain end in a silence outweighs an end that was only guessed from an inner gap."),
    Rule({"deaf": True}, False,
        "A later pass that says no more, in spite of much voice behind the sentence, has not heard that voice."),
    Rule({"was_certain": False}, True,
        "An end that was not certain gives way to any later one."),
    Rule({"certain": True, "longer": True}, True,
        "A certain end gives way to that of a longer sentence that is as certain."),
    Rule({"certain": True, "value_goes_on": True}, True,
        "A number at its end gives way to the number that a later pass has heard out."),
    Rule({}, False,
        "A later pass that says no more, or is less certain, has not understood what came after."),
)  # fmt: skip
"""True: the candidate of a later silence of the window replaces that of an earlier one."""


def tentative(
    whole: Transcript, rest: Transcript, candidate: SentenceCandidate, voice_after_ms: int, *, early: bool
) -> Verdict:
    """Decide about a candidate that is not final. `voice_after_ms`: voice behind it. `early`: a longer silence may."""
    return outcome(TENTATIVE, tentative_facts(whole, rest, candidate.transcript, voice_after_ms) | {"early": early})


def final(rest: Transcript, whole: Transcript | None, candidate: SentenceCandidate) -> Verdict | None:
    """Decide about a candidate whose text is final. None: the whole must be recognised first."""
    facts = {"rest_clear": clear(rest), "rest_certain": rest.certain}
    rule = deciding(FINAL_REST, facts)
    if rule is None and whole is not None:
        longer = _longer(whole, candidate.transcript)
        facts |= {
            "whole_understood": whole.understood,
            "whole_certain": whole.certain,
            "whole_longer": longer,
            "whole_as_long": not longer and not _longer(candidate.transcript, whole),
            "whole_surer": whole.confidence > rest.confidence,
            "other_value": _has_other_value(whole, candidate.transcript),
        }
        rule = deciding(FINAL_WHOLE, facts)
    return None if rule is None else rule.outcome


def supersedes(later: Transcript, candidate: SentenceCandidate, voice_after_ms: int) -> bool:
    """Return True if a sentence that ends in a later silence replaces the candidate of an earlier one.

    `voice_after_ms`: voice between the two silences.
    """
    goes_on = _value_goes_on(candidate.transcript, later)
    longer = _longer(later, candidate.transcript)
    facts = {
        "final": candidate.final,
        "inner_gap": candidate.inner_gap,
        "certain": later.certain,
        "was_certain": candidate.transcript.certain,
        "deaf": voice_after_ms >= DEAF_MS and not (longer or goes_on),
        "longer": longer,
        "value_goes_on": goes_on,
    }
    return outcome(SUPERSEDING, facts)


def tentative_facts(whole: Transcript, rest: Transcript, sentence: Transcript, voice_after_ms: int) -> dict[str, bool]:
    """Return the conditions of `TENTATIVE`, but for `early`."""
    longer = _longer(whole, sentence)
    other_last_word = _changes_its_last_word(whole, sentence, rest)
    short = voice_after_ms < WORD_MS and (whole.certain or not rest.certain)
    return {
        "rest_clear": clear(rest),
        "whole_understood": whole.understood,
        "whole_certain": whole.certain,
        "whole_longer": longer,
        "other_last_word": other_last_word,
        "part_of_word": short and not longer and not other_last_word,
        "goes_on": goes_on(sentence, whole),
        "other_value": _has_other_value(whole, sentence) and has_another_number(whole, sentence),
        "value_in_doubt": _value_in_doubt(sentence, whole, rest),
        "value_goes_on": whole.certain and _value_goes_on(sentence, whole) and not _are(whole, sentence, rest),
        "parts_surer": min(sentence.confidence, rest.confidence) > whole.confidence,
        "whole_is_parts": _are(whole, sentence, rest),
        "rest_repeats_end": _ends_with(sentence, rest),
    }


def voice_after_ms(utterance: Utterance, candidate: SentenceCandidate, end_media_ms: int) -> int:
    """Return how much voice follows a candidate up to `end_media_ms`."""
    end_ms = end_media_ms - utterance.window_start_media_ms - candidate.until_ms
    return sum(max(0, min(until, end_ms) - since) for since, until in utterance.voice_from(candidate.until_ms))


def goes_on(sentence: Transcript, whole: Transcript) -> bool:
    """Return True if a later pass has the words of a sentence, and goes on behind them without its mark."""
    said, now = _line(sentence).reading, _line(whole).reading
    same, place = common(said, now)
    if same == len(said) or not all(said.is_mark(n) for n in range(same, len(said))):
        return False
    while place < len(now) and now.keys[place] == ",":
        place += 1
    return place < len(now) and not now.is_mark(place)


def says_more_than(whole: Transcript, candidate: SentenceCandidate) -> bool:
    """Return True if a pass that heard words behind a candidate, too, is understood and has some."""
    return clear(whole) and _longer(whole, candidate.transcript)


def has_another_number(whole: Transcript, sentence: Transcript) -> bool:
    """Return True if a pass has a number that the sentence does not have, in any spelling."""
    said = _line(sentence).reading.units
    numbers = [unit.texts for unit in _line(whole).reading.units if any(map(str.isdecimal, "".join(unit.texts)))]
    return any(all(number.isdisjoint(unit.texts) for unit in said) for number in numbers)


def ends_in_value(sentence: Transcript) -> bool:
    """Return True if a sentence ends in a number, or in the beginning of one."""
    return ending(sentence.text, sentence.language) is not Ending.WORD


def may_go_on(sentence: Transcript, rest: Transcript) -> bool:
    """Return True if a sentence ends in a number, and the rest begins with one: both may be parts of one value."""
    first = _line(rest).reading.units[:2]
    return ends_in_value(sentence) and any(any(map(str.isdecimal, "".join(one.texts))) for one in first)


def clear(transcript: Transcript) -> bool:
    """Return True if there are words, and they are understood."""
    return transcript.understood and bool(transcript.text.strip())


def _longer(one: Transcript, other: Transcript) -> bool:
    """Return True if a transcript says more than another does."""
    return says_more(_line(one), _line(other))


def _value_goes_on(sentence: Transcript, whole: Transcript) -> bool:
    """Return True if a sentence ends in a number, and a pass over what follows has heard more, or another number."""
    return ends_in_value(sentence) and (_longer(whole, sentence) or _has_other_value(whole, sentence))


def _value_in_doubt(sentence: Transcript, whole: Transcript, rest: Transcript) -> bool:
    """Return True if a sentence ends in a number that the whole has not with words behind it, and that may be wrong.

    The rest may belong to it, or the whole has another one. A rest that is certain, and begins with no number, may not.
    """
    if not ends_in_value(sentence) or (_longer(whole, sentence) and not _has_other_value(whole, sentence)):
        return False
    return not rest.certain or may_go_on(sentence, rest) or has_another_number(whole, sentence)


def _has_other_value(whole: Transcript, sentence: Transcript) -> bool:
    """Return True if a sentence ends in a number that a pass over what follows does not have, in any spelling."""
    if not ends_in_value(sentence):
        return False
    last = _line(sentence).reading.units[-1].texts
    return all(last.isdisjoint(unit.texts) for unit in _line(whole).reading.units)


def _are(whole: Transcript, sentence: Transcript, rest: Transcript) -> bool:
    """Return True if the whole is a sentence and its rest, word for word and mark for mark."""
    both = reading(f"{sentence.text} {rest.text}", whole.language)
    return equal(reading(whole.text, whole.language), both)


def _changes_its_last_word(whole: Transcript, sentence: Transcript, rest: Transcript) -> bool:
    """Return True if a rest of one word belongs to the sentence's last word ("diez", and then "cuar-to")."""
    now, before = _line(whole).items, _line(sentence).items
    return len(_line(rest).items) <= 1 and len(now) == len(before) and not _alike(now[-1:], before[-1:])


def _ends_with(sentence: Transcript, rest: Transcript) -> bool:
    """Return True if the rest is the end of the sentence again."""
    said, again = _line(sentence).items, _line(rest).items
    return _alike(said[-len(again) :], again)


def _line(transcript: Transcript) -> Line:
    return line_of(words_of(transcript, 0), transcript.language)


def _alike(some: Sequence[frozenset[str]], others: Sequence[frozenset[str]]) -> bool:
    """Return True if words are the same or spellings of the same values, one by one."""
    pairs = zip(some, others, strict=False)
    return len(some) == len(others) and not any(one.isdisjoint(other) for one, other in pairs)
