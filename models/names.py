"""File names inside a model, checked: relative, plain, and never a way out of the model's folder."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from models import ModelError, Trouble

_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+\-]{0,200}")
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-]*/[A-Za-z0-9][A-Za-z0-9._\-]*")
_REVISION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._\-/]{0,100}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_MODEL = re.compile(r"[a-z0-9][a-z0-9_.\-]{0,80}")


def safe(name: str) -> str:
    """The name itself. Raises ModelError `unsafe_name` for one that is absolute, climbs, hides, or holds anything
    but letters, digits and `._+-`: it comes from a hub, a lock file or a catalogue, and becomes a path here."""
    parts = name.split("/")
    if len(name) > 400 or not all(_PART.fullmatch(part) for part in parts) or PurePosixPath(name).is_absolute():
        raise ModelError(Trouble.UNSAFE_NAME, f"{name!r} is no name for a file of a model")
    return name


def is_model(name: str) -> bool:
    """Return True if `name` may name a model, and with it a folder."""
    return _MODEL.fullmatch(name) is not None and ".." not in name


def is_repository(name: str) -> bool:
    """Return True if `name` is like `owner/name`."""
    return _REPOSITORY.fullmatch(name) is not None and ".." not in name


def is_revision(name: str) -> bool:
    """Return True if `name` may be a branch, a tag or a commit."""
    return _REVISION.fullmatch(name) is not None and ".." not in name and "//" not in name


def is_commit(name: str) -> bool:
    """Return True if `name` is a whole commit hash: the only revision that can't move."""
    return _COMMIT.fullmatch(name) is not None


def flat(name: str) -> str:
    """The name that a repository's file has in the model's folder: without the folders it is in there."""
    return safe(name).rpartition("/")[2]
