"""Findings of `dragoman doctor` about what holds a server's state: the accounts' database, Redis, and open files."""

from __future__ import annotations

import asyncio
import os
import resource
from collections.abc import AsyncIterator
from typing import Any

from server.accounts_database import database_url
from server.cli.finding import Finding
from server.port import connections_of_an_address
from server.settings import Settings

ANSWER_S = 10.0
"""Longest wait for an answer of the database."""
OWN_FILES = 200
"""Files of the process itself: its engines' pipes, its databases, pages that are fetched."""
SPARE = 1.25
"""Times as many files as calls need: a person who comes back has two connections for a moment."""


async def of_the_state(settings: Settings, addresses: int) -> AsyncIterator[Finding]:
    """Yield a finding for each. `addresses`: number of the addresses on which each connection listens for media."""
    of_one = 0 if settings.node is not None else connections_of_an_address(settings)  # nodes don't count them
    yield open_files(settings.sessions, addresses, of_one)
    if settings.accounts:
        yield await _database(settings)
    if settings.redis_url:
        yield await _redis(settings.redis_url)


def open_files(sessions: int, addresses: int, connections: int) -> Finding:
    """Return if this process may open the files of `sessions`: a socket and the media ports of each person.

    `connections`: those that one address may hold beside them. A server that is started elsewhere has another limit.
    """
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = OWN_FILES + connections + round(SPARE * sessions * 2 * (1 + max(1, addresses)))
    held = f" and {connections} connections of one address" if connections else ""
    allowed = "any number is" if files == resource.RLIM_INFINITY else f"{files} are"
    what = f"{sessions} sessions{held} need {needed} open files, {allowed} allowed in this shell"
    if files == resource.RLIM_INFINITY or files >= needed:
        return Finding(what)
    return Finding(
        what,
        f"a server that is started here needs `ulimit -n {needed}`, or a lower DRAGOMAN_SESSIONS; a systemd unit has a "
        "limit of its own, LimitNOFILE=",
    )


async def _database(settings: Settings) -> Finding:
    from storage.accounts import schema
    from storage.accounts.opening import SQLITE, connected, parsed
    from storage.accounts.ports import NotOpened, Unavailable

    what, remedy = "database of accounts", "is it up, and DRAGOMAN_DATABASE_URL right?"
    url = database_url(settings)
    try:
        place = parsed(url)
        of_a_file = place.drivername == SQLITE
        if of_a_file and not os.path.exists(place.database or ""):  # noqa: ASYNC240
            return Finding(f"{what}: the first start makes it")
        async with asyncio.timeout(ANSWER_S), connected(url) as database:
            await database.read(lambda connection: connection.run_sync(_fits if of_a_file else schema.require_newest))
    except NotOpened as error:
        return Finding(what, str(error))
    except Unavailable as error:
        return Finding(what, f"{error}; {remedy}")
    except TimeoutError:
        return Finding(what, f"no answer in {ANSWER_S:.0f} s; {remedy}")
    return Finding(f"{what} answers")


def _fits(connection: Any) -> None:
    """Raise NotOpened for an SQLite file of a newer version; an older one gets the schema of this one by itself."""
    from storage.accounts import schema

    schema.known(schema.current(connection))


async def _redis(url: str) -> Finding:
    what = "Redis"
    try:
        from remote.connection import AWAY, connect, in_words
    except ModuleNotFoundError:
        return Finding(what, "it needs the extra `redis`: pip install 'dragoman[redis]'")
    try:
        client = connect(url)
    except ValueError:
        return Finding(what, "DRAGOMAN_REDIS_URL is no URL like rediss://user:password@redis.example.org:6379")
    try:
        await client.ping()
    except (*AWAY, TimeoutError) as error:
        return Finding(what, f"{in_words(error)}; is it up, and DRAGOMAN_REDIS_URL with user and password right?")
    finally:
        await client.aclose()
    return Finding(f"{what} answers")
