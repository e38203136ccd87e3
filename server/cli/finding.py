"""One finding of `dragoman doctor`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`remedy` is what to do about it; empty when all is well."""

    what: str
    remedy: str = ""
