"""Rows of the accounts' database as lines of JSON, which either kind of database writes and reads.

The first line names the schema. Then come, for each table, a line with its columns and a line for each row, and at the
end a line with the number of rows of each table: a file that was cut off is seen.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from sqlalchemy import Connection, MetaData, Table, inspect, select, text
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from storage.accounts import schema
from storage.accounts.ports import NotOpened

FORMAT = 1
AT_ONCE = 500
"""Rows in memory at a time."""
VERSIONS = "alembic_version"
LOCK_S = 5.0
"""Longest wait for those who still use a table of PostgreSQL. Everybody else waits behind us meanwhile."""
LOCK_NOT_AVAILABLE = "55P03"
"""SQLSTATE of a lock that was not had in time."""
_OF_VALUES = ("22", "23")
"""Classes of SQLSTATE: a value that its column does not take, and one that breaks a rule of its table."""
_NO_ROW = "this backup has a line that is no row of its table"
IN_USE = "the accounts' database is in use: stop every server of it, and whatever else reads it, then restore"


class BadBackup(Exception):
    """A file that is no whole backup of ours. The message holds no row."""


def write_rows(connection: Connection, out: TextIO) -> dict[str, int]:
    """Write every row that the connection's transaction sees; return table → number of rows."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL statement_timeout = 0"))
    _line(out, {"dragoman": "accounts", "format": FORMAT, "schema": schema.current(connection)})
    counts = {}
    for table in _tables(connection):
        _line(out, {"table": table.name, "columns": [column.name for column in table.columns]})
        rows = connection.execute(select(table).execution_options(yield_per=AT_ONCE).order_by(*table.primary_key))
        counts[table.name] = 0
        for row in rows:
            _line(out, [_plain(value) for value in row])
            counts[table.name] += 1
    _line(out, {"end": counts})
    return counts


def read_rows(connection: Connection, lines: Iterable[str]) -> dict[str, int]:
    """Fill an empty database, whatever its schema, and bring it to the newest one; return table → number of rows.

    Raises BadBackup where the lines are not whole, and NotOpened where the database is not empty.
    """
    given = iter(lines)
    head = _parsed(next(given, ""))
    revision = head.get("schema") if isinstance(head, dict) else None
    if not isinstance(revision, str) or head.get("dragoman") != "accounts" or head.get("format") != FORMAT:
        raise BadBackup("this is no backup of the accounts' database")
    schema.known(revision)
    take_empty(connection)
    if schema.current(connection) != schema.EMPTY:
        schema.downgrade(connection, schema.EMPTY)
    if revision != schema.EMPTY:
        schema.upgrade(connection, revision)
    try:
        counts = _fill(connection, given)
    except (KeyError, TypeError, ValueError, OverflowError):
        raise BadBackup(_NO_ROW) from None
    except DBAPIError as error:
        of_values = str(getattr(error.orig, "sqlstate", "")).startswith(_OF_VALUES)
        if not of_values and not isinstance(error, DataError | IntegrityError):
            raise
        raise BadBackup(_NO_ROW) from None
    _count_on(connection)
    schema.upgrade(connection)
    return counts


def take_empty(connection: Connection) -> None:
    """Let nobody else read or write until the transaction ends. Raise NotOpened where a table of ours has a row.

    A row that another process has committed is seen, and none comes later. SQLite's transaction is its only writer
    already; on PostgreSQL the tables are locked. Raises NotOpened where they can't be had within `LOCK_S`.
    """
    if connection.dialect.name == "postgresql":
        schema.unhurried(connection)
        names = ", ".join(f'"{one.name}"' for one in _tables(connection))
        if names:
            connection.execute(text(f"SET LOCAL lock_timeout = {int(LOCK_S * 1000)}"))
            try:
                connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
            except DBAPIError as error:
                if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                    raise
                raise NotOpened(IN_USE) from None
            connection.execute(text("SET LOCAL lock_timeout = 0"))
    require_empty(connection)


def require_empty(connection: Connection) -> None:
    """Raise NotOpened where a table of ours has a row."""
    filled = [one.name for one in _tables(connection) if connection.execute(select(one).limit(1)).first() is not None]
    if filled:
        raise NotOpened(f"the accounts' database is not empty ({', '.join(filled)}): a backup goes into an empty one")


def _tables(connection: Connection) -> list[Table]:
    """Return the tables of the database's own schema, those that others refer to first."""
    metadata = MetaData()
    ours = {name for name in inspect(connection).get_table_names() if name != VERSIONS}
    metadata.reflect(connection, only=sorted(ours))
    return metadata.sorted_tables


def _fill(connection: Connection, lines: Iterator[str]) -> dict[str, int]:
    tables = {table.name: table for table in _tables(connection)}
    counts: dict[str, int] = {}
    table: Table | None = None
    columns: list[str] = []
    rows: list[dict[str, object]] = []
    for line in lines:
        found = _parsed(line)
        if isinstance(found, list):
            rows.append({name: _value(value) for name, value in zip(columns, found, strict=True)})
        if table is not None and (len(rows) == AT_ONCE or isinstance(found, dict)):
            if rows:
                connection.execute(table.insert(), rows)
            counts[table.name] += len(rows)
            rows = []
        if isinstance(found, dict) and "end" in found:
            if found["end"] != counts:
                raise BadBackup("rows are missing in this backup")
            return counts
        if isinstance(found, dict):
            if found.get("table") not in tables:
                raise BadBackup("this backup has a table that its schema lacks")
            table, columns = tables[found["table"]], found["columns"]
            counts[table.name] = 0
    raise BadBackup("this backup was cut off")


def _count_on(connection: Connection) -> None:
    """Let PostgreSQL number new rows of the audit log after those that were filled in."""
    if connection.dialect.name == "postgresql" and "audit" in inspect(connection).get_table_names():
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence('audit', 'id'), coalesce(max(id), 0) + 1, false) FROM audit")
        )


def _line(out: TextIO, content: object) -> None:
    out.write(json.dumps(content, separators=(",", ":")) + "\n")


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        raise BadBackup("this is no backup of the accounts' database, or it was cut off") from None


def _plain(value: object) -> object:
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _value(value: object) -> object:
    return base64.b64decode(value["base64"]) if isinstance(value, dict) else value
