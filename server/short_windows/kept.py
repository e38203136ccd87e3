"""Keeps a judgement beside the weights that it is of, or in the data folder where theirs can't be written.

The file is put in place at once, so a judge that is killed leaves none. One process at a time judges them.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import os
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from models.sums import Sum
from server.short_windows.judgement import JUDGE, Basis, Judgement
from server.short_windows.padding import MARGIN, SILENT_TAIL

FILE = "short-windows.json"
_ASIDE = "short-windows"
_READ = ("model.bin", "config.json", "preprocessor_config.json", "tokenizer.json")
"""Files by which the engine hears: the weights, and what it reads beside them."""
_HEARD_BY = ("beam", "vad_filter", "loudness_dbfs")
"""Options by which the engine hears something else; where none is named it hears in the usual way."""
_LIBRARIES = ("ctranslate2", "faster-whisper")


class OthersJudge(Exception):
    """Another process is judging these weights."""


def basis(folder: Path, options: Mapping[str, Any]) -> Basis:
    """Return the facts of a model folder and of the engine's options. Reads every byte. Raises OSError."""
    parts = [f"{name} {_sha256(folder / name, *_stamp(folder / name))}" for name in _READ if (folder / name).is_file()]
    device = f"{options.get('device', 'cpu')} {options.get('compute_type') or 'usual'}"
    device += "".join(f", {name} {options[name]}" for name in _HEARD_BY if name in options)
    weights = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    return Basis(weights, _judge(), MARGIN, SILENT_TAIL, device)


@cache
def _judge() -> str:
    """Return the versions of the judge and of the libraries by which the engine hears."""
    return ", ".join([str(JUDGE), *(f"{name} {importlib.metadata.version(name)}" for name in _LIBRARIES)])


def _stamp(path: Path) -> tuple[int, ...]:
    about = path.stat()
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns


@lru_cache(maxsize=64)
def _sha256(path: Path, *_stamp: int) -> str:
    """Return the SHA-256 of a file, which is read once in this process for each of its stamps."""
    return Sum.of(path).sha256


@dataclass(frozen=True, slots=True)
class Kept:
    """Judgements of the model in `folder`. `data` is the data folder."""

    folder: Path
    data: Path

    def read(self, weights: str) -> Judgement | None:
        """Return the one of these weights; else any that is beside them; None where there is none."""
        found = [one for place in self._places(weights) if (one := _read(place)) is not None]
        return next((one for one in found if one.basis.weights == weights), found[0] if found else None)

    def write(self, judgement: Judgement) -> Path:
        """Keep it, and return where. Raises OSError if neither place can be written."""
        beside, aside = self._places(judgement.basis.weights)
        try:
            _write(beside, judgement.dump())
        except OSError:
            aside.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            _write(aside, judgement.dump())
            return aside
        aside.unlink(missing_ok=True)
        return beside

    @contextlib.contextmanager
    def claim(self, weights: str) -> Iterator[None]:
        """Be the only process that judges these weights for this data folder. If we die, the claim is free.

        Raises OthersJudge, or OSError if the data folder can't be written.
        """
        place = self.data / _ASIDE / f"{weights}.lock"
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with FileLock(place, timeout=0):
                yield
        except Timeout:
            raise OthersJudge from None

    def _places(self, weights: str) -> tuple[Path, Path]:
        return self.folder / FILE, self.data / _ASIDE / f"{weights}.json"


def _read(place: Path) -> Judgement | None:
    try:
        return Judgement.load(place.read_text("utf-8"))
    except (OSError, ValueError):
        return None  # it is judged again


def _write(place: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
