"""Rows of the accounts' database as frozen data. Times are Unix epoch milliseconds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class User:
    """A person with an account."""

    id: str
    username: str
    email: str | None
    """Address in lower case; None for an account of an identity provider that gave none."""
    email_verified: bool
    password_hash: str | None
    """Argon2id, in PHC's string format; None where the person signs in by an identity provider only."""
    preferred_language: str
    """BCP 47 tag."""
    created_at: int
    locked: bool = False
    """True if the operator locked the account."""
    retention_days: int | None = None
    """Days for which this person's calls and histories are kept; None for the server's number."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person's account with an identity provider (OpenID Connect: issuer's name in our settings, and `sub`)."""

    provider: str
    subject: str
    user: str


@dataclass(frozen=True, slots=True)
class Rotation:
    """A refresh token was exchanged for its successor. `user` is its owner, as they were then."""

    user: User
    family: str


@dataclass(frozen=True, slots=True)
class CallParticipant:
    """A participant of a call that took place, or takes place."""

    participant: str
    user: str
    """User id; a guest's id where there is no account."""
    name: str
    language: str


@dataclass(frozen=True, slots=True)
class Call:
    """A call that was paired."""

    session: str
    created_at: int
    started_at: int
    ended_at: int | None = None
    reason: str = ""
    """Reason of its end; empty while it runs."""
    participants: tuple[CallParticipant, ...] = ()
    metrics: Mapping[str, object] = field(default_factory=dict)
    """`metrics` of DELETE /sessions/{id}; empty while it runs."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """The key of one session's history, wrapped by a key of the operator's."""

    session: str
    wrapped_by: str
    """Id of the operator's key."""
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """One final translation of a history: all that it says is in `sealed`."""

    session: str
    utterance: str
    segment: int
    target: str
    """Participant id of the listener. With `utterance` and `segment` it names the entry: again is a replacement."""
    source: str
    """Participant id of the speaker."""
    start_ms: int
    """Media time since the session's start; entries are read in its order."""
    kept_at: int
    expires_at: int
    sealed: bytes
    """Nonce, ciphertext and tag of AES-256-GCM under the session's data key."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Use that a person made of the server."""

    heard_ms: int = 0
    """Milliseconds of the person's speech that were interpreted."""
    spoken_ms: int = 0
    """Milliseconds of translated speech that were played to the person."""
    characters: int = 0
    """Characters (UTF-16 code units) of the person's words that were translated."""


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """Something that was done, or refused. No names, addresses of e-mail, texts or tokens."""

    at: int
    event: str
    """One of docs/operations.md's audit events, such as `sign_in`."""
    outcome: str
    """`ok`, or the code of the refusal."""
    user: str | None = None
    session: str | None = None
    client: str = ""
    """Address of the client; of IPv6 the /64."""
    details: Mapping[str, str] = field(default_factory=dict)
