"""Models that engines run on: a catalogue, downloads and installed ones. Knows no engine and no server."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """Reason why a model can't be had. docs/models.md names the way out of each."""

    BAD_CATALOGUE = "bad_catalogue"
    BAD_FOLDER = "bad_folder"
    BAD_LOCK = "bad_lock"
    CORRUPTED = "corrupted"
    GATED = "gated"
    HUB_ERROR = "hub_error"
    LICENCE = "licence"
    LOCK_MISMATCH = "lock_mismatch"
    NEEDS_EXTRA = "needs_extra"
    NO_HUB = "no_hub"
    NO_SPACE = "no_space"
    NOT_CONVERTED = "not_converted"
    NOT_INSTALLED = "not_installed"
    NOT_ON_HUB = "not_on_hub"
    UNKNOWN_MODEL = "unknown_model"
    UNSAFE_NAME = "unsafe_name"
    WRONG_REVISION = "wrong_revision"


class ModelError(Exception):
    """Trouble with a model, with the way out in its message."""

    def __init__(self, code: Trouble, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
