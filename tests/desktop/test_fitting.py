"""The part of a long caption that is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from clients.desktop.fitting import MARK, end_that_fits


def test_the_end_is_shown() -> None:
    text = "the newest words are at the end"
    assert end_that_fits(text, lambda part: True) == text
    assert end_that_fits(text, lambda part: len(part) <= 12) == f"{MARK}at the end"
    assert end_that_fits(text, lambda part: False) == f"{MARK}end"
    assert end_that_fits("我有两个包", lambda part: len(part) <= 4) == f"{MARK}个包"


@given(st.text(alphabet="ab ", min_size=1, max_size=80), st.integers(0, 90))
def test_it_fits_and_is_an_end(text: str, most: int) -> None:
    shown = end_that_fits(text, lambda part: len(part) <= most)
    end = shown.removeprefix(MARK)
    assert text.endswith(end)
    assert shown == text or len(shown) <= most or " " not in end.strip()
