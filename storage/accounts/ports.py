"""Protocols of the accounts' database. Each call is one transaction; all raise `Unavailable` if it can't be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from storage.accounts.records import (
    AuditEntry,
    Call,
    DataKey,
    Identity,
    Rotation,
    SealedEntry,
    Usage,
    User,
)


class Unavailable(Exception):
    """The database can't be reached, is full, or did not answer in time. The message holds no row."""


class NotOpened(Exception):
    """A database that can't be used as it is. The message says why and what would be right, with no password."""


class Taken(Exception):
    """A value that must be unique belongs to another user: `field` is `email`, `username` or `identity`.

    User names that differ only in case, width, compatible forms, blanks or what nobody sees are the same.
    """

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Reused(Exception):
    """A refresh token that was exchanged before. Its whole family is dead now."""

    def __init__(self, user: str, family: str) -> None:
        super().__init__(family)
        self.user = user
        self.family = family


class Users(Protocol):
    async def add(self, user: User, identity: Identity | None = None) -> None:
        """Add a user, with an identity of theirs: both, or nothing. Raises Taken."""
        ...

    async def get(self, user: str) -> User | None: ...

    async def by_email(self, email: str) -> User | None: ...

    async def change(self, user: str, alter: Callable[[User], User]) -> User | None:
        """Write what `alter` changes of the row as it is now, and return the row; None where there is no such user.

        Nobody else changes the row meanwhile. Raises Taken, and what `alter` raises: then nothing is written. `alter`
        must be pure. After a lost race it is called again, with what is there then.
        """
        ...

    async def change_and_sign_out(
        self, user: str, alter: Callable[[User], User], now: Callable[[], int]
    ) -> tuple[User, int] | None:
        """Change a user, end their refresh tokens, and note a revocation: all of it, or nothing. Raises as `change`.

        Return the row, and the `before` of the revocation: access tokens from before it are dead. It is `now()`, asked
        once no sign-in by the old row can come any more. Where another server, with a clock ahead of ours, has signed
        the user in, it is later.
        """
        ...

    async def delete(self, user: str) -> None:
        """Delete a user with identities, refresh tokens and usage. Calls keep no name of theirs.

        Of a session in which nobody else with an account took part, the whole history is deleted. Of another session,
        the entries that the user spoke are.
        """
        ...

    async def page(self, limit: int, offset: int) -> tuple[list[User], int]:
        """Return users in the order of their making, and how many there are."""
        ...

    async def add_identity(self, identity: Identity) -> None:
        """Add an identity; nothing if it is there, or if its user does not exist. Raises Taken."""
        ...

    async def by_identity(self, provider: str, subject: str) -> User | None: ...

    async def identities(self, user: str) -> list[Identity]:
        """Return a user's identities."""
        ...


class SignIns(Protocol):
    """Failed attempts to sign in, by a keyed hash of the e-mail address: unknown addresses lock as known ones do."""

    async def locked_until(self, address: bytes, now: int) -> int | None:
        """Return the end of the lock that runs at `now`; None without one."""
        ...

    async def fail(self, address: bytes, now: int, most: int, lock_ms: int) -> int | None:
        """Count a failure. Return the end of the lock that the `most`-th in a row began; None for earlier ones.

        A failure during a lock does not prolong it, and returns its end. After it, counting begins anew. Failures are
        forgotten after 30 days without another one.
        """
        ...

    async def succeed(self, address: bytes) -> None:
        """Forget the failures."""
        ...


class RefreshFamilies(Protocol):
    """Chains of refresh tokens, each begun by a sign-in. Only SHA-256 hashes of tokens are known here."""

    async def begin(self, family: str, user: User, token: bytes, now: int, expires_at: int) -> bool:
        """Begin a family by its first token. Return False, without a family, where the user may not sign in any more.

        The user may have been locked or deleted, or have got another password than that of `user`, while the sign-in
        took its time.
        """
        ...

    async def rotate(self, old: bytes, new: bytes, now: int, expires_at: int) -> Rotation | None:
        """Exchange a token: of two exchanges at once, one wins. Raises Reused.

        None for an unknown, dead or expired token, and for that of a locked user.
        """
        ...

    async def end(self, token: bytes) -> str | None:
        """End the token's family and return its user; None where there is no such live family."""
        ...


