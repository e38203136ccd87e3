"""Reading untrusted JSON strictly: one object, known types, bounded sizes, and the guilty field by its name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, NoReturn

from signaling.refusal import Code, Refusal

# What JavaScript and Dart hold exactly.
MAX_INTEGER = 2**53 - 1


def decode(text: str | bytes) -> StrictObject:
    """The one JSON object of `text`. Raises Refusal `bad_request` on anything else."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        data = json.loads(text, parse_constant=_no_constant)
    # ValueError: malformed, not UTF-8, or an integer of more digits than Python reads; nesting bombs recurse.
    except (ValueError, RecursionError):
        raise Refusal(Code.BAD_REQUEST, "not valid JSON") from None
    if not isinstance(data, dict):
        raise Refusal(Code.BAD_REQUEST, "not a JSON object")
    return StrictObject(data)


class StrictObject:
    """The members of a JSON object, asked for by name and type. `null` counts as absent."""

    __slots__ = ("_at", "_data")

    def __init__(self, data: Mapping[str, Any], at: str = "") -> None:
        self._data = data
        self._at = at

    def text(self, key: str, *, longest: int, shortest: int = 1) -> str:
        """A string of so many UTF-16 code units; never with a lone surrogate, which no UTF-8 can carry."""
        value = self._data.get(key)
        if not isinstance(value, str):
            self.refuse(key, "must be a string")
        # A code point is at most two units; the cheap test comes first.
        if len(value) > longest or utf16_length(value) > longest:
            self.refuse(key, f"must not be longer than {longest}")
        if len(value) < shortest:
            self.refuse(key, "must not be empty" if shortest == 1 else f"must not be shorter than {shortest}")
        if any("\ud800" <= char <= "\udfff" for char in value):
            self.refuse(key, "must not hold a lone surrogate")
        return value

    def integer(self, key: str, *, least: int = 0, most: int = MAX_INTEGER) -> int:
        value = self._data.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(key, "must be an integer")
        if not least <= value <= most:
            self.refuse(key, f"must be between {least} and {most}")
        return value

    def text_or_integer(self, key: str, *, longest: int) -> str | int:
        value = self._data.get(key)
        if isinstance(value, str):
            return self.text(key, longest=longest)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(key, "must be a string or an integer")
        return self.integer(key, least=-MAX_INTEGER)

    def boolean(self, key: str) -> bool:
        value = self._data.get(key)
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def child(self, key: str) -> StrictObject:
        value = self._data.get(key)
        if not isinstance(value, dict):
            self.refuse(key, "must be an object")
        return StrictObject(value, f"{self._at}{key}.")

    def has(self, key: str) -> bool:
        return self._data.get(key) is not None

    def refuse(self, key: str, why: str) -> NoReturn:
        field = self._at + key
        raise Refusal(Code.BAD_REQUEST, f"{field} {why}", {"field": field})


def utf16_length(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)
