"""`dragoman db upgrade | downgrade | backup | restore`: the database of accounts, for its operator."""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import sys
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from server.accounts_database import database_url
from server.settings import BadSetting, Settings, process_environment
from storage.accounts.ports import NotOpened, Unavailable

FAILED = 1


def add_parser(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command and its actions to the command line."""
    parser = commands.add_parser("db", help="upgrade, back up and restore the database of accounts")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    upgrade = actions.add_parser("upgrade", help="bring the database to the schema that this version needs")
    upgrade.set_defaults(run=_upgrade)
    downgrade = actions.add_parser("downgrade", help="bring the database back to an older schema; says what is lost")
    downgrade.add_argument("schema", metavar="SCHEMA", help="the number of the schema, or base for none at all")
    downgrade.add_argument("--yes", action="store_true", help="do it")
    downgrade.set_defaults(run=_downgrade)
    backup = actions.add_parser("backup", help="write all rows to a new file, while the server runs")
    backup.add_argument("file", type=Path, metavar="FILE")
    backup.add_argument(
        "--portable", action="store_true", help="row by row: for another kind of database, or another version of it"
    )
    backup.set_defaults(run=_backup)
    restore = actions.add_parser("restore", help="bring a backup back into an empty database")
    restore.add_argument("file", type=Path, metavar="FILE")
    restore.set_defaults(run=_restore)


def _upgrade(options: argparse.Namespace, settings: Settings) -> int:
    from storage.accounts import schema

    async def work() -> str:
        before = await _on_schema(settings, schema.current)
        await _on_schema(settings, schema.upgrade)
        return f"schema {schema.head()}" + (" already" if before == schema.head() else f", before {before}")

    return _judged(work())


def _downgrade(options: argparse.Namespace, settings: Settings) -> int:
    from storage.accounts import schema

    wanted = options.schema
    if wanted not in (schema.EMPTY, *schema.revisions()):
        raise BadSetting(f"there is no schema {wanted}: it is one of {', '.join([schema.EMPTY, *schema.revisions()])}")

    async def work() -> str:
        before = await _on_schema(settings, schema.current)
        schema.known(before)
        order = [schema.EMPTY, *schema.revisions()]
        if order.index(before) <= order.index(wanted):
            return f"schema {before}: nothing to do"
        lost = await _on_schema(settings, lambda connection: schema.losses(connection, wanted))
        print(f"From schema {before} back to {wanted}, these are lost:")
        for table, rows in lost.items():
            print(f"  {table}: {rows} row{'' if rows == 1 else 's'}")
        if not options.yes:
            raise NotOpened("nothing is done yet: back up (`dragoman db backup`), stop the server, then add --yes")
        await _on_schema(settings, lambda connection: schema.downgrade(connection, wanted))
        return f"schema {wanted}"

    return _judged(work())


def _backup(options: argparse.Namespace, settings: Settings) -> int:
    from storage.accounts.backup import back_up

    async def work() -> str:
        kind = await back_up(database_url(settings), options.file, process_environment(), portable=options.portable)
        return f"{options.file}: {kind}"

    return _judged(work())


def _restore(options: argparse.Namespace, settings: Settings) -> int:
    from storage.accounts.backup import restore

    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)

    async def work() -> str:
        await restore(database_url(settings), options.file, process_environment())
        return f"{options.file} is restored"

    return _judged(work())


async def _on_schema(settings: Settings, work: Any) -> Any:
    """Run a function of `storage.accounts.schema` in a transaction of its own."""
    from storage.accounts.opening import connected

    async with connected(database_url(settings)) as database:
        return await database.migrate(lambda connection: connection.run_sync(work))


def _judged(work: Coroutine[Any, Any, str]) -> int:
    """Run the work and print what it returns; return the exit status. No error shows a row or a password."""
    from storage.accounts.portable_rows import BadBackup

    try:
        print(asyncio.run(work))
    except (NotOpened, Unavailable, BadBackup) as error:
        print(f"dragoman: {error}", file=sys.stderr)
    except FileExistsError as error:
        print(f"dragoman: {error.filename} is there already: a backup is a new file", file=sys.stderr)
    except OSError as error:
        print(f"dragoman: {error.filename}: {error.strerror}", file=sys.stderr)
    except sqlite3.Error as error:
        print(f"dragoman: the SQLite file can't be copied: {getattr(error, 'sqlite_errorname', '')}", file=sys.stderr)
    else:
        return 0
    return FAILED
