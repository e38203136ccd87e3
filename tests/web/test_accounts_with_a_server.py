"""Accounts as two people use them, in Chromium, against a real server: with SQLite, and with PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kit.chromium import Browsers, Tab
from tests.kit.page_meeting import IN_CALL, line_with, say
from tests.kit.postgres import binaries, running_postgres
from tests.kit.server_process import UNLIMITED, Server
from tests.web.test_account_rooms import KEPT, SUBMIT, told

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

PASSWORD = "violet kettle runs seventeen"
OTHER = "a cellar full of wet umbrellas"
WITH_HISTORY = UNLIMITED | {
    "DRAGOMAN_HISTORY_KEY": base64.b64encode(bytes(range(32))).decode(),
    "DRAGOMAN_LOGINS_PER_MINUTE": "1000",
}
ROOM = "document.querySelector('#account:not([hidden]) {}') !== null"


@pytest.fixture
def with_sqlite(tmp_path: Path) -> Iterator[str]:
    """A server with the bundled engines, accounts and histories."""
    with Server(tmp_path / "server", **WITH_HISTORY) as server:
        yield server.url


@pytest.fixture
def with_postgres(tmp_path: Path) -> Iterator[str]:
    """The same over a PostgreSQL."""
    if binaries() is None:
        pytest.skip("PostgreSQL is not installed: scripts/setup test")
    with running_postgres() as postgres:
        postgres.run("CREATE DATABASE page")
        settings = WITH_HISTORY | {"DRAGOMAN_DATABASE_URL": postgres.url("page")}
        upgrade = [sys.executable, "-m", "server.cli.main", "db", "upgrade"]
        subprocess.run(upgrade, check=True, env={**os.environ, **settings}, stdout=subprocess.DEVNULL)
        with Server(tmp_path / "server", **settings) as server:
            yield server.url


async def sign_up(tab: Tab, name: str) -> None:
    """Make an account, and go back to the start."""
    page = tab.page
    await page.click("#account-button")
    await page.wait_for_selector("#account-email")
    await page.click("#account .link:last-of-type")
    await page.fill("#account-username", name)
    await page.fill("#account-email", f"{name}@example.org".lower())
    await page.fill("#account-password", "password")
    await page.click(SUBMIT)
    await tab.until(ROOM.format("[aria-invalid]"))  # too well known
    await page.fill("#account-password", PASSWORD)
    await page.click(SUBMIT)
    await page.wait_for_selector("#account-old")
    await page.click("#account header button")
    await page.wait_for_selector("#start:visible")


async def meet(anna: Tab, luis: Tab) -> None:
    """Start a call on one page, and join it on the other: nobody types a name."""
    await anna.page.select_option("#language", "en")
    await anna.page.click("#create-button")
    await anna.page.wait_for_selector("#session-code:visible")
    await luis.page.select_option("#language", "es")
    await luis.page.fill("#code", await anna.page.inner_text("#session-code"))
    await luis.page.click("#join-button")
    for tab in (anna, luis):
        await tab.until(IN_CALL, 20)
    assert await luis.page.inner_text("#partner .name") == "Anna"


async def talk(anna: Tab, luis: Tab) -> None:
    """Say something before both consent, and something after it; then hang up."""
    await say(anna, "Good morning.")
    await luis.until(line_with(":not(.mine) .translation", "días"), 15)
    await anna.page.check("#keep")
    await told(anna, "You agree, Luis does not", "#keep-state")
    await told(luis, "Anna", "#notice")
    if await luis.page.is_visible("#panel-button"):
        await luis.page.click("#panel-button")
    await luis.page.check("#keep")
    for tab in (anna, luis):
        await tab.page.wait_for_selector("#kept:visible")
    await say(anna, "Good afternoon.")
    await luis.until(line_with(":not(.mine) .translation", "tardes"), 15)
    await luis.page.click("#hang-up")
    for tab in (anna, luis):
        await tab.page.wait_for_selector("#ended:visible")
        await tab.page.click("#again")


async def read(anna: Tab, folder: Path) -> None:
    """Find the call, read it in both languages, save it in each format, search in it."""
    page = anna.page
    await page.click("#account-button")
    await page.wait_for_selector(".past-call")
    assert "Luis" in await page.inner_text(".past-call")
    for _ in range(50):  # it is written behind the call
        await page.click(".past-call")
        await page.wait_for_selector("#account-title:focus")
        if await page.is_visible(".both"):
            break
        await page.click("#account header button")
        await page.wait_for_selector(".past-call")
    cells = await page.locator(".both tbody tr").first.locator("td").all_inner_texts()
    assert cells == ["Good afternoon.", "Buenas tardes."]
    assert "morning" not in await page.inner_text("#account"), "it was said before both agreed"
    for name, begin in (("VTT", "WEBVTT"), ("SRT", "1\n"), ("TXT", "["), ("JSON", "{")):
        async with page.expect_download() as saved:
            await page.click(f"#account .save button:text-is('{name}')")
        path = folder / name
        await (await saved.value).save_as(path)
        text = path.read_text("utf-8")
        assert text.startswith(begin)
        assert "Buenas tardes." in text
    await page.click("#account nav button")
    for words, found in (("TARDES", 1), ("umbrellas", 0), ("luis", 1)):
        await page.fill("#account-query", words)
        await page.press("#account-query", "Enter")
        await told(anna, "Calls: 1" if found else "Nothing was found.")
        assert await page.locator(".past-call").count() == found


async def change_password(anna: Tab) -> None:
    """Set another password: this tab stays signed in, and only the new one works afterwards."""
    page = anna.page
    await page.reload()
    await anna.until("document.getElementById('account-button')?.textContent.trim() === 'Anna'")
    await page.click("#account-button")
    await page.click("#account nav button:nth-child(2)")
    for old in (OTHER, PASSWORD):
        await page.fill("#account-old", old)
        await page.fill("#account-new", OTHER)
        await page.press("#account-new", "Enter")
        await told(anna, "This password is wrong." if old == OTHER else "Your password is changed.")
    await page.click("#account nav button:last-child")
    await page.wait_for_selector("#start:visible")
    assert await page.evaluate(KEPT) == []
    await page.click("#account-button")
    for secret in (PASSWORD, OTHER):
        await page.fill("#account-email", "anna@example.org")
        await page.fill("#account-password", secret)
        await page.click(SUBMIT)
        if secret == PASSWORD:
            await told(anna, "do not belong together")
    await page.wait_for_selector(".past-call")


async def delete(luis: Tab, folder: Path) -> None:
    """Save everything, delete the account, and find that it is gone."""
    page = luis.page
    await page.click("#account-button")
    await page.click("#account nav button:nth-child(2)")
    await page.check("#account-first")
    await page.check("#account-sure")
    await page.fill("#account-password", PASSWORD)
    async with page.expect_download() as saved:
        await page.click("#account .danger")
    await (await saved.value).save_as(folder / "all.zip")
    with zipfile.ZipFile(folder / "all.zip") as archive:
        assert archive.testzip() is None
        assert any(b"luis@example.org" in archive.read(name) for name in archive.namelist())
    await luis.until(ROOM.format("#account-email"))
    assert await page.evaluate(KEPT) == []
    await page.fill("#account-email", "luis@example.org")
    await page.fill("#account-password", PASSWORD)
    await page.click(SUBMIT)
    await luis.until(ROOM.format(".problem:not([hidden])"))


async def two_people(browsers: Browsers, url: str, folder: Path) -> None:
    phone = {"viewport": {"width": 390, "height": 844}, "locale": "es-ES", "color_scheme": "dark"}
    anna, luis = await asyncio.gather(browsers.tab(), browsers.tab(**phone))
    await asyncio.gather(anna.open(url), luis.open(url))
    await asyncio.gather(sign_up(anna, "Anna"), sign_up(luis, "Luis"))
    await meet(anna, luis)
    await talk(anna, luis)
    await read(anna, folder)
    await change_password(anna)
    await delete(luis, folder)
    # Chromium itself writes each refusal that the flow has asked for into the console.
    assert not [line for tab in (anna, luis) for line in tab.complaints if "Failed to load resource" not in line]


async def test_two_people_with_accounts(browsers: Browsers, with_sqlite: str, tmp_path: Path) -> None:
    await two_people(browsers, with_sqlite, tmp_path)


async def test_two_people_with_accounts_in_postgresql(browsers: Browsers, with_postgres: str, tmp_path: Path) -> None:
    await two_people(browsers, with_postgres, tmp_path)
