"""Strict reader of untrusted JSON: one object, known types, bounded sizes, and the wrong field by its name."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any, NoReturn

MAX_INTEGER = 2**53 - 1
"""The largest integer that JavaScript and Dart hold exactly."""

JOINERS = "\u200c\u200d"
"""Zero-width non-joiner and joiner: invisible, yet part of words (Persian, Hindi) and of emoji."""


class Malformed(Exception):
    """A message that breaks the protocol. `field` is the dotted name of the wrong member; None for the whole."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


def decode(text: str | bytes) -> StrictObject:
    """Return the one JSON object (RFC 8259) of `text`. Raises Malformed for anything else."""
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8")
        data = json.loads(text, parse_constant=_refuse_constant)
    # ValueError: malformed, not UTF-8, or an integer of more digits than Python reads; nesting bombs recurse.
    except (ValueError, RecursionError):
        raise Malformed("not valid JSON") from None
    if not isinstance(data, dict):
        raise Malformed("not a JSON object")
    return StrictObject(data)


class StrictObject:
    """The members of a JSON object, read by name and type. `null` counts as absent.

    Every reader raises Malformed, with the member's name, where the member is absent or not as asked.
    """

    __slots__ = ("_data", "_prefix")

    def __init__(self, data: Mapping[str, Any], prefix: str = "") -> None:
        self._data = data
        self._prefix = prefix

    def has(self, key: str) -> bool:
        """True if the member is there and is not null."""
        return self._data.get(key) is not None

    def any_text(self, key: str) -> str:
        """Return a string as it came: of any length, with any characters, lone surrogates included."""
        value = self._data.get(key)
        if not isinstance(value, str):
            self.refuse(key, "must be a string")
        return value

    def text(self, key: str, *, longest: int, shortest: int = 1) -> str:
        """Return a string of `shortest` to `longest` UTF-16 code units, without lone surrogates.

        UTF-8 cannot carry a lone surrogate.
        """
        value = self.any_text(key)
        # A code point is at most two units; the cheap test comes first.
        if len(value) > longest or utf16_length(value) > longest:
            self.refuse(key, f"must not be longer than {longest}")
        if len(value) < shortest:
            self.refuse(key, "must not be empty" if shortest == 1 else f"must not be shorter than {shortest}")
        if any("\ud800" <= char <= "\udfff" for char in value):
            self.refuse(key, "must not hold a lone surrogate")
        return value

    def integer(self, key: str, *, least: int = 0, most: int = MAX_INTEGER) -> int:
        """Return an integer of `least` to `most`."""
        value = self._data.get(key)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(key, "must be an integer")
        if not least <= value <= most:
            self.refuse(key, f"must be between {least} and {most}")
        return value

    def number(self, key: str, *, least: float, most: float) -> float:
        """Return a finite number, brought into the range of `least` to `most`."""
        value = self._data.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < math.inf:
            self.refuse(key, "must be a number")
        return float(max(least, min(most, value)))  # in this order: an integer may be too large for a float

    def text_or_integer(self, key: str, *, longest: int) -> str | int:
        """Return a string of at most `longest` UTF-16 code units, or an integer of either sign."""
        value = self._data.get(key)
        if isinstance(value, str):
            return self.text(key, longest=longest)
        if not isinstance(value, int) or isinstance(value, bool):
            self.refuse(key, "must be a string or an integer")
        return self.integer(key, least=-MAX_INTEGER)

    def boolean(self, key: str, *, default: bool | None = None) -> bool:
        """Return true or false; `default`, where there is one, for an absent member."""
        value = self._data.get(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            self.refuse(key, "must be true or false")
        return value

    def child(self, key: str) -> StrictObject:
        """Return a nested object; the names of its members begin with `key` and a dot."""
        value = self._data.get(key)
        if not isinstance(value, dict):
            self.refuse(key, "must be an object")
        return StrictObject(value, f"{self._prefix}{key}.")

    def each(self, key: str, most: int) -> list[StrictObject]:
        """Return one object for each value of a list of 1 to `most`, or for a single value: it is the member `key`."""
        value = self._data.get(key)
        if not isinstance(value, list):
            return [self]
        if not 1 <= len(value) <= most:
            self.refuse(key, f"must have 1 to {most} entries")
        return [StrictObject({key: one}, self._prefix) for one in value]

    def refuse(self, key: str, why: str) -> NoReturn:
        """Raise Malformed for the member `key`. `why` continues a sentence that begins with the member's name."""
        field = self._prefix + key
        raise Malformed(f"{field} {why}", field)


def utf16_length(text: str) -> int:
    """Return the length of `text` in UTF-16 code units, as JavaScript and Dart count it."""
    return len(text) + sum(char > "\uffff" for char in text)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)
