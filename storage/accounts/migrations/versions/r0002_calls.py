"""Calls: sessions that took place, their participants and metrics, histories with their keys, and usage."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.accounts.columns import Json, Number, Words

revision = "0002"
down_revision: str | None = "0001"

TABLES = ("translations", "data_keys", "session_metrics", "participants", "call_sessions", "usage")
"""Tables that the way down drops, in this order, with all that is in them."""


def upgrade() -> None:
    op.create_table(
        "call_sessions",
        sa.Column("id", Words, nullable=False),
        sa.Column("created_at", Number, nullable=False),
        sa.Column("started_at", Number, nullable=False),
        sa.Column("ended_at", Number),
        sa.Column("reason", Words, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_call_sessions"),
    )
    op.create_table(
        "participants",
        sa.Column("session_id", Words, nullable=False),
        sa.Column("participant", Words, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("user_id", Words, nullable=False),
        sa.Column("name", Words, nullable=False),
        sa.Column("language", Words, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "participant", name="pk_participants"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["call_sessions.id"], name="fk_participants_session_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_participants_user_id", "participants", ["user_id"])
    op.create_table(
        "session_metrics",
        sa.Column("session_id", Words, nullable=False),
        sa.Column("metrics", Json, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_session_metrics"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["call_sessions.id"], name="fk_session_metrics_session_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "data_keys",
        sa.Column("session_id", Words, nullable=False),
        sa.Column("wrapped_by", Words, nullable=False),
        sa.Column("wrapped", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_data_keys"),
    )
    op.create_index("ix_data_keys_wrapped_by", "data_keys", ["wrapped_by"])
    op.create_table(
        "translations",
        sa.Column("session_id", Words, nullable=False),
        sa.Column("utterance", Words, nullable=False),
        sa.Column("segment", sa.Integer, nullable=False),
        sa.Column("target", Words, nullable=False),
        sa.Column("source", Words, nullable=False),
        sa.Column("start_ms", Number, nullable=False),
        sa.Column("kept_at", Number, nullable=False),
        sa.Column("expires_at", Number, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "utterance", "segment", "target", name="pk_translations"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["data_keys.session_id"], name="fk_translations_session_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_translations_expires_at", "translations", ["expires_at"])
    op.create_table(
        "usage",
        sa.Column("session_id", Words, nullable=False),
        sa.Column("user_id", Words, nullable=False),
        sa.Column("heard_ms", Number, nullable=False),
        sa.Column("spoken_ms", Number, nullable=False),
        sa.Column("characters", Number, nullable=False),
        sa.PrimaryKeyConstraint("session_id", "user_id", name="pk_usage"),
    )
    op.create_index("ix_usage_user_id", "usage", ["user_id"])


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
