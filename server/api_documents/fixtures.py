"""Writes examples of every record of the protocol, right and wrong, on which clients are tested. Pure."""

from __future__ import annotations

import json
import re
from typing import Any

from server.api_documents.components import components
from wire.json_schema import Schema

_TEXTS = ("Où? 😀", "es", "wss://call.example.org/ws")
_SAMPLES: dict[str, Any] = {"integer": 7, "number": 2.5, "boolean": True, "null": None}
_STRANGE: Any = [[{"no": "such"}]]
"""No value of any type of ours."""


def written() -> str:
    """Return the file: JSON, with a line for each record."""
    rows = (f"{json.dumps(name)}: {json.dumps(one, ensure_ascii=False)}" for name, one in fixtures().items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


def fixtures() -> dict[str, dict[str, list[Any]]]:
    """Return record → `right`: with all members, and with those that must be; `wrong`: no example of it."""
    return {
        name: {"right": [sample(schema), sample(schema, bare=True)], "wrong": list(_wrong(schema))}
        for name, schema in components().items()
        if schema.get("type") == "object" and "additionalProperties" not in schema
    }


def sample(schema: Schema, *, bare: bool = False) -> Any:
    """Return a value of this schema. A `bare` one has no member that may be left out, and null where it may be."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][-1]
    if "anyOf" in schema:
        return sample(schema["anyOf"][-1 if bare else 0], bare=bare)
    if "properties" in schema:
        members = schema["properties"].items()
        required = schema.get("required", ())
        return {name: sample(one, bare=bare) for name, one in members if name in required or not bare}
    if schema.get("type") == "array":
        return [sample(schema["items"], bare=bare)] * max(schema.get("minItems", 0), 0 if bare else 1)
    if isinstance(schema.get("additionalProperties"), dict):
        return {"p_1": sample(schema["additionalProperties"], bare=bare)}
    if schema["type"] == "string":
        return next(text for text in _TEXTS if re.search(schema.get("pattern", ""), text))
    return _SAMPLES[schema["type"]]


def _wrong(schema: Schema) -> list[dict[str, Any]]:
    whole = sample(schema)
    found = [{key: value for key, value in whole.items() if key != name} for name in schema.get("required", ())]
    found += [whole | {name: _STRANGE} for name, one in schema.get("properties", {}).items() if "const" not in one]
    found += [whole | {name: "another"} for name, one in schema.get("properties", {}).items() if "const" in one]
    return found
