"""Sentence boundaries: every row of the tables decides something, and the tables are what ADR 5 says in one formula."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import pytest

from pipeline.recognition import boundary
from pipeline.recognition.boundary import FINAL_REST, FINAL_WHOLE, SUPERSEDING, TENTATIVE, Verdict
from pipeline.recognition.rules import Rule, deciding, outcome
from pipeline.recognition.state import SentenceCandidate
from pipeline.speech import Transcript

FACTS = (
    "rest_clear",
    "whole_understood",
    "whole_certain",
    "whole_longer",
    "other_last_word",
    "goes_on",
    "value_goes_on",
    "other_value",
    "value_in_doubt",
    "early",
    "part_of_word",
    "parts_surer",
    "whole_is_parts",
    "rest_repeats_end",
)
FINAL_FACTS = (
    "rest_clear",
    "other_value",
    "whole_understood",
    "whole_certain",
    "whole_longer",
    "whole_as_long",
    "whole_surer",
)
SUPERSEDING_FACTS = ("final", "inner_gap", "certain", "was_certain", "longer", "value_goes_on", "deaf")


def cases(names: Sequence[str]) -> list[dict[str, bool]]:
    """Return every combination of the facts."""
    return [dict(zip(names, values, strict=True)) for values in product((False, True), repeat=len(names))]


TENTATIVE_CASES = [
    case
    for case in cases(FACTS)
    if not (case["part_of_word"] and (case["whole_longer"] or case["other_last_word"]))
    and not (case["goes_on"] and not case["whole_longer"])
    and not (case["value_goes_on"] and not (case["whole_certain"] and case["whole_understood"]))
    and not (case["value_goes_on"] and case["whole_is_parts"])
]
FINAL_CASES = [case for case in cases(FINAL_FACTS) if not (case["whole_longer"] and case["whole_as_long"])]


def as_one_formula(facts: Mapping[str, bool]) -> Verdict:
    revised = facts["whole_longer"] or facts["other_last_word"] or facts["other_value"]
    part = facts["part_of_word"]
    covered = facts["whole_understood"] and (revised or part or facts["rest_repeats_end"])
    edge_only = facts["whole_understood"] and facts["whole_certain"] and facts["goes_on"]
    if facts["rest_clear"] and not (part and facts["whole_certain"]):
        if facts["value_goes_on"]:
            return Verdict.CONTINUED
        if facts["value_in_doubt"] and facts["early"]:
            return Verdict.UNDECIDED
    apart = not edge_only and (not covered or facts["parts_surer"] or facts["whole_is_parts"])
    if facts["rest_clear"] and apart and not (part and facts["whole_certain"]):
        return Verdict.CLOSED
    return Verdict.EXTENDED if covered and part else Verdict.CONTINUED


def final_as_one_formula(facts: Mapping[str, bool]) -> Verdict:
    better = facts["whole_longer"] and (not facts["rest_clear"] or facts["whole_surer"])
    no_speech = facts["whole_as_long"] and facts["whole_certain"] and not facts["rest_clear"]
    if facts["other_value"] and facts["rest_clear"]:
        return Verdict.CLOSED
    if facts["whole_understood"] and (better or no_speech):
        return Verdict.REOPENED
    return Verdict.CLOSED if facts["rest_clear"] else Verdict.UNKNOWN


def test_a_tentative_sentence_is_judged_as_the_formula_says() -> None:
    for facts in TENTATIVE_CASES:
        assert outcome(TENTATIVE, facts) is as_one_formula(facts), facts


def test_a_final_sentence_is_judged_as_the_formula_says() -> None:
    for facts in FINAL_CASES:
        assert outcome(FINAL_WHOLE, facts) is final_as_one_formula(facts), facts


@pytest.mark.parametrize("row", TENTATIVE, ids=lambda row: row.reason)
def test_each_row_about_a_tentative_sentence_decides_something(row: Rule[Verdict]) -> None:
    assert any(deciding(TENTATIVE, facts) is row for facts in TENTATIVE_CASES) and row.reason.endswith(".")


@pytest.mark.parametrize("row", FINAL_WHOLE, ids=lambda row: row.reason)
def test_each_row_about_a_final_sentence_decides_something(row: Rule[Verdict]) -> None:
    assert any(deciding(FINAL_WHOLE, facts) is row for facts in FINAL_CASES) and row.reason.endswith(".")


def test_a_rest_that_is_certain_alone_spares_the_second_run() -> None:
    (row,) = FINAL_REST
    assert row.outcome is Verdict.CLOSED
    for facts in cases(("rest_clear", "rest_certain")):
        assert (deciding(FINAL_REST, facts) is row) == all(facts.values())


def test_each_row_about_two_silences_decides_something() -> None:
    chosen = [deciding(SUPERSEDING, facts) for facts in cases(SUPERSEDING_FACTS)]
    assert all(any(one is row for one in chosen) for row in SUPERSEDING)


def said(text: str, confidence: float = 0.9, *, certain: bool = True, understood: bool = True) -> Transcript:
    return Transcript(text, "en", confidence, understood, certain)


def doubted(text: str, confidence: float = 0.7) -> Transcript:
    return said(text, confidence, certain=False)


NOT_UNDERSTOOD = said("uh", 0.2, certain=False, understood=False)


@pytest.mark.parametrize(
    ("sentence", "whole", "rest", "voice_ms", "verdict"),
    [
        (said("I am here."), said("I am here. You are not."), said("You are not."), 900, Verdict.CLOSED),
        (said("We went."), said("We went home."), said("Home."), 400, Verdict.CONTINUED),
        (said("We went.", 0.9), doubted("We went home.", 0.7), said("Home.", 0.8), 400, Verdict.CLOSED),
        (said("We went.", 0.9), said("We went home.", 0.7), said("Home.", 0.8), 400, Verdict.CONTINUED),
        (said("We went.", 0.9), said("We went, at home.", 0.7), said("At home.", 0.8), 400, Verdict.CONTINUED),
        (said("We went.", 0.9), said("We went. At home.", 0.7), said("At home.", 0.8), 400, Verdict.CLOSED),
        (said("I am here."), NOT_UNDERSTOOD, said("You are not."), 900, Verdict.CLOSED),
        (said("I am here."), said("I am here."), said("You are not.", 0.9), 900, Verdict.CLOSED),
        (said("La no."), said("La no."), doubted("Che."), 140, Verdict.EXTENDED),
        (said("La no."), doubted("La no."), doubted("Che.", 0.5), 140, Verdict.EXTENDED),
        (said("La no."), doubted("La no."), said("Che."), 140, Verdict.CLOSED),
        (said("La no."), said("La no."), NOT_UNDERSTOOD, 140, Verdict.EXTENDED),
        (said("Diez y cuarenta.", 0.8), said("Diez y cuarto."), doubted("To."), 240, Verdict.CONTINUED),
        (said("One, please."), said("One, please."), said("please", 0.8), 300, Verdict.CONTINUED),
        (said("I am here."), said("I am here uh"), NOT_UNDERSTOOD, 300, Verdict.CONTINUED),
    ],
)  # fmt: skip
def test_what_followed_a_tentative_sentence(
    sentence: Transcript, whole: Transcript, rest: Transcript, voice_ms: int, verdict: Verdict
) -> None:
    candidate = SentenceCandidate(sentence, 1000, 5.0, silence=0)
    assert boundary.tentative(whole, rest, candidate, voice_ms, early=True) is verdict


TEN, OF_THEM = said("I have ten."), said("Of them.")


@pytest.mark.parametrize(
    ("sentence", "whole", "rest", "early", "late"),
    [
        (TEN, said("I have ten of them.", 0.7), OF_THEM, Verdict.CONTINUED, Verdict.CONTINUED),
        (TEN, said("I have two.", 0.7), OF_THEM, Verdict.CONTINUED, Verdict.CONTINUED),
        (TEN, said("I have ten. Of them.", 0.7), OF_THEM, Verdict.CLOSED, Verdict.CLOSED),
        (TEN, doubted("I have ten of them."), OF_THEM, Verdict.CLOSED, Verdict.CLOSED),
        (TEN, doubted("I have two of them."), OF_THEM, Verdict.UNDECIDED, Verdict.CLOSED),
        (TEN, doubted("I have ten.", 0.5), doubted("Of them.", 0.5), Verdict.UNDECIDED, Verdict.CLOSED),
        (TEN, doubted("I have ten.", 0.5), said("Five of them."), Verdict.UNDECIDED, Verdict.CLOSED),
        (TEN, doubted("I have ten.", 0.5), OF_THEM, Verdict.CLOSED, Verdict.CLOSED),
        (said("I have 8000."), doubted("I have 8500."), doubted("Size", 0.4), Verdict.UNDECIDED, Verdict.CONTINUED),
        (TEN, NOT_UNDERSTOOD, doubted("Of them."), Verdict.UNDECIDED, Verdict.CLOSED),
        (said("I have tea."), NOT_UNDERSTOOD, doubted("Of them."), Verdict.CLOSED, Verdict.CLOSED),
    ],
)
def test_a_number_at_the_end_is_closed_early_only_where_a_pass_has_heard_it_out(
    sentence: Transcript, whole: Transcript, rest: Transcript, early: Verdict, late: Verdict
) -> None:
    candidate = SentenceCandidate(sentence, 1000, 5.0, silence=0)
    assert boundary.tentative(whole, rest, candidate, 600, early=True) is early
    assert boundary.tentative(whole, rest, candidate, 600, early=False) is late


@pytest.mark.parametrize(
    ("rest", "whole", "verdict"),
    [
        (said("You are not."), None, Verdict.CLOSED),
        (doubted("You are not."), None, None),
        (NOT_UNDERSTOOD, None, None),
        (doubted("since noon.", 0.5), said("I am here since noon.", 0.9), Verdict.REOPENED),
        (doubted("since noon.", 0.7), said("I am here since noon.", 0.6), Verdict.CLOSED),
        (NOT_UNDERSTOOD, said("I am here since noon."), Verdict.REOPENED),
        (NOT_UNDERSTOOD, said("I am here."), Verdict.REOPENED),
        (NOT_UNDERSTOOD, doubted("I am here."), Verdict.UNKNOWN),
        (NOT_UNDERSTOOD, NOT_UNDERSTOOD, Verdict.UNKNOWN),
    ],
)
def test_what_followed_a_final_sentence(rest: Transcript, whole: Transcript | None, verdict: Verdict | None) -> None:
    candidate = SentenceCandidate(said("I am here."), 1000, 5.0, silence=0, final=True)
    assert boundary.final(rest, whole, candidate) is verdict


@pytest.mark.parametrize(
    ("before", "later", "voice_ms", "superseded"),
    [
        (SentenceCandidate(said("One."), 1000, 5.0, final=True), said("One two."), 900, False),
        (SentenceCandidate(said("One."), 1000, 5.0, inner_gap=True), said("One."), 900, True),
        (SentenceCandidate(doubted("One."), 1000, 5.0, silence=0), doubted("One."), 300, True),
        (SentenceCandidate(doubted("One."), 1000, 5.0, silence=0), doubted("One."), 500, False),
        (SentenceCandidate(doubted("One."), 1000, 5.0, silence=0), doubted("One two."), 900, True),
        (SentenceCandidate(said("One."), 1000, 5.0, silence=0), said("One two."), 900, True),
        (SentenceCandidate(said("One."), 1000, 5.0, silence=0), doubted("One two."), 900, False),
        (SentenceCandidate(said("One."), 1000, 5.0, silence=0), said("One."), 300, False),
        (SentenceCandidate(said("I have 8000."), 1000, 5.0, silence=0), said("I have 8500."), 900, True),
    ],
)
def test_a_later_silence_may_supersede_a_candidate(
    before: SentenceCandidate, later: Transcript, voice_ms: int, superseded: bool
) -> None:
    assert boundary.supersedes(later, before, voice_ms) is superseded
