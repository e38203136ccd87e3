"""Writes a Dart class with a table of its members for every record of the protocol. Pure.

The text is as dart-style leaves it, in the Dart of 2.12: tests/clients/test_dart.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.api_documents.components import DIRECTIONS, components
from server.api_documents.dart import WIDTH, named
from wire.json_schema import Schema

_PLAIN = {"string": ("Text()", "String"), "integer": ("Whole()", "int"), "number": ("Real()", "double")}
_PLAIN |= {"boolean": ("Truth()", "bool")}
_OF_CONSTANTS = {int: "int", str: "String", bool: "bool"}


@dataclass(frozen=True, slots=True)
class _Member:
    name: str
    wire: str
    """Constant of lib/src/wire.dart that reads it."""
    type: str
    """Dart type, without the question mark of what may be null."""
    optional: bool
    nullable: bool
    constant: str = ""
    """The only value that it may have, as Dart writes it."""

    @property
    def declared(self) -> str:
        return self.type + ("?" if (self.optional or self.nullable) and self.type != "Object?" else "")


def records(head: str) -> str:
    """Return the file, which begins with `head` as a comment."""
    parts = [f"// {head}\n", "import 'constants.dart';\nimport 'wire.dart';\n"]
    names = []
    for name, schema in components().items():
        if schema.get("type") == "object" and "additionalProperties" not in schema:
            names.append(name)
            parts += _classes(name, schema)
    for direction in DIRECTIONS:
        rows = "".join(f"  '{kind}': {schema['title']}.of,\n" for kind, schema in direction.messages.items())
        table = f"const Map<String, Reader> {named(direction.name)}s = {{\n{rows}}};\n"
        parts.append(f"/// {direction.text} By their type.\n{table}")
    rows = "".join(f"  '{name}': {name}.of,\n" for name in names)
    parts.append(
        f"/// Every record that has a name in the protocol.\nconst Map<String, Reader> records = {{\n{rows}}};\n"
    )
    return "\n".join(parts)


def _classes(name: str, schema: Schema) -> Iterator[str]:
    """Yield the class of a record, after those of the nameless records in it."""
    required = schema.get("required", ())
    members = []
    for member, one in schema.get("properties", {}).items():
        inner = name + member[:1].upper() + member[1:]
        yield from _inner(inner, one)
        members.append(_member(member, one, inner, optional=member not in required))
    yield _class(name, members)


def _inner(name: str, schema: Schema) -> Iterator[str]:
    for part in [schema, *schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())]:
        if part is schema and "properties" in part and "title" not in part:
            yield from _classes(name, part)
        elif part is not schema:
            yield from _inner(name, part)


def _member(name: str, schema: Schema, inner: str, *, optional: bool) -> _Member:
    parts = [part for part in schema.get("anyOf", [schema]) if part.get("type") != "null"]
    nullable = "anyOf" in schema and len(parts) < len(schema["anyOf"])
    wire, kind = _wire(parts[0] if len(parts) == 1 else {"anyOf": parts}, inner)
    constant = _literal(parts[0]["const"]) if "const" in parts[0] else ""
    return _Member(name, f"Nullable<{kind}>({wire})" if nullable else wire, kind, optional, nullable, constant)


def _wire(schema: Schema, inner: str) -> tuple[str, str]:
    """Return the constant that reads a value of this schema, and its Dart type."""
    if "anyOf" in schema:
        return f"Either([{', '.join(_wire(part, inner)[0] for part in schema['anyOf'])}])", "Object?"
    if "const" in schema:
        kind = _OF_CONSTANTS[type(schema["const"])]
        return f"Exactly<{kind}>({_literal(schema['const'])})", kind
    if "enum" in schema:
        values = f"{schema['title']}.values" if "title" in schema else str(schema["enum"])
        return f"OneOf({values})", "String"
    if "properties" in schema:
        record = schema.get("title", inner)
        return f"RecordOf<{record}>({record}.of)", record
    if schema.get("type") == "array":
        wire, kind = _wire(schema["items"], inner)
        return f"ListOf<{kind}>({wire})", f"List<{kind}>"
    if isinstance(schema.get("additionalProperties"), dict):
        wire, kind = _wire(schema["additionalProperties"], inner)
        return f"MapOf<{kind}>({wire})", f"Map<String, {kind}>"
    return _PLAIN.get(schema.get("type", ""), ("Anything()", "Object?"))


def _literal(value: object) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower()


def _class(name: str, members: list[_Member]) -> str:
    given = [one for one in members if not one.constant or one.optional]
    lines = [f"class {name} extends WireRecord {{", f"  {name}._(Map<String, Object?> values) : super(values);", ""]
    lines += [f"  factory {name}({{" if given else f"  factory {name}() {{"]
    if given:
        lines += [f"    {'' if _is_free(one) else 'required '}{one.declared} {named(one.name)}," for one in given]
        lines += ["  }) {"]
    lines += [f"    return {name}._({{"]
    lines += [f"      '{one.name}': {named(one.name) if one in given else one.constant}," for one in members]
    lines += ["    });", "  }", ""]
    lines += [f"  static {name} of(Object? json) => {name}._(readRecord(json, table));", ""]
    if len(lines[-2]) > WIDTH:
        lines[-2] = lines[-2].replace(" => ", " =>\n      ")
    lines += ["  static const List<Member> table = [", *(_row(one) for one in members), "  ];", ""]
    lines += ["  @override", "  List<Member> get members => table;"]
    lines += [part for one in members for part in ("", _getter(one))]
    return "\n".join([*lines, "}"]) + "\n"


def _is_free(member: _Member) -> bool:
    return member.optional or member.nullable or member.type == "Object?"


def _row(member: _Member) -> str:
    more = ", isRequired: false" if member.optional else ""
    line = f"    Member('{member.name}', {member.wire}{more}),"
    if len(line) <= WIDTH:
        return line
    parts = [f"'{member.name}'", member.wire, *(["isRequired: false"] if more else [])]
    return "    Member(\n" + "".join(f"      {_folded(part, 6)},\n" for part in parts) + "    ),"


def _folded(call: str, indent: int) -> str:
    """Return a constant with a line of its own for its argument, where it is too long."""
    name, bracket, rest = call.partition("(")
    if not bracket or indent + len(call) < WIDTH:
        return call
    return f"{name}(\n{' ' * (indent + 4)}{_folded(rest, indent + 4)}"


def _getter(member: _Member) -> str:
    cast = "" if member.type == "Object?" else f" as {member.declared}"
    line = f"  {member.declared} get {named(member.name)} => this['{member.name}']{cast};"
    return line if len(line) <= WIDTH else line.replace(" => ", " =>\n      ")
