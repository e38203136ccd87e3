"""Decides in which database the accounts of a server are. Its import costs a command next to nothing."""

from __future__ import annotations

from server.settings import Settings

FILE = "accounts.sqlite"


def database_url(settings: Settings) -> str:
    """Return the URL of the accounts' database."""
    from storage.accounts.opening import sqlite_url  # its import costs a command that has no use for it half a second

    return settings.database_url or sqlite_url(settings.data / FILE)
