"""Seeds that are kept as files: what coverage found worth keeping, and each input that once was a finding."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.operations.fuzz.target import Target

FOLDER = Path(__file__).parent / "seeds"


def of(target: Target) -> list[bytes]:
    """Return all seeds of a target: those of its table, then those that are kept, in the order of their names."""
    return [*target.seeds, *(path.read_bytes() for path in sorted((FOLDER / target.name).glob("*")))]


def keep(target: Target, data: bytes, folder: Path = FOLDER) -> Path:
    """Keep an input as a seed, named by its hash."""
    path = folder / target.name / hashlib.sha256(data).hexdigest()[:12]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path
