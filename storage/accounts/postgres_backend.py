"""PostgreSQL as the accounts' database, by asyncpg (extra `postgres`): a bounded pool, statements of a bounded time."""

from __future__ import annotations

from contextlib import nullcontext

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from storage.accounts.database import STATEMENT_S, Backend

APPLICATION = "dragoman"
"""Name by which an operator, and a restoration, find our connections in pg_stat_activity."""
CONNECTIONS = 8
CONNECT_S = 5.0
IDLE_S = 1800
"""Age at which a connection is replaced: firewalls forget silent ones."""


def postgres_backend(url: URL) -> Backend:
    """Return the backend for `url`. Raises ImportError where asyncpg is not installed."""
    import asyncpg

    milliseconds = str(int(STATEMENT_S * 1000))
    engine = create_async_engine(
        url,
        hide_parameters=True,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=STATEMENT_S,
        pool_pre_ping=True,
        pool_recycle=IDLE_S,
        connect_args={
            "timeout": CONNECT_S,
            "server_settings": {
                "application_name": APPLICATION,
                "statement_timeout": milliseconds,
                "lock_timeout": milliseconds,
                "idle_in_transaction_session_timeout": milliseconds,
            },
        },
    )
    errors = (asyncpg.PostgresError, asyncpg.InterfaceError)
    return Backend(engine, errors, nullcontext(), _nothing_left, {"isolation_level": "REPEATABLE READ"})


async def _nothing_left(connection: AsyncConnection) -> bool:
    """Do nothing: rows that were deleted leave the files with VACUUM, which PostgreSQL runs by itself."""
    return True
