"""Writes Dart constants of every closed set: codes, types, states, reasons, close codes and paths. Pure.

The text is as dart-style leaves it, in the Dart of 2.12: tests/clients/test_dart.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from server.api_documents.components import DIRECTIONS, components
from signaling import refusal
from signaling.http.operations import OPERATIONS

CLOSE_CODES = {
    "ended": refusal.ENDED,
    "shutdown": refusal.SHUTDOWN,
    "tooLarge": refusal.TOO_LARGE,
    "restart": refusal.RESTART,
    "takenOver": refusal.TAKEN_OVER,
    "badFirstMessage": refusal.BAD_FIRST_MESSAGE,
    "notAuthorized": refusal.NOT_AUTHORIZED,
    "noFirstMessage": refusal.NO_FIRST_MESSAGE,
    "flood": refusal.FLOOD,
}
WIDTH = 80
"""Columns of a line of Dart."""
_RESERVED = frozenset({"continue", "default", "final", "in", "is", "new", "switch", "values"})


def constants(head: str) -> str:
    """Return the file, which begins with `head` as a comment."""
    parts = [f"// {head}\n"]
    parts += [_texts(name, schema["enum"]) for name, schema in components().items() if "enum" in schema]
    parts += [f"/// Types. {one.text}\n{_texts(f'{one.name}Type', one.messages)}" for one in DIRECTIONS]
    parts.append(_class("CloseCode", {name: f"int {named(name)} = {code}" for name, code in CLOSE_CODES.items()}))
    paths = {row.name: f"String {named(row.name)} = '{row.path}'" for row in OPERATIONS}
    parts.append(f"/// Paths by method and place. A part in braces is to be filled in.\n{_class('ApiPath', paths)}")
    return "\n".join(parts)


def _texts(name: str, values: Iterable[str]) -> str:
    listed = list(values)
    lines = {value: f"String {named(value)} = '{value}'" for value in listed}
    lines["values"] = "List<String> values = [\n" + "".join(f"    {named(value)},\n" for value in listed) + "  ]"
    return _class(name, lines)


def _class(name: str, lines: Mapping[str, str]) -> str:
    return f"abstract class {name} {{\n" + "".join(_constant(line) for line in lines.values()) + "}\n"


def _constant(line: str) -> str:
    written = f"  static const {line};"
    fits = max(map(len, written.splitlines())) <= WIDTH
    return (written if fits else written.replace(" = ", " =\n      ", 1)) + "\n"


def named(value: str) -> str:
    """Return the lowerCamelCase name of a constant or a member."""
    first, *rest = re.split(r"[_\-.{}/]+", value.strip("{}_/"))
    name = first[:1].lower() + first[1:] + "".join(word[:1].upper() + word[1:] for word in rest)
    return f"{name}_" if name in _RESERVED else name
