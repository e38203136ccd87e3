"""Tables of the benches' reports."""

import pytest

from bench.report.markdown import table, verdicts


def test_columns_are_as_wide_as_they_need_and_nothing_is_a_dash() -> None:
    text = table(["what", "ms"], [["first sound", 257], ["never", None]])
    assert text.splitlines() == [
        "| what        | ms  |",
        "| ----------- | --- |",
        "| first sound | 257 |",
        "| never       | –   |",
    ]


def test_a_cell_cannot_end_its_column() -> None:
    assert table(["a"], [["x|y"]]).splitlines()[2] == "| x\\|y |"


def test_a_row_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="argument"):
        table(["a", "b"], [["only one"]])


def test_a_target_that_was_missed_is_seen() -> None:
    told = verdicts([{"name": "lag", "wanted": "≤ 5 s", "got": "6 s", "passed": False}])
    assert told.splitlines()[2].split("|")[1:-1] == [" lag ", " ≤ 5 s  ", " 6 s   ", " NO  "]
