"""The port of HTTPS: whom it serves, what it says to whom it does not, and what it leaves behind."""

from __future__ import annotations

import asyncio
import json
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from server.port import open_port, renewal_of
from server.settings import Settings
from server.tls import listening
from server.tls.renewal import Renewal
from tests.kit.certificates import Certificates

PATIENCE_S = 60.0
REQUEST = b"GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


@dataclass
class Port:
    url: str
    trusted: ssl.SSLContext
    renewal: Renewal

    @property
    def number(self) -> int:
        return int(self.url.rpartition(":")[2])

    async def ask(self) -> tuple[str, bool]:
        """Return what a handler saw of a request by HTTPS: the scheme."""
        connector = aiohttp.TCPConnector(ssl=self.trusted)
        async with aiohttp.ClientSession(connector=connector) as http, http.get(self.url) as answer:
            told = await answer.json()
            return told["scheme"], told["secure"]

    async def say(self, text: bytes) -> bytes:
        """Return all that is answered to bytes on a plain connection."""
        async with asyncio.timeout(PATIENCE_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.number)
            writer.write(text)
            try:
                return await reader.read()
            except ConnectionResetError:
                return b""
            finally:
                writer.close()


@asynccontextmanager
async def open_tls(folder: Path) -> AsyncIterator[Port]:
    made = Certificates.make(folder, "127.0.0.1")
    settings = Settings(port=0, tls_certificate=made.certificate, tls_private_key=made.key)

    async def show(request: web.Request) -> web.Response:
        return web.json_response({"scheme": request.scheme, "secure": request.secure})

    app = web.Application()
    app.add_routes([web.get("/", show)])
    runner = web.AppRunner(app, shutdown_timeout=0.5)
    await runner.setup()
    renewal = renewal_of(settings)
    assert renewal is not None
    try:
        async with open_port(settings, runner, renewal) as url:
            yield Port(url, ssl.create_default_context(cafile=made.authority), renewal)
    finally:
        await runner.cleanup()


async def test_https_is_served(tmp_path: Path) -> None:
    async with open_tls(tmp_path) as port:
        assert port.url == f"https://127.0.0.1:{port.number}"
        assert await port.ask() == ("https", True)


async def test_plain_http_is_answered_in_words(tmp_path: Path) -> None:
    async with open_tls(tmp_path) as port:
        for request in (REQUEST, b"POST /api/v1/auth/guest HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + b"x" * 9000):
            head, _, body = (await port.say(request)).partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n") and b"Connection: close" in head
            error = json.loads(body)["error"]
            assert error["code"] == "bad_request" and "https://" in error["message"]
        assert await port.ask() == ("https", True)


@pytest.mark.parametrize(
    "text", [b"\x00" * 100, b"\xff\xfe", b"\x16nonsense", b"\x16\x03\x01\x02\x00\x01" + b"\x00" * 600]
)
async def test_what_is_neither_costs_its_own_connection_alone(
    tmp_path: Path, text: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_tls(tmp_path) as port:
        assert b"HTTP" not in await port.say(text)
        assert await port.ask() == ("https", True)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_who_never_begins_is_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with open_tls(tmp_path) as port:
        with monkeypatch.context() as patch:
            patch.setattr(listening, "HANDSHAKE_S", 0.1)
            assert await port.say(b"") == b""
            assert await port.say(b"\x16\x03\x01") == b"", "a handshake that stops after its first bytes"
        assert await port.ask() == ("https", True)


async def test_who_goes_away_leaves_nothing(tmp_path: Path) -> None:
    def open_files() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    async with open_tls(tmp_path) as port:
        await port.ask()
        before = open_files()
        for text in (b"", b"G", b"\x16\x03\x01\x00", b"\x00"):
            _, writer = await asyncio.open_connection("127.0.0.1", port.number)
            writer.write(text)
            await writer.drain()
            writer.transport.abort()
        await port.ask()
        async with asyncio.timeout(PATIENCE_S):
            while open_files() > before:
                await port.ask()


async def test_a_defect_costs_one_connection(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with open_tls(tmp_path) as port:
        served = port.renewal.served
        port.renewal.served = None  # type: ignore[assignment]
        with pytest.raises(aiohttp.ClientError):
            await port.ask()
        port.renewal.served = served
        assert await port.ask() == ("https", True)
    assert "connection failed" in caplog.text


async def test_connections_outlive_the_certificate_that_they_began_with(tmp_path: Path) -> None:
    async with open_tls(tmp_path) as port:
        connector = aiohttp.TCPConnector(ssl=port.trusted, limit=1)
        async with aiohttp.ClientSession(connector=connector) as http:
            async with http.get(port.url) as answer:
                await answer.read()
            Certificates.make(tmp_path, "127.0.0.1")  # by another authority, which this client does not know
            port.renewal.look()
            assert port.renewal.taken == 1
            async with http.get(port.url) as answer:
                assert answer.status == 200
        with pytest.raises(aiohttp.ClientConnectorCertificateError):
            await port.ask()


async def test_a_port_that_is_taken_is_named_as_always(tmp_path: Path) -> None:
    async with open_tls(tmp_path) as port:
        with pytest.raises(OSError, match="in use"):
            await listening.bound("127.0.0.1", port.number)


async def test_every_address_of_a_host_is_listened_on() -> None:
    for host in ("127.0.0.1", "::1"):
        [one] = await listening.bound(host, 0)
        with one:
            assert one.getsockname()[0] == host
