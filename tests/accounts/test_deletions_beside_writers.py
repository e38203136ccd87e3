"""Deletions on PostgreSQL with many rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event

from storage.accounts.opening import SqlAccounts, open_accounts
from tests.kit.postgres import Postgres


async def test_keys_without_entries_are_found_by_a_join(postgres: Postgres, newest: str) -> None:
    """A subquery of NOT IN that outgrows the memory of a sort is run anew for each key: hours, not seconds."""
    deletions: list[tuple[str, Any]] = []

    def note(connection: Connection, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("DELETE FROM data_keys"):
            deletions.append((statement, parameters))

    async with open_accounts(postgres.url(newest)) as store:
        assert isinstance(store, SqlAccounts)
        engine = store.database._backend.engine
        event.listen(engine.sync_engine, "before_cursor_execute", note)
        await store.histories.expire(9000)
        ((statement, parameters),) = deletions
        async with engine.connect() as connection:
            rows = await connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
            plan = "\n".join(str(row[0]) for row in rows)
    assert "Anti Join" in plan and "SubPlan" not in plan, plan
