"""Deletes rows whose time is over, a bounded number at a time, and none that another transaction holds."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database

AT_ONCE = 500
"""Rows that one transaction deletes: other writers wait for it on SQLite."""


async def delete_some(connection: AsyncConnection, table: Table, over: ColumnElement[bool]) -> int:
    """Delete at most `AT_ONCE` rows for which `over` is true; return the number."""
    _, deleted = await _delete(connection, table, over)
    return deleted


async def delete_all(database: Database, table: Table, over: ColumnElement[bool]) -> int:
    """Delete every row for which `over` is true, in transactions of a bounded size; return the number."""
    total, chosen = 0, AT_ONCE
    while chosen == AT_ONCE:
        chosen, deleted = await database.write(lambda connection: _delete(connection, table, over))
        total += deleted
    if total:
        await database.erase()
    return total


async def _delete(connection: AsyncConnection, table: Table, over: ColumnElement[bool]) -> tuple[int, int]:
    """Choose and lock rows, and delete those for which `over` still is true. Return both numbers.

    On PostgreSQL the choice sees what was committed before it began. `over` may look at rows of other tables. Those
    that came until the lock was had are seen by the second look only.
    """
    key = list(table.primary_key.columns)
    chosen = (await connection.execute(select(*key).where(over).limit(AT_ONCE).with_for_update(skip_locked=True))).all()
    if not chosen:
        return 0, 0
    which = tuple_(*key).in_([tuple(row) for row in chosen])
    return len(chosen), (await connection.execute(delete(table).where(which, over))).rowcount
