"""Decides for how long a call's history is kept. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from storage.accounts.records import User

DAYS = 30
"""Days for which a server keeps histories, where its operator says nothing."""
DAY_MS = 86_400_000
GUESTS_MS = DAY_MS
"""Nobody but guests: their tokens, and the memory of an ended session, last no longer."""


def kept_for_ms(server_days: int, users: Iterable[User | None]) -> int:
    """Return the time for which what was said is kept: the shortest that the server or a person with an account wants.

    `users`: the participants; None for a guest.
    """
    accounts = [user for user in users if user is not None]
    if not accounts:
        return min(GUESTS_MS, server_days * DAY_MS)
    wishes = [user.retention_days for user in accounts if user.retention_days is not None]
    return min([server_days, *wishes]) * DAY_MS
