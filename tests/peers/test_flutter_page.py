"""docs/flutter.md leads from each step to the client that is tested, and its Dart is the app's own."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "flutter.md"
FLUTTER = ROOT / "clients" / "flutter"


def elsewhere(page: str, read: Callable[[str], str]) -> list[str]:
    """Return the first line of each block of Dart on the page that is not in the file that it names."""
    found = []
    for path, block in re.findall(r"^```dart ?(\S*)\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        indented = (textwrap.indent(block, " " * depth) for depth in (0, 2))
        if not path or not any(f"\n{text}" in read(path) for text in indented):
            found.append(block.partition("\n")[0])
    return found


def test_the_dart_of_the_page_is_the_apps_own() -> None:
    page = PAGE.read_text("utf-8")
    assert len(re.findall("^```dart ", page, re.MULTILINE)) >= 20
    assert not elsewhere(page, lambda path: (FLUTTER / path).read_text("utf-8"))
    assert elsewhere("```dart a.dart\nvoid a() {}\n```\n", lambda path: "\nvoid b() {}\n") == ["void a() {}"]
    assert elsewhere("```dart\nvoid a() {}\n```\n", lambda path: "\nvoid a() {}\n") == ["void a() {}"]


def test_steps_lead_to_what_is_tested() -> None:
    links = re.findall(r"\[(\w+)\]\((\.\./tests/peers/libwebrtc/\w+\.js)\)", PAGE.read_text(encoding="utf-8"))
    assert len(links) >= 15
    for name, target in links:
        source = (PAGE.parent / target).read_text(encoding="utf-8")
        assert re.search(rf"(?m)^(export class {name}\b| +(async )?{name}\()", source), f"no {name} in {target}"