class OneTime(Protocol):
    """Names of things that may be used once: links, exchange codes, `state`s."""

    async def use(self, name: str, now: int, expires_at: int) -> bool:
        """True at the first use. A name is remembered until `expires_at`."""
        ...


class Revocations(Protocol):
    """Users whose access tokens from before a moment are dead: deleted, locked, or with a new password."""

    async def revoke(self, user: str, before: int) -> None:
        """Note a revocation; of two the later `before` counts. One that is a day older than another is forgotten."""
        ...

    async def since(self, moment: int) -> dict[str, int]:
        """Return user → `before`, of revocations at `moment` or later: older ones outlived every access token."""
        ...


class Calls(Protocol):
    async def save(self, call: Call) -> None:
        """Write a call, in place of what was there; a participant whose account was deleted stays without a name."""
        ...

    async def get(self, session: str) -> Call | None: ...

    async def of_user(self, user: str, limit: int, offset: int) -> tuple[list[Call], int]:
        """Return a user's calls, the newest first, and how many there are."""
        ...

    async def expire(self, now: int, longest_ms: int) -> int:
        """Delete calls that ended more than `longest_ms` before `now`, or more days than a participant with an account
        wants, with names and metrics; return the number. Usage stays.

        A call whose history is kept stays as long: its participants alone may see it.
        """
        ...


class Histories(Protocol):
    async def add_key(self, key: DataKey) -> None:
        """Add a session's data key. The first one stays."""
        ...

    async def key(self, session: str) -> DataKey | None: ...

    async def keys_not_wrapped_by(self, key_id: str, limit: int) -> list[DataKey]: ...

    async def rewrap(self, old: DataKey, new: DataKey) -> bool:
        """Replace a wrapped key, if it still is `old`."""
        ...

    async def keep(self, entries: Sequence[SealedEntry], fresh: DataKey | None = None) -> frozenset[str]:
        """Keep entries of sessions that have a data key, and return these sessions. Entries of others are not kept.

        A `fresh` key is added together with the entries that it seals; where its session has another one already,
        nothing of that session is kept. Those of a participant whose account was deleted are dropped.
        """
        ...

    async def entries(
        self, session: str, limit: int | None = None, offset: int = 0, *, now: int = 0
    ) -> tuple[list[SealedEntry], int]:
        """Return entries whose time is not over at `now`, in the order of `start_ms`, and how many there are."""
        ...

    async def withdraw(self, session: str, participant: str, until: int | None = None) -> None:
        """Delete what the participant said; with `until` (Unix epoch ms) only what was kept until then."""
        ...

    async def delete(self, session: str) -> None:
        """Delete a session's entries and its data key."""
        ...

    async def shorten(self, longest_ms: int, user: str | None = None) -> int:
        """Let every entry expire `longest_ms` after it was kept, or sooner; with a `user` those of the user's calls.

        Return the number of entries that changed. It takes many transactions; after a failure some are shortened.
        """
        ...

    async def expire(self, now: int) -> int:
        """Delete entries whose time is over, and data keys without entries. Return the number of entries.

        The key of a call that may still run stays: its first entry is yet to come.
        """
        ...


class UsageLog(Protocol):
    async def add(self, session: str, user: str, used: Usage) -> None:
        """Add to what the user has used in this session."""
        ...

    async def of_user(self, user: str) -> Usage: ...

    async def of_session(self, session: str) -> dict[str, Usage]: ...


class AuditLog(Protocol):
    async def add(self, entry: AuditEntry) -> None: ...

    async def page(
        self, limit: int, *, user: str | None = None, event: str | None = None, before: int | None = None
    ) -> list[AuditEntry]:
        """Return entries, the newest first."""
        ...

    async def expire(self, before: int) -> int: ...


class AccountStore(Protocol):
    """All of it, open inside `async with`."""

    users: Users
    sign_ins: SignIns
    families: RefreshFamilies
    one_time: OneTime
    revocations: Revocations
    calls: Calls
    histories: Histories
    usage: UsageLog
    audit: AuditLog

    async def ping(self) -> None:
        """Return if the database answers. Raises Unavailable."""
        ...
