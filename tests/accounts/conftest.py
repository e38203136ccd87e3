"""An empty database of accounts for each test: every test here runs on each kind of database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.accounts.opening import open_accounts, sqlite_url
from storage.accounts.ports import AccountStore


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of an empty database."""
    return sqlite_url(tmp_path / "accounts.sqlite")


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[AccountStore]:
    """An open store without rows."""
    async with open_accounts(database_url) as opened:
        yield opened
