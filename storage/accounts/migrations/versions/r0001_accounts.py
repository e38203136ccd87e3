"""Accounts: users, identities, sign-ins, refresh tokens, used names, revocations and the audit log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.accounts.columns import Json, Number, Serial, Words

revision = "0001"
down_revision: str | None = None

TABLES = (
    "identities",
    "refresh_tokens",
    "refresh_families",
    "sign_in_failures",
    "used_names",
    "revocations",
    "audit",
    "users",
)
"""Tables that the way down drops, in this order, with all that is in them."""


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", Words, nullable=False),
        sa.Column("username", Words, nullable=False),
        sa.Column("username_key", Words, nullable=False),
        sa.Column("email", Words),
        sa.Column("email_verified", sa.Boolean, nullable=False),
        sa.Column("password_hash", Words),
        sa.Column("preferred_language", Words, nullable=False),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("retention_days", sa.Integer),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("username_key", name="uq_users_username_key"),
        sa.UniqueConstraint("email", name="uq_users_email"),
    )
    op.create_index("ix_users_created_at_id", "users", ["created_at", "id"])
    op.create_table(
        "identities",
        sa.Column("provider", Words, nullable=False),
        sa.Column("subject", Words, nullable=False),
        sa.Column("user_id", Words, nullable=False),
        sa.PrimaryKeyConstraint("provider", "subject", name="pk_identities"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_identities_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_identities_user_id", "identities", ["user_id"])
    op.create_table(
        "sign_in_failures",
        sa.Column("address", sa.LargeBinary, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("locked_until", Number),
        sa.Column("last_at", Number, nullable=False),
        sa.PrimaryKeyConstraint("address", name="pk_sign_in_failures"),
    )
    op.create_index("ix_sign_in_failures_last_at", "sign_in_failures", ["last_at"])
    op.create_table(
        "refresh_families",
        sa.Column("id", Words, nullable=False),
        sa.Column("user_id", Words, nullable=False),
        sa.Column("begun_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_refresh_families"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_refresh_families_user_id", ondelete="CASCADE"),
    )
    op.create_index("ix_refresh_families_user_id", "refresh_families", ["user_id"])
    op.create_index("ix_refresh_families_expires_at", "refresh_families", ["expires_at"])
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.LargeBinary, nullable=False),
        sa.Column("family_id", Words, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.Column("used_at", Number),
        sa.PrimaryKeyConstraint("hash", name="pk_refresh_tokens"),
        sa.ForeignKeyConstraint(
            ["family_id"], ["refresh_families.id"], name="fk_refresh_tokens_family_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_refresh_tokens_family_id", "refresh_tokens", ["family_id"])
    op.create_table(
        "used_names",
        sa.Column("name", Words, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_used_names"),
    )
    op.create_index("ix_used_names_expires_at", "used_names", ["expires_at"])
    op.create_table(
        "revocations",
        sa.Column("user_id", Words, nullable=False),
        sa.Column("before", Number, nullable=False),
        sa.PrimaryKeyConstraint("user_id", name="pk_revocations"),
    )
    op.create_index("ix_revocations_before", "revocations", ["before"])
    op.create_table(
        "audit",
        sa.Column("id", Serial, autoincrement=True, nullable=False),
        sa.Column("at", Number, nullable=False),
        sa.Column("event", Words, nullable=False),
        sa.Column("outcome", Words, nullable=False),
        sa.Column("user_id", Words),
        sa.Column("session_id", Words),
        sa.Column("client", Words, nullable=False),
        sa.Column("details", Json, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_index("ix_audit_at_id", "audit", ["at", "id"])
    op.create_index("ix_audit_user_id_at", "audit", ["user_id", "at"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
