"""Deletes rows whose time is over, a bounded number at a time, and none that another transaction holds."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Table, delete, select, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.accounts.database import Database

AT_ONCE = 500
"""Rows that one transaction deletes: other writers wait for it on SQLite."""


async def delete_some(connection: AsyncConnection, table: Table, over: ColumnElement[bool]) -> int:
    """Delete at most `AT_ONCE` rows for which `over` is true; return the number."""
    key = table.primary_key.columns
    chosen = select(*key).where(over).limit(AT_ONCE).with_for_update(skip_locked=True)
    return (await connection.execute(delete(table).where(tuple_(*key).in_(chosen)))).rowcount


async def delete_all(database: Database, table: Table, over: ColumnElement[bool]) -> int:
    """Delete every row for which `over` is true, in transactions of a bounded size; return the number."""
    total = 0
    while True:
        deleted = await database.write(lambda connection: delete_some(connection, table, over))
        total += deleted
        if deleted < AT_ONCE:
            break
    if total:
        await database.erase()
    return total
