"""Snapshot of a repository at one commit: its files with their sizes and hashes, as a source tells them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """`size` in bytes; `sha256` where the source knows it, `git` (a blob's SHA-1) where it knows only that."""

    name: str
    size: int
    sha256: str | None = None
    git: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`commit` is empty where the source can't know it: a folder that somebody copied."""

    repository: str
    commit: str
    files: Mapping[str, RemoteFile]

    def dump(self) -> str:
        """Return the snapshot as text, from which a later pull goes on after an interruption."""
        files = [[file.name, file.size, file.sha256, file.git] for file in self.files.values()]
        return json.dumps({"repository": self.repository, "commit": self.commit, "files": files})

    @classmethod
    def load(cls, text: str) -> Snapshot:
        """Return the snapshot that `dump` wrote. Raises ValueError, KeyError or TypeError for other text."""
        document = json.loads(text)
        files = [RemoteFile(*file) for file in document["files"]]
        return cls(document["repository"], document["commit"], {file.name: file for file in files})


class Source(Protocol):
    """Source of models: a hub, or a folder."""

    async def snapshot(self, repository: str, revision: str) -> Snapshot:
        """Return the files of a repository at a revision. Raises ModelError."""
        ...

    async def fetch(self, snapshot: Snapshot, file: RemoteFile, part: Path, progress: Callable[[int], None]) -> None:
        """Make `part` the whole file, and go on behind the bytes that it has already. Raises ModelError."""
        ...
