"""A call between two pages that come by HTTPS to a host name, and an HTTP client that finds and trusts likewise."""

from __future__ import annotations

import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from tests.kit.certificates import Key, spki
from tests.kit.chromium import COMMON, SHELL, Running, Tab, watched
from tests.kit.page_meeting import SPOKEN, line_with, make_call, say
from tests.kit.server_process import UNLIMITED

LOOPBACK = "127.0.0.1"
POLITE = UNLIMITED | {
    "DRAGOMAN_MODELS": "scripted",
    "DRAGOMAN_MT": 'scripted:{"texts": {"Good morning.": "Buenos días.", "Good night.": "Buenas noches."}}',
}
"""Settings of a server that translates two greetings."""


class Loopback(AbstractResolver):
    """Finds every host name on this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=LOOPBACK, port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def close(self) -> None:
        pass


def client(trusted: ssl.SSLContext, address: str = LOOPBACK) -> aiohttp.ClientSession:
    """Return an HTTP client that comes from an address of this machine."""
    connector = aiohttp.TCPConnector(resolver=Loopback(), local_addr=(address, 0), ssl=trusted)
    return aiohttp.ClientSession(connector=connector)


@asynccontextmanager
async def two_pages(running: Running, key: Key, host: str) -> AsyncIterator[tuple[Tab, Tab]]:
    """Yield two pages of a browser that finds `host` on this machine, and believes this key without an authority."""
    believed = f"--ignore-certificate-errors-spki-list={spki(key)}"
    browser = await running.browser(SHELL, [*COMMON, believed, f"--host-resolver-rules=MAP {host} {LOOPBACK}"])
    contexts = [await browser.new_context(locale="en-US") for _ in range(2)]
    try:
        yield watched(await contexts[0].new_page()), watched(await contexts[1].new_page())
    finally:
        for context in contexts:
            await context.close()


async def meet(anna: Tab, luis: Tab, url: str) -> None:
    """Make a call at the page's address, by WebSockets below it."""
    opened: list[str] = []
    for tab in (anna, luis):
        tab.page.on("websocket", lambda socket: opened.append(socket.url))
    await make_call(anna, luis, url)
    assert [one.partition("//")[0] for one in opened] == ["wss:", "wss:"], opened


async def is_understood(speaker: Tab, said: str, listener: Tab, read: str) -> None:
    """Say a text that the partner reads, and hears, in their language."""
    before = await listener.page.evaluate(f"{SPOKEN}.length")
    await say(speaker, said)
    await listener.until(line_with(":not(.mine) .translation", read))
    await listener.until(f"{SPOKEN}.length > {before}")
