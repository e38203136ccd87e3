"""Writes JSON Schemas (draft 2020-12) as plain data, one function for each kind of value."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from wire.strict_json import MAX_INTEGER

Schema: TypeAlias = dict[str, Any]
"""A JSON Schema. One with a `title` is a component: documents hold it once and refer to it."""

UTF16_LENGTH = "x-maxUtf16Length"
"""Keyword of ours: the longest length in UTF-16 code units, which JSON Schema can't say (it counts code points)."""


def text(*, longest: int | None = None, shortest: int = 0, **more: Any) -> Schema:
    """Return the schema of a string. `longest` counts UTF-16 code units."""
    schema: Schema = {"type": "string"}
    if shortest:
        schema["minLength"] = shortest
    if longest is not None:
        schema |= {"maxLength": longest, UTF16_LENGTH: longest}
    return schema | more


def integer(least: int | None = 0, most: int | None = MAX_INTEGER) -> Schema:
    """Return the schema of an integer, which is written without a fraction."""
    bounds = {"minimum": least, "maximum": most}
    return {"type": "integer"} | {name: bound for name, bound in bounds.items() if bound is not None}


def number() -> Schema:
    return {"type": "number"}


def boolean() -> Schema:
    return {"type": "boolean"}


def one_of(values: type[StrEnum] | Iterable[str], title: str | None = None) -> Schema:
    """Return the schema of a closed set of strings; an enumeration is a component under its own name."""
    if isinstance(values, type):
        title = title or values.__name__
    schema: Schema = {"type": "string", "enum": [str(value) for value in values]}
    return schema if title is None else {"title": title} | schema


def array(of: Schema, *, fewest: int = 0, most: int | None = None) -> Schema:
    schema: Schema = {"type": "array", "items": of}
    if fewest:
        schema["minItems"] = fewest
    if most is not None:
        schema["maxItems"] = most
    return schema


def mapping(of: Schema) -> Schema:
    """Return the schema of an object whose keys are data."""
    return {"type": "object", "additionalProperties": of}


def record(
    required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None, title: str | None = None
) -> Schema:
    """Return the schema of an object. More members than these are allowed: readers ignore what they don't know."""
    schema: Schema = {"type": "object", "properties": dict(required) | dict(optional or {})}
    if required:
        schema["required"] = list(required)
    return schema if title is None else {"title": title} | schema


def message(
    kind: str, title: str, required: Mapping[str, Schema] | None = None, optional: Mapping[str, Schema] | None = None
) -> Schema:
    """Return the schema of a message whose `type` is `kind`."""
    return record({"type": {"const": kind}, **(required or {})}, optional, title)


def nullable(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def lenient(fields: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return members that a client may leave out or send as null, which is the same."""
    return {name: nullable(schema) for name, schema in fields.items()}


def closed(schema: Any) -> Any:
    """Return a schema under which objects have no other members: what this server itself sends."""
    if isinstance(schema, list):
        return [closed(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {key: closed(value) for key, value in schema.items()}
    if "properties" in inner and "additionalProperties" not in inner and inner.get("type") == "object":
        inner["additionalProperties"] = False
    return inner


def referring(schema: Any, components: dict[str, Schema], place: str) -> Any:
    """Return `schema` with a reference for each part that has a title, and put those parts into `components`.

    `place` is the path of the components in the document, such as `#/components/schemas/`. Raises ValueError for two
    components of one name.
    """
    if isinstance(schema, list):
        return [referring(part, components, place) for part in schema]
    if not isinstance(schema, dict):
        return schema
    title = schema.get("title")
    inner = {key: referring(value, components, place) for key, value in schema.items()}
    if not isinstance(title, str):
        return inner
    if components.setdefault(title, inner) != inner:
        raise ValueError(f"two schemas are called {title}")
    return {"$ref": f"{place}{title}"}


def titled(schema: Any) -> Iterator[tuple[str, Schema]]:
    """Yield the components in a schema, the inner ones first."""
    if isinstance(schema, list):
        for part in schema:
            yield from titled(part)
    elif isinstance(schema, dict):
        for part in schema.values():
            yield from titled(part)
        if isinstance(schema.get("title"), str):
            yield schema["title"], schema
