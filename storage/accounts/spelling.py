"""Decides which user names are the same: case, width and compatible forms do not tell people apart."""

from __future__ import annotations

import unicodedata


def name_key(username: str) -> str:
    """Return the form in which a user name must be unique: NFKC, folded case (Unicode's toNFKC_Casefold)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", username).casefold())
