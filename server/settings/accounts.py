"""The part of the table of settings that is about accounts: their database, and what is kept in it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts.keeping.retention import DAYS
from server.settings import casts
from server.settings.row import setting

ACCOUNTS = "Accounts"


@dataclass(frozen=True, slots=True)
class AccountsSettings:
    """Settings of accounts; `Settings` holds them, too."""

    accounts: bool = setting(
        casts.boolean, True, "`false`: there are guests only, and no database of accounts.", ACCOUNTS
    )
    database_url: str | None = setting(
        casts.database_url, None,
        "The database of accounts: postgresql+asyncpg://user:password@host/database, or "
        "sqlite+aiosqlite:////folder/accounts.sqlite.", ACCOUNTS,
        secret=True, unset="`accounts.sqlite` in `DRAGOMAN_DATA`",
    )  # fmt: skip
    history_key: tuple[bytes, ...] = setting(
        casts.history_keys, (),
        "The key by which histories are sealed, 32 bytes in base64 (openssl rand -base64 32); `new,old` while it is "
        "replaced, or `file:/path` of a file with a key a line.", ACCOUNTS,
        secret=True, unset="no history is kept",
    )  # fmt: skip
    retention_days: int = setting(
        casts.whole(1, 36500), DAYS, "Days for which histories are kept.", ACCOUNTS,
    )  # fmt: skip
