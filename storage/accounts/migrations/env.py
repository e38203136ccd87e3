"""Runs Alembic's migrations on the connection that `storage.accounts.schema` hands over, in its transaction."""

from __future__ import annotations

from alembic import context

from storage.accounts.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter most of a table: it is copied
)
with context.begin_transaction():
    context.run_migrations()
