"""Computes checksums of model files: SHA-256 for the lock, and git's hash of small files."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from models.names import safe

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Sum:
    """A file's size in bytes and its SHA-256, lower-case hexadecimal."""

    size: int
    sha256: str

    @classmethod
    def read(cls, size: object, sha256: object) -> Sum:
        """Return the sum that a document holds. Raises ValueError where its size is no whole number."""
        if type(size) is not int or size < 0:
            raise ValueError(f"{size!r} is no size of a file")
        return cls(size, str(sha256))

    @classmethod
    def of(cls, path: Path) -> Sum:
        """Reads the whole file. Raises OSError."""
        digest, size = hashlib.sha256(), 0
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
                size += len(chunk)
        return cls(size, digest.hexdigest())


def git_hash(path: Path) -> str:
    """The SHA-1 by which git knows the file's content: the hub tells it of files that are not in its large storage."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sums(folder: Path) -> dict[str, Sum]:
    """Return the sum of every file below a folder, by its name there. Raises ModelError `unsafe_name`."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {safe(path.relative_to(folder).as_posix()): Sum.of(path) for path in files}
