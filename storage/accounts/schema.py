"""Decides which schema a database has, which one this version needs, and what is lost on the way down."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, text

from storage.accounts.ports import NotOpened

log = logging.getLogger(__name__)

EMPTY = "base"
"""The schema of a database without tables."""


def head() -> str:
    """Return the revision that this version needs."""
    revision = _scripts().get_current_head()
    assert revision is not None
    return revision


def current(connection: Connection) -> str:
    """Return the revision of the database; `EMPTY` for one without tables of ours."""
    return MigrationContext.configure(connection).get_current_revision() or EMPTY


def upgrade(connection: Connection, revision: str | None = None) -> None:
    """Bring the database to `revision`, else to the newest one. Raises NotOpened for one of a newer version."""
    unhurried(connection)
    before, wanted = current(connection), revision or head()
    known(before)
    if before != wanted:
        command.upgrade(_config(connection), wanted)
        log.info("schema of the accounts' database upgraded", extra={"before": before, "after": wanted})


def downgrade(connection: Connection, revision: str) -> None:
    """Bring the database back to an older revision, or to `EMPTY`."""
    unhurried(connection)
    before = current(connection)
    known(before)
    command.downgrade(_config(connection), revision)
    log.info("schema of the accounts' database downgraded", extra={"before": before, "after": revision})


def known(revision: str) -> None:
    """Raise NotOpened for a revision that this version does not know."""
    if revision != EMPTY and revision not in revisions():
        raise NotOpened(
            f"the accounts' database has schema {revision}, made by a newer version, and this one knows {head()}: "
            "run the newer version, or its `dragoman db downgrade`"
        )


def require_newest(connection: Connection) -> None:
    """Raise NotOpened where the database has another schema than this version needs."""
    revision = current(connection)
    known(revision)
    if revision != head():
        raise NotOpened(
            f"the accounts' database has schema {revision}, and this version needs {head()}: "
            "run `dragoman db upgrade` (docs/operations.md), then start again"
        )


def revisions() -> list[str]:
    """Return all revisions, the oldest first."""
    return [script.revision for script in reversed(list(_scripts().walk_revisions()))]


def losses(connection: Connection, revision: str) -> dict[str, int]:
    """Return table → number of its rows, of the tables that the way down to `revision` drops."""
    on_the_way = _scripts().iterate_revisions(current(connection), revision)
    tables = [table for script in on_the_way if isinstance(script, Script) for table in script.module.TABLES]
    return {table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0 for table in sorted(tables)}


def unhurried(connection: Connection) -> None:
    """Let a migration take its time, and one process at a time migrate. SQLite's turn is its write lock."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
        connection.execute(text("SET LOCAL lock_timeout = 0"))
        connection.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('dragoman.accounts'))"))


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())
