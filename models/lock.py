"""`models.lock`: the commit and the SHA-256 checksums to which each installed model is pinned.

JSON, written as a whole and put in place at once. A branch is resolved once: later pulls take the commit that is
written here, and every file has to have the checksum that it had. Keep it with the models; copy it with them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models import ModelError, Trouble
from models.names import is_commit, is_model, safe
from models.sums import Sum

FILE = "models.lock"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Pin:
    """`fetched` are the repository's files by their names there, `files` what lies in the model's folder: the same
    under flat names, unless the model was converted. `commit` is empty where a folder was the source."""

    repository: str
    revision: str
    commit: str
    licence: str
    fetched: Mapping[str, Sum]
    files: Mapping[str, Sum]


def read(folder: Path) -> dict[str, Pin]:
    """Every pin of a models folder, by model; none where there is no lock. Raises ModelError `bad_lock`."""
    path = folder / FILE
    try:
        document = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as error:
        raise ModelError(Trouble.BAD_LOCK, f"{path} can't be read: {error}") from None
    try:
        if document["format"] != _FORMAT:
            raise ValueError(f"its format is {document['format']!r}, and we know {_FORMAT}")
        return {_known(name): _pin(pin) for name, pin in document["models"].items()}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ModelError(Trouble.BAD_LOCK, f"{path} is not a lock of models: {error!r}") from None


def write(folder: Path, pins: Mapping[str, Pin]) -> None:
    """Puts the whole lock in place at once. Raises OSError."""
    document = {"format": _FORMAT, "models": {name: _written(pins[name]) for name in sorted(pins)}}
    path, new = folder / FILE, folder / (FILE + ".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def _known(name: str) -> str:
    if not is_model(name):
        raise ValueError(f"{name!r} is no name of a model")
    return name


def _pin(entry: Mapping[str, Any]) -> Pin:
    commit = str(entry["commit"])
    if commit and not is_commit(commit):
        raise ValueError(f"{commit!r} is no commit")
    return Pin(
        str(entry["repository"]),
        str(entry["revision"]),
        commit,
        str(entry["licence"]),
        _sums(entry["fetched"]),
        _sums(entry["files"]),
    )


def _sums(entries: Mapping[str, Any]) -> dict[str, Sum]:
    return {safe(name): Sum.read(one["size"], one["sha256"]) for name, one in entries.items()}


def _written(pin: Pin) -> dict[str, Any]:
    def plain(files: Mapping[str, Sum]) -> dict[str, Any]:
        return {name: {"size": one.size, "sha256": one.sha256} for name, one in sorted(files.items())}

    return {
        "repository": pin.repository,
        "revision": pin.revision,
        "commit": pin.commit,
        "licence": pin.licence,
        "fetched": plain(pin.fetched),
        "files": plain(pin.files),
    }
