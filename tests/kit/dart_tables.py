"""The tables of members in generated Dart, read as data, and what lib/src/wire.dart does by them, in Python."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

CLASS = re.compile(r"^class (\w+) extends WireRecord \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
TABLE = re.compile(r"static const List<Member> table = \[(.*?)\n  \];", re.DOTALL)
TOKEN = re.compile(r"\s*(?:'((?:[^'\\]|\\.)*)'|([A-Za-z_][\w.]*)|(\d+)|([()<>,:\[\]?]))")


class Unread(Exception):
    """A value is not what the table says, as WireError."""


@dataclass(frozen=True)
class Constant:
    """A call in a constant: its name, its type arguments as they stand, and its arguments."""

    name: str
    types: str
    given: tuple[Any, ...]
    named: Mapping[str, Any]


@dataclass(frozen=True)
class Record:
    members: tuple[Constant, ...]
    parameters: Mapping[str, str]
    """Name → type of each of the factory's."""
    getters: Mapping[str, str]


def classes(text: str) -> dict[str, Record]:
    """Return name → record of a generated file. Raises ValueError where a table is none."""
    found = {}
    for name, body in CLASS.findall(text):
        table = TABLE.search(body)
        if table is None:
            raise ValueError(f"{name} has no table")
        factory = body.partition(f"  factory {name}(")[2].partition(") {")[0]
        parameters = re.findall(r"^    (?:required )?(\S.*?) (\w+),$", factory, re.MULTILINE)
        getters = re.findall(r"^  (\S.*?) get (\w+) =>\s+this\['(\w+)'\](?: as (.+?))?;$", body, re.MULTILINE)
        if any(kind != cast for kind, _, _, cast in getters if cast):
            raise ValueError(f"a getter of {name} casts to another type than it has")
        found[name] = Record(
            tuple(constants(table[1])),
            {parameter: kind for kind, parameter in parameters},
            {member: kind for kind, _, member, _ in getters},
        )
    return found


def constants(text: str) -> list[Constant]:
    """Return the constants of a list, by recursive descent."""
    tokens = [next(part for part in match if part) for match in TOKEN.findall(text)]
    kept = TOKEN.sub("", text).strip()
    if kept:
        raise ValueError(f"no constant: {kept}")
    quoted = [bool(match[0]) for match in TOKEN.findall(text)]
    place = 0

    def value() -> Any:
        nonlocal place
        token, is_text = tokens[place], quoted[place]
        place += 1
        if is_text:
            return token
        if token == "[":
            return many("]")
        if token.isdigit() or token in ("true", "false"):
            return {"true": True, "false": False}.get(token, token if not token.isdigit() else int(token))
        types = _types()
        if place < len(tokens) and tokens[place] == "(":
            place += 1
            given = many(")")
            return Constant(
                token,
                types,
                tuple(one for one in given if not isinstance(one, tuple)),
                dict(one for one in given if isinstance(one, tuple)),
            )
        return token

    def _types() -> str:
        nonlocal place
        if place >= len(tokens) or tokens[place] != "<":
            return ""
        first, depth = place, 0
        while True:
            depth += {"<": 1, ">": -1}.get(tokens[place], 0)
            place += 1
            if depth == 0:
                return "".join(tokens[first + 1 : place - 1])

    def many(end: str) -> list[Any]:
        nonlocal place
        found = []
        while tokens[place] != end:
            one = value()
            if tokens[place] == ":":
                place += 1
                one = (one, value())
            found.append(one)
            if tokens[place] == ",":
                place += 1
        place += 1
        return found

    found = []
    while place < len(tokens):
        found.append(value())
        if place < len(tokens) and tokens[place] == ",":
            place += 1
    return found


def read(json: Any, record: str, of: Mapping[str, Record]) -> dict[str, Any]:
    """Return the values of a record, as `readRecord`. Raises Unread."""
    if not isinstance(json, dict):
        raise Unread(record)
    values = {}
    for member in of[record].members:
        name, wire = member.given
        required = member.named.get("isRequired", True)
        if json.get(name) is None and not required:
            continue
        if name not in json:
            raise Unread(name)
        values[name] = _value(json[name], wire, of)
    return values


def written(values: Mapping[str, Any], record: str, of: Mapping[str, Record]) -> dict[str, Any]:
    """Return the JSON of a record, as `toJson`."""
    return {
        member.given[0]: _plain(values.get(member.given[0]), member.given[1], of)
        for member in of[record].members
        if values.get(member.given[0]) is not None or member.named.get("isRequired", True)
    }


_SIMPLE: Mapping[str, Callable[[Any], bool]] = {
    "Text": lambda json: isinstance(json, str),
    "OneOf": lambda json: isinstance(json, str),
    "Whole": lambda json: isinstance(json, int) and not isinstance(json, bool),
    "Real": lambda json: isinstance(json, int | float) and not isinstance(json, bool),
    "Truth": lambda json: isinstance(json, bool),
    "Anything": lambda json: True,
}


def _value(json: Any, wire: Constant, of: Mapping[str, Record]) -> Any:
    if wire.name in _SIMPLE:
        if not _SIMPLE[wire.name](json):
            raise Unread(wire.name)
        return json
    (inner,) = wire.given
    if wire.name == "Either":
        return _either(json, inner, of)
    if wire.name == "Exactly":
        if json != inner or type(json) is not type(inner):
            raise Unread(str(inner))
        return json
    if wire.name == "Nullable":
        return None if json is None else _value(json, inner, of)
    if wire.name == "RecordOf":
        return read(json, inner.removesuffix(".of"), of)
    if wire.name == "ListOf" and isinstance(json, list):
        return [_value(one, inner, of) for one in json]
    if wire.name == "MapOf" and isinstance(json, dict):
        return {key: _value(one, inner, of) for key, one in json.items()}
    raise Unread(wire.name)


def _either(json: Any, ones: list[Constant], of: Mapping[str, Record]) -> Any:
    for one in ones:
        try:
            return _value(json, one, of)
        except Unread:
            continue
    raise Unread("one of several")


def _plain(value: Any, wire: Constant, of: Mapping[str, Record]) -> Any:
    if value is None or wire.name in _SIMPLE or wire.name in ("Exactly", "Either"):
        return value
    (inner,) = wire.given
    if wire.name == "Nullable":
        return _plain(value, inner, of)
    if wire.name == "RecordOf":
        return written(value, inner.removesuffix(".of"), of)
    if wire.name == "ListOf":
        return [_plain(one, inner, of) for one in value]
    return {key: _plain(one, inner, of) for key, one in value.items()}
