"""Writes TypeScript declarations of every component and of the messages of each direction. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from server.api_documents.components import DIRECTIONS, components
from wire.json_schema import Schema

_SIMPLE = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean", "null": "null"}
_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")


def declarations(head: str) -> str:
    """Return the file, which begins with `head` as a comment."""
    parts = [f"// {head}\n"]
    for name, schema in components().items():
        bare = {key: value for key, value in schema.items() if key != "title"}
        if "properties" in bare:
            parts.append(f"export interface {name} {type_of(bare)}\n")
        else:
            parts.append(f"export type {name} = {type_of(bare)};\n")
    for direction in DIRECTIONS:
        union = " | ".join(schema["title"] for schema in direction.messages.values())
        parts.append(f"/** {direction.text} */\nexport type {direction.name} = {union};\n")
    return "\n".join(parts)


def type_of(schema: Schema) -> str:
    """Return the type of a schema; that of a component is its name."""
    if "title" in schema:
        return str(schema["title"])
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    if "anyOf" in schema:
        return " | ".join(type_of(part) for part in schema["anyOf"])
    kind = schema.get("type")
    if kind == "array":
        return _array(schema["items"], schema)
    if kind == "object":
        return _object(schema)
    return _SIMPLE.get(kind, "unknown") if isinstance(kind, str) else "unknown"


def _array(items: Schema, schema: Schema) -> str:
    inner = type_of(items)
    if schema.get("minItems") == schema.get("maxItems") is not None:
        return f"[{', '.join([inner] * schema['minItems'])}]"
    return f"({inner})[]" if " " in inner and not inner.startswith("{") else f"{inner}[]"


def _object(schema: Schema) -> str:
    properties: dict[str, Any] = schema.get("properties", {})
    more = schema.get("additionalProperties")
    if not properties:
        return f"Record<string, {type_of(more) if isinstance(more, dict) else 'unknown'}>"
    required = schema.get("required", ())
    members = [
        f"{name if _IDENTIFIER.fullmatch(name) else json.dumps(name)}{'' if name in required else '?'}: {type_of(one)};"
        for name, one in properties.items()
    ]
    return "{\n" + "".join(f"  {line}\n" for member in members for line in member.split("\n")) + "}"
