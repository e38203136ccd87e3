"""docs/flutter.md leads from each step to the client that is tested: the names it gives are there."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "flutter.md"


def test_steps_lead_to_what_is_tested() -> None:
    links = re.findall(r"\[(\w+)\]\((\.\./tests/peers/libwebrtc/\w+\.js)\)", PAGE.read_text(encoding="utf-8"))
    assert len(links) >= 15
    for name, target in links:
        source = (PAGE.parent / target).read_text(encoding="utf-8")
        assert re.search(rf"(?m)^(export class {name}\b| +(async )?{name}\()", source), f"no {name} in {target}"
