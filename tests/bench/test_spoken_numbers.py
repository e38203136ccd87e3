"""The bench of spoken numbers: values are counted by value, and what the pass over the whole has wrong is no call's."""

from __future__ import annotations

import pytest

from bench.spoken_numbers.__main__ import markdown
from bench.spoken_numbers.values import Values, counted, found

SAID = "Dial 500 to attempt it, or 8500 for the rest."


@pytest.mark.parametrize(
    ("heard", "twice", "lost", "changed", "new"),
    [
        ("Dial five hundred to attempt it. Or 8,500 for the rest.", 0, 0, 0, 0),
        ("Dial 500. 500 to attempt it or 8500 for the rest.", 1, 0, 0, 0),
        ("Dial 500 to attempt it or 8500. 8500 for the rest.", 1, 0, 0, 0),
        ("Dial to attempt it or 8500 for the rest.", 0, 1, 0, 0),
        ("Dial 5000 to attempt it or 8500 for the rest.", 0, 0, 1, 0),
        ("Dial five. Hundred to attempt it or 8500 for the rest.", 0, 0, 1, 1),
        ("Dial 500 to attempt it or 8500 for the rest of 7.", 0, 0, 0, 1),
        ("", 0, 2, 0, 0),
    ],
)
def test_values_are_counted(heard: str, twice: int, lost: int, changed: int, new: int) -> None:
    assert counted(found(SAID, heard, "en")) == Values(2, twice, lost, changed, new)


def test_digits_that_are_spelled_may_be_grouped_in_any_way() -> None:
    for heard in ("It is 555-1234.", "It is 5 5 5, 1 2 3 4.", "It is 5-5-5. One, two, three, four."):
        assert counted(found("It is 5551234.", heard, "en", spelled=True)) == Values(7)
    assert counted(found("It is 5551234.", "It is 555. 5 1234.", "en", spelled=True)) == Values(7, twice=1)


def test_an_error_of_the_pass_over_the_whole_is_no_error_of_the_call() -> None:
    call = found(SAID, "Dial 5000 to attempt it or 8500. 8500 for.", "en")
    assert counted(call, found(SAID, "Dial 50 to attempt it or 8500 for the rest.", "en")) == Values(2, twice=1)
    assert counted(call, call) == Values(2) and counted(call).wrong == 2


def test_the_table_shows_what_is_wrong_in_calls_alone() -> None:
    part = {name: Values(4).as_json() for name in ("call", "whole")} | {"ours": Values(4, lost=3).as_json()}
    report = {
        "model": "tiny",
        "parts": {"prompts": {"turns": 2, **part, "lateP50Ms": 300, "lateP95Ms": 700, "wrong": []}},
    }
    row = next(line for line in markdown(report).splitlines() if line.startswith("| prompts"))
    assert [cell.strip() for cell in row.split("|")[1:8]] == ["prompts", "2", "4", "0", "0", "3", "0"]
