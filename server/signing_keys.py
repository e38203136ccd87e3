"""Decides by which keys a command signs as the server does: those that are set, else one that its data folder holds."""

from __future__ import annotations

from server.accounts import signing_keys
from server.settings import Settings
from storage.sqlite import SqliteSessions, StoreError

SESSIONS = "dragoman.sqlite"
"""File of live sessions and of the key, in the data folder."""


async def keys_at_hand(settings: Settings) -> list[bytes]:
    """Return the keys of a server that may run meanwhile, the newest first. Raises StoreError if it never ran here."""
    if settings.secret:
        return signing_keys(settings.secret)
    file = settings.data / SESSIONS
    if not file.exists():
        raise StoreError(f"{file} is not there: DRAGOMAN_DATA is another folder, or no server has run")
    async with SqliteSessions(file) as store:
        return [await store.signing_key()]
