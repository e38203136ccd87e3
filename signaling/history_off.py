"""Reasons why no history is kept, whoever consents (docs/protocol.md, section 2, `history`)."""

from __future__ import annotations

from enum import StrEnum


class HistoryOff(StrEnum):
    NOT_OFFERED = "not_offered"
    """This server keeps none."""
    UNAVAILABLE = "unavailable"
    """Its database does not answer, or it does not have the key of this call's history any more."""
