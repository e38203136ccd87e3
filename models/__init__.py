"""Models that engines run on: a catalogue, downloads and installed ones. Knows no engine and no server."""

from __future__ import annotations

from enum import StrEnum


class Trouble(StrEnum):
    """Why a model can't be had; docs/models.md tells what to do about each."""

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
    """What went wrong with a model, and the way out."""

    def __init__(self, code: Trouble, message: str) -> None:
        super().__init__(f"{message} ({code})")
        self.code = code
