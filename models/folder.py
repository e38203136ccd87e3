"""A folder as a source of models: pulled on another machine, or downloaded by hand.

Three layouts are known, for a repository `owner/name`:

    FOLDER/owner/name/…   or   FOLDER/name/…            its files, as `git clone` or a browser leave them
    FOLDER/models--owner--name/snapshots/COMMIT/…       huggingface_hub's cache
    FOLDER/…                                            its files, right there

A folder of ours (`Store`) is another matter: `models.pull.adopt` takes finished models from it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from models import ModelError, Trouble
from models.names import is_commit
from models.snapshot import RemoteFile, Snapshot

_CHUNK = 1 << 20


class Folder:
    """A `Source`. It knows no checksums: the lock does, where the model was fetched before."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def snapshot(self, repository: str, revision: str) -> Snapshot:
        """The files that are there; a commit only where the layout tells one. Raises ModelError `bad_folder`."""
        root = self._root(repository, revision)
        files = {
            name: RemoteFile(name, path.stat().st_size)
            for path in sorted(root.rglob("*"))
            if path.is_file() and not (name := path.relative_to(root).as_posix()).startswith(".")
        }
        commit = root.name if is_commit(root.name) and root.parent.name == "snapshots" else ""
        return Snapshot(repository, commit, files)

    async def fetch(self, snapshot: Snapshot, file: RemoteFile, part: Path, progress: Callable[[int], None]) -> None:
        """Copies it anew each time: a copy is quick. Raises ModelError, OSError."""
        try:
            origin = self._root(snapshot.repository, snapshot.commit) / file.name
            with origin.open("rb") as source, part.open("wb") as out:
                while chunk := source.read(_CHUNK):
                    out.write(chunk)
                    progress(len(chunk))
        except (FileNotFoundError, IsADirectoryError) as error:
            raise ModelError(Trouble.BAD_FOLDER, f"{error.filename} is missing") from None

    def _root(self, repository: str, revision: str) -> Path:
        cached = self._path / f"models--{repository.replace('/', '--')}" / "snapshots"
        snapshots = sorted(path for path in cached.glob("*") if path.is_dir())
        if is_commit(revision) and (cached / revision).is_dir():
            return cached / revision
        if len(snapshots) == 1:
            return snapshots[0]
        if snapshots:
            raise ModelError(
                Trouble.BAD_FOLDER, f"{cached} holds {', '.join(path.name for path in snapshots)}; choose by --revision"
            )
        for path in (self._path / repository, self._path / repository.partition("/")[2], self._path):
            if path.is_dir() and any(one.is_file() for one in path.iterdir()):
                return path
        raise ModelError(Trouble.BAD_FOLDER, f"{self._path} holds no files of {repository}")
