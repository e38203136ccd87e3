"""The strict reader: the field by its name, bounds, and nothing else than Malformed for any text."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wire.strict_json import MAX_INTEGER, Malformed, StrictObject, decode, utf16_length


def refused(field: str | None) -> "pytest.RaisesExc[Malformed]":
    return pytest.RaisesExc(Malformed, check=lambda problem: problem.field == field)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "1", "null", '{"a": NaN}', b"\xff", "[" * 100_000, '{"a": ' + "9" * 5_000 + "}"]
)
def test_anything_but_an_object_is_malformed(text: str | bytes) -> None:
    with refused(None):
        decode(text)


@given(st.text() | st.binary())
def test_any_text_is_an_object_or_malformed(text: str | bytes) -> None:
    try:
        fields = decode(text)
    except Malformed:
        return
    assert isinstance(fields, StrictObject)


def test_a_field_is_named_with_the_objects_around_it() -> None:
    inner = decode('{"a": {"b": {"c": 1}}}').child("a").child("b")
    with pytest.raises(Malformed, match=r"^a\.b\.c must be a string$") as caught:
        inner.text("c", longest=5)
    assert caught.value.field == "a.b.c"


def test_null_is_absent() -> None:
    fields = decode('{"a": null, "b": false}')
    assert (fields.has("a"), fields.has("b"), fields.has("c")) == (False, True, False)
    assert fields.boolean("a", default=True) is fields.boolean("c", default=True) is True
    assert fields.boolean("b", default=True) is False
    with refused("a"):
        fields.boolean("a")


def test_texts_are_measured_in_utf_16() -> None:
    fields = StrictObject({"emoji": "❤😀", "lone": "\ud83d", "empty": ""})
    assert fields.text("emoji", longest=3) == "❤😀"
    for field, longest in (("emoji", 2), ("lone", 5), ("empty", 5), ("absent", 5)):
        with refused(field):
            fields.text(field, longest=longest)
    assert fields.text("empty", longest=5, shortest=0) == ""
    assert fields.any_text("lone") == "\ud83d"


@given(st.text())
def test_the_length_is_that_of_utf_16(text: str) -> None:
    assert utf16_length(text) == len(text.encode("utf-16-le", "surrogatepass")) // 2


@pytest.mark.parametrize("value", [True, 1.0, "1", -1, MAX_INTEGER + 1, [], None])
def test_an_integer_is_an_integer_in_its_bounds(value: Any) -> None:
    with refused("n"):
        StrictObject({"n": value}).integer("n")


@pytest.mark.parametrize(
    ("value", "number"), [(1, 1.0), (-0.5, -0.5), (10**400, 9.0), (-(10**400), -9.0), (1e300, 9.0), (-9.5, -9.0)]
)
def test_a_number_is_brought_into_its_range(value: Any, number: float) -> None:
    assert StrictObject({"n": value}).number("n", least=-9, most=9) == number


@pytest.mark.parametrize("value", [True, "1", None, float("inf"), float("nan"), {}])
def test_a_number_is_finite(value: Any) -> None:
    with refused("n"):
        StrictObject({"n": value}).number("n", least=-9, most=9)


def test_an_id_is_a_text_or_an_integer() -> None:
    assert StrictObject({"id": "a"}).text_or_integer("id", longest=3) == "a"
    assert StrictObject({"id": -5}).text_or_integer("id", longest=3) == -5
    for value in ("long", True, 1.5, 2**60, [], None):
        with refused("id"):
            StrictObject({"id": value}).text_or_integer("id", longest=3)
