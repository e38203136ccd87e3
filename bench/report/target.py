"""A target and whether it was reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Target:
    """One target and its verdict. `passed` is None where this run did not measure it."""

    number: str
    what: str
    limit: str
    value: float | None
    passed: bool | None

    def as_json(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("number", "what", "limit", "value", "passed")}
