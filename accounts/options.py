"""Options of accounts: what a guess costs, how many are allowed, and how long links hold."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class HashingOptions:
    """Parameters of argon2id (RFC 9106), above OWASP's least (46 MiB and one pass, or equal), and its threads."""

    memory_kib: int = 64 * 1024
    passes: int = 2
    lanes: int = 1
    threads: int = 2
    """Passwords that are hashed at a time."""
    most_waiting: int = 32
    """Passwords that may wait for a thread; one more is refused."""
    niceness: int = 10
    """Added to the niceness of these threads: calls go first."""


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """Options of the accounts of one server."""

    hashing: HashingOptions = field(default_factory=HashingOptions)
    wrong_passwords: int = 5
    """Wrong passwords in a row that lock an address."""
    lock_s: float = 15 * 60
    verify_link_s: float = 3 * 24 * 3600
    reset_link_s: float = 3600
    audit_days: int = 90
    """Days for which entries of the audit log are kept."""
    public_url: str = ""
    """Address of the page, without its last slash: links of letters begin with it."""
