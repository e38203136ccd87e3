"""Accounts as two people use them, in Chromium, against a real server: with SQLite, and with PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import email
import os
import re
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.kit.chromium import Browsers, Tab
from tests.kit.extent import LONG
from tests.kit.identity_provider import CLIENT, SECRET, identity_provider
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
    with Server(tmp_path / "server", accounts=True, **WITH_HISTORY) as server:
        yield server.url


@dataclass
class Letters:
    """Letters that came to a mail server, as texts."""

    texts: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        letter = email.message_from_bytes(envelope.content)
        part = next(one for one in letter.walk() if one.get_content_type() == "text/plain")
        self.texts.append(part.get_payload(decode=True).decode())  # type: ignore[union-attr]
        return "250 OK"

    async def link(self, number: int) -> str:
        """Return the link in a letter, counted from 0, once it is there."""
        deadline = time.monotonic() + 10
        while len(self.texts) <= number:
            assert time.monotonic() < deadline, f"letter {number} did not come"
            await asyncio.sleep(0.05)
        found = re.search(r"http\S+#\S+", self.texts[number])
        assert found
        return found[0]


@pytest.fixture
def with_mail_and_provider(tmp_path: Path) -> Iterator[tuple[str, Letters]]:
    """A server that sends letters, and takes the accounts of an identity provider."""
    letters = Letters()
    mail = Controller(letters, hostname="127.0.0.1", port=_free_port(), ready_timeout=60)
    mail.start()
    providers, port = tmp_path / "providers.toml", _free_port()
    try:
        with identity_provider("RS256") as provider:
            providers.write_text(
                f'[house]\nissuer = "{provider.issuer}"\nclient_id = "{CLIENT}"\nclient_secret = "{SECRET}"\n'
            )
            settings = UNLIMITED | {
                "DRAGOMAN_MODELS": "scripted",
                "DRAGOMAN_VAD": "loudness",
                "DRAGOMAN_PUBLIC_URL": f"http://127.0.0.1:{port}",
                "DRAGOMAN_OIDC": str(providers),
                "DRAGOMAN_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
                "DRAGOMAN_MAIL_FROM": "calls@example.org",
            }
            with Server(tmp_path / "server", port=port, accounts=True, **settings) as server:
                yield server.url, letters
    finally:
        mail.stop()


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


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
        with Server(tmp_path / "server", accounts=True, **settings) as server:
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
        await tab.until(IN_CALL)
    assert await luis.page.inner_text("#partner .name") == "Anna"


async def talk(anna: Tab, luis: Tab) -> None:
    """Say something before both consent, and something after it; then hang up."""
    await say(anna, "Good morning.")
    await luis.until(line_with(":not(.mine) .translation", "días"))
    await anna.page.check("#keep")
    await told(anna, "You agree, Luis does not", "#keep-state")
    await told(luis, "Anna", "#notice")
    if await luis.page.is_visible("#panel-button"):
        await luis.page.click("#panel-button")
    await luis.page.check("#keep")
    for tab in (anna, luis):
        await tab.page.wait_for_selector("#kept:visible")
    await say(anna, "Good afternoon.")
    await luis.until(line_with(":not(.mine) .translation", "tardes"))
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


@pytest.mark.skipif(not LONG, reason="make test-long: make test has the flow with SQLite")
async def test_two_people_with_accounts_in_postgresql(browsers: Browsers, with_postgres: str, tmp_path: Path) -> None:
    await two_people(browsers, with_postgres, tmp_path)


@pytest.mark.skipif(not LONG, reason="make test-long: make test plays the server's part (test_account_rooms.py)")
async def test_letters_and_an_account_of_a_provider(
    browsers: Browsers, with_mail_and_provider: tuple[str, Letters]
) -> None:
    url, letters = with_mail_and_provider
    anna = await browsers.tab()
    await anna.open(url)
    await sign_up(anna, "Anna")
    page = anna.page
    await page.goto(await letters.link(0))
    await page.click("#account form:not([hidden]) [type=submit]")  # the link alone confirms nothing
    await told(anna, "Your e-mail address is confirmed.")
    await page.click("#account .primary:visible")
    await told(anna, "(confirmed)")
    await page.click("#account nav button:last-child")
    await page.click("#account-button")
    await page.click("text=Forgotten password")
    await page.fill("#account-email", "anna@example.org")
    await page.click(SUBMIT)
    await told(anna, "If there is an account with this address")
    link = await letters.link(1)
    for used in (False, True):
        await page.goto(link)
        await page.fill("#account-password", OTHER)
        await page.click(SUBMIT)
        await told(anna, "was used already" if used else "The new password holds.")
        assert "#" not in page.url

    guest = await browsers.tab()
    await guest.open(f"{url}/#427193")
    await guest.page.click("#account-button")
    await guest.page.click("text=Sign in with house")
    await guest.until("document.getElementById('account-button')?.getAttribute('aria-label') !== null")
    await guest.page.wait_for_selector("#start:visible")
    assert await guest.page.input_value("#code") == "427193", "the call that they were invited to"
    assert await guest.page.evaluate("location.hash") == ""
    await guest.page.click("#account-button")
    await told(guest, "No calls yet.")
