"""Tables of a silence and of the end: every row decides something, and no step can follow itself for ever."""

from __future__ import annotations

from itertools import product

import pytest

from pipeline.recognition.pause import AT_THE_END, IN_A_SILENCE, Step
from pipeline.recognition.rules import Rule, deciding, outcome


def cases(rows: tuple[Rule[Step], ...]) -> list[dict[str, bool]]:
    names = sorted({name for row in rows for name in row.conditions})
    return [dict(zip(names, values, strict=True)) for values in product((False, True), repeat=len(names))]


@pytest.mark.parametrize("rows", [IN_A_SILENCE, AT_THE_END], ids=["in a silence", "at the end"])
def test_each_row_decides_something(rows: tuple[Rule[Step], ...]) -> None:
    chosen = [deciding(rows, facts) for facts in cases(rows)]
    for row in rows:
        assert any(one is row for one in chosen), row.reason
        assert row.reason.endswith(".")


DONE_BY = {Step.ASK: "asked", Step.CONFIRM: "confirmed", Step.WITH_PAUSES: "with_pauses"}
DONE_BY |= {Step.RETRY_IN_VAIN: "retried_in_vain"}


@pytest.mark.parametrize("rows", [IN_A_SILENCE, AT_THE_END], ids=["in a silence", "at the end"])
def test_a_pass_that_was_made_is_not_wanted_again(rows: tuple[Rule[Step], ...]) -> None:
    for facts in cases(rows):
        step = outcome(rows, facts)
        if step in DONE_BY:
            assert outcome(rows, facts | {DONE_BY[step]: True}) is not step
        if step is Step.RETRY:
            assert outcome(rows, facts | {"doubtful": False}) is not step


def test_no_text_is_final_before_the_soft_end_nor_without_a_whole_sentence_that_is_trusted() -> None:
    for facts in cases(IN_A_SILENCE):
        if outcome(IN_A_SILENCE, facts) is Step.FINALIZE:
            assert all(facts[name] for name in ("worth_hearing", "asked", "soft_end", "sentence", "trusted"))
            assert not facts["failed"] and (facts["better"] or facts["repeated"] or not facts["quick"])


def test_a_slow_recogniser_makes_one_pass_in_a_silence_and_no_second_opinion_at_the_end() -> None:
    for facts in cases(IN_A_SILENCE):
        if not facts["quick"]:
            assert outcome(IN_A_SILENCE, facts) in (Step.NOTHING, Step.ASK, Step.FINALIZE)
    for facts in cases(AT_THE_END):
        if not facts["quick"]:
            assert outcome(AT_THE_END, facts) in (Step.ASK, Step.WITH_PAUSES, Step.CONCLUDE)
