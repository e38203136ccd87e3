"""Values for schemas, right and almost right, and the rules of ours that JSON Schema can't say."""

from __future__ import annotations

import copy
import re
import unicodedata
from collections.abc import Callable
from typing import Any

import jsonschema_rs
from hypothesis import strategies as st

from media.subtitles.client_messages import MAX_TYPED
from pipeline.text.characters import cleaned
from wire.json_schema import UTF16_LENGTH, Schema

JOINERS = "\u200c\u200d"
ANYTHING = st.recursive(
    # For JSON Schema 1.0 is an integer. Our parsers want it without a fraction, as docs/protocol.md says.
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: not value.is_integer())
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


def _is_name(text: str) -> bool:
    for tags in ("gbeng", "gbsct", "gbwls"):
        text = text.replace("\U0001f3f4" + "".join(chr(0xE0000 + ord(tag)) for tag in tags) + "\U000e007f", "x")
    return all(unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp") or char in JOINERS for char in text.strip())


FORMATS: dict[str, Callable[[str], bool]] = {
    "display-name": _is_name,
    "printable": str.isprintable,
    "visible": lambda text: bool(cleaned(text)),
    "typed-text": lambda text: 0 < len(cleaned(text)) <= MAX_TYPED,
}
"""Formats of our schemas."""


class _Utf16Length:
    def __init__(self, parent_schema: Any, value: Any, schema_path: Any) -> None:
        self._longest = int(value)

    def validate(self, instance: Any) -> None:
        if isinstance(instance, str) and len(instance.encode("utf-16-le", "surrogatepass")) > 2 * self._longest:
            raise ValueError("too long")


def judge(schema: Schema) -> Callable[[Any], bool]:
    """Return the judgement of a schema, our own keyword and formats included."""
    validator = jsonschema_rs.Draft202012Validator(
        schema, validate_formats=True, formats=FORMATS, keywords={UTF16_LENGTH: _Utf16Length}
    )
    return validator.is_valid


def right(schema: Schema) -> st.SearchStrategy[Any]:
    """Values of a schema of ours, but for the length in UTF-16. Raises KeyError for a schema of another kind."""
    if not schema:
        return ANYTHING
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "anyOf" in schema:
        return st.one_of([right(part) for part in schema["anyOf"]])
    return _OF_TYPES[schema["type"]](schema)


def _text(schema: Schema) -> st.SearchStrategy[str]:
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"].replace("$", r"\Z"), re.ASCII))
    longest = schema.get("maxLength", 40)
    found = st.text(min_size=schema.get("minLength", 0), max_size=min(longest, 40))
    if longest < 200:  # at its bound, and beyond it in UTF-16
        found |= st.sampled_from("x😀").map(lambda char: char * longest)
    return found.filter(FORMATS[schema["format"]]) if schema.get("format") in FORMATS else found


def _object(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    members = {name: right(one) for name, one in schema.get("properties", {}).items()}
    required = {name: members.pop(name) for name in schema.get("required", ())}
    known = st.fixed_dictionaries(required, optional=members)
    more = st.dictionaries(st.text(max_size=8), ANYTHING, max_size=2)
    return st.tuples(more, known).map(lambda both: both[0] | both[1])


_OF_TYPES: dict[str, Callable[[Schema], st.SearchStrategy[Any]]] = {
    "string": _text,
    "object": _object,
    "null": lambda schema: st.none(),
    "boolean": lambda schema: st.booleans(),
    "number": lambda schema: st.integers() | st.floats(allow_nan=False, allow_infinity=False),
    "integer": lambda schema: st.integers(schema.get("minimum"), schema.get("maximum")),
    "array": lambda schema: st.lists(
        right(schema["items"]), min_size=schema.get("minItems", 0), max_size=min(schema.get("maxItems", 4), 4)
    ),
}


@st.composite
def almost_right(draw: st.DrawFn, schema: Schema) -> Any:
    """Values of a schema in which, mostly, one member is missing or another."""
    value = copy.deepcopy(draw(right(schema)))
    if draw(st.integers(0, 3)) == 0 or not isinstance(value, dict):
        return value
    place = value
    names = draw(st.sampled_from(sorted(schema.get("properties", {"": 0})) or [""]))
    if isinstance(place.get(names), dict) and place[names] and draw(st.booleans()):
        place = place[names]
        names = draw(st.sampled_from(sorted(place)))
    if draw(st.booleans()):
        place.pop(names, None)
    else:
        place[names] = draw(ANYTHING)
    return value
