"""Tables of the accounts' database. `migrations/` makes them; a test holds the two against each other."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, Table

from storage.accounts.columns import Json, Number, Serial, Words

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that a migration finds them on either database."""

metadata = MetaData(naming_convention=NAMES)

users = Table(
    "users",
    metadata,
    Column("id", Words, primary_key=True),
    Column("username", Words, nullable=False),
    Column("username_key", Words, nullable=False, unique=True),  # the name as `spelling.name_key` compares it
    Column("email", Words, unique=True),
    Column("email_verified", Boolean, nullable=False),
    Column("password_hash", Words),
    Column("preferred_language", Words, nullable=False),
    Column("created_at", Number, nullable=False),
    Column("locked", Boolean, nullable=False),
    Column("retention_days", Integer),
    Index(None, "created_at", "id"),
)

identities = Table(
    "identities",
    metadata,
    Column("provider", Words, primary_key=True),
    Column("subject", Words, primary_key=True),
    Column("user_id", Words, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
)

sign_in_failures = Table(
    "sign_in_failures",
    metadata,
    Column("address", LargeBinary, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("locked_until", Number),
    Column("last_at", Number, nullable=False, index=True),
)

refresh_families = Table(
    "refresh_families",
    metadata,
    Column("id", Words, primary_key=True),
    Column("user_id", Words, ForeignKey("users.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("begun_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False, index=True),  # of its newest token
)

refresh_tokens = Table(
    "refresh_tokens",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("family_id", Words, ForeignKey("refresh_families.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("expires_at", Number, nullable=False),
    Column("used_at", Number),
)

used_names = Table(
    "used_names",
    metadata,
    Column("name", Words, primary_key=True),
    Column("expires_at", Number, nullable=False, index=True),
)

revocations = Table(
    "revocations",
    metadata,
    Column("user_id", Words, primary_key=True),
    Column("before", Number, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Serial, primary_key=True),
    Column("at", Number, nullable=False),
    Column("event", Words, nullable=False),
    Column("outcome", Words, nullable=False),
    Column("user_id", Words),
    Column("session_id", Words),
    Column("client", Words, nullable=False),
    Column("details", Json, nullable=False),
    Index(None, "at", "id"),
    Index(None, "user_id", "at"),
)

call_sessions = Table(
    "call_sessions",
    metadata,
    Column("id", Words, primary_key=True),
    Column("created_at", Number, nullable=False),
    Column("started_at", Number, nullable=False),
    Column("ended_at", Number),
    Column("reason", Words, nullable=False),
)

participants = Table(
    "participants",
    metadata,
    Column("session_id", Words, ForeignKey("call_sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("participant", Words, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("user_id", Words, nullable=False, index=True),  # empty once the account is deleted
    Column("name", Words, nullable=False),
    Column("language", Words, nullable=False),
)

session_metrics = Table(
    "session_metrics",
    metadata,
    Column("session_id", Words, ForeignKey("call_sessions.id", ondelete="CASCADE"), primary_key=True),
    Column("metrics", Json, nullable=False),
)

data_keys = Table(
    "data_keys",
    metadata,
    Column("session_id", Words, primary_key=True),
    Column("wrapped_by", Words, nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
)

translations = Table(
    "translations",
    metadata,
    Column("session_id", Words, ForeignKey("data_keys.session_id", ondelete="CASCADE"), primary_key=True),
    Column("utterance", Words, primary_key=True),
    Column("segment", Integer, primary_key=True),
    Column("target", Words, primary_key=True),
    Column("source", Words, nullable=False),
    Column("start_ms", Number, nullable=False),
    Column("kept_at", Number, nullable=False),
    Column("expires_at", Number, nullable=False, index=True),
    Column("sealed", LargeBinary, nullable=False),
)

usage = Table(
    "usage",
    metadata,
    Column("session_id", Words, primary_key=True),
    Column("user_id", Words, primary_key=True, index=True),
    Column("heard_ms", Number, nullable=False),
    Column("spoken_ms", Number, nullable=False),
    Column("characters", Number, nullable=False),
)
