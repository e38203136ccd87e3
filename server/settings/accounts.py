"""The part of the table of settings that is about accounts: their database, and what is kept in it."""

# ruff: noqa: RUF009 (`setting` declares a field)
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from accounts.keeping.retention import DAYS
from accounts.options import AccountOptions
from server.settings import casts
from server.settings.row import Target, setting
from server.settings.tls import TlsSettings
from signaling.config import SignalingLimits
from signaling.rate_limits import Rate

ACCOUNTS = "Accounts"


@dataclass(frozen=True, slots=True)
class AccountsSettings(TlsSettings):
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
        "replaced (`old,new` on each of several servers first), or `file:/path` of a file with a key a line.", ACCOUNTS,
        secret=True, unset="no history is kept",
    )  # fmt: skip
    retention_days: int = setting(
        casts.whole(1, 36500), DAYS, "Days for which calls and their histories are kept.", ACCOUNTS,
    )  # fmt: skip
    smtp_url: str | None = setting(
        casts.smtp_url, None,
        "The mail server for links that verify an address or set a new password: "
        "smtps://user:password@mail.example.org, or smtp+starttls:// for STARTTLS; none: no letters are sent.",
        ACCOUNTS, secret=True, unset="none",
    )  # fmt: skip
    mail_from: str | None = setting(
        casts.mailbox, None, "The sender of these letters, such as Dragoman <dragoman@example.org>.", ACCOUNTS,
        unset="none",
    )  # fmt: skip
    audit_days: int = setting(
        casts.whole(1, 36500), AccountOptions().audit_days,
        "Days for which entries of the audit log are kept.", ACCOUNTS,
        targets=(Target(AccountOptions, "audit_days"),),
    )  # fmt: skip
    logins_per_minute: int = setting(
        casts.whole(1, 1_000_000), SignalingLimits().logins_of_address.count,
        "Attempts to sign in of an address in a minute; ten times as many of an IPv6 /48.", ACCOUNTS,
        targets=(
            Target(SignalingLimits, "logins_of_address", lambda count: Rate(count, 60)),
            Target(SignalingLimits, "logins_of_site", lambda count: Rate(count * 10, 60)),
        ),
    )  # fmt: skip
    accounts_per_hour: int = setting(
        casts.whole(1, 1_000_000), SignalingLimits().accounts_of_address.count,
        "New accounts of an address in an hour.", ACCOUNTS,
        targets=(Target(SignalingLimits, "accounts_of_address", lambda count: Rate(count, 3600)),),
    )  # fmt: skip
    refreshes_per_minute: int = setting(
        casts.whole(1, 1_000_000), SignalingLimits().refreshes_of_address.count,
        "Refresh tokens exchanged from an address in a minute; a signed-in person needs one in 15 minutes.", ACCOUNTS,
        targets=(Target(SignalingLimits, "refreshes_of_address", lambda count: Rate(count, 60)),),
    )  # fmt: skip
    oidc: Path | None = setting(
        casts.path, None,
        "A TOML file of identity providers with whose accounts people may sign in, too (docs/operations.md).", ACCOUNTS,
        unset="none",
    )  # fmt: skip
