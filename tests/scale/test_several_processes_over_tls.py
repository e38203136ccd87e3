"""`dragoman serve --processes 2` with a certificate of its own: calls, a renewal, and a process that is killed."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import time
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Self

import aiohttp
import pytest
from cryptography import x509

from tests.kit.certificates import Authority, Certificates, new_key
from tests.kit.extent import LONG
from tests.kit.packet_caller import PATIENCE, Caller, come_back, enter
from tests.kit.packet_calls import are_interpreted
from tests.kit.served_processes import NAMES, home, know_each_other, of_two, pids
from tests.kit.server_process import Server

pytestmark = [
    pytest.mark.real_time,
    pytest.mark.skipif(not LONG, reason="a server of two processes with calls; the short form has it without TLS"),
]
CALLS = 4
"""Eight sockets, each of which comes to one of two processes, and as many requests."""
IN_A_ROW = 16
"""Connections that get a new certificate, after which both processes have it."""


class TrustingCaller(Caller):
    """A caller who trusts one authority."""

    def __init__(self, url: str, authority: Path) -> None:
        super().__init__(url)
        self._authority = authority

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        await self.http.close()
        trusted = ssl.create_default_context(cafile=self._authority)
        self.http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusted))
        return self


def served(server: Server) -> int:
    """Return the serial number of the certificate that a new connection gets."""
    port = int(server.url.rpartition(":")[2])
    return x509.load_pem_x509_certificate(ssl.get_server_certificate(("127.0.0.1", port)).encode()).serial_number


def is_renewed(server: Server, before: int) -> None:
    """Wait until no process shows the certificate from before."""
    deadline, new = time.monotonic() + PATIENCE, 0
    while new < IN_A_ROW:
        new = new + 1 if served(server) != before else 0
        assert time.monotonic() < deadline, server.log
        time.sleep(0.05)


async def test_calls_over_tls_go_on_through_a_renewal_and_a_killed_process(tmp_path: Path) -> None:
    authority, key = Authority(), new_key()
    files = Certificates.make(tmp_path, "127.0.0.1", authority=authority, key=key)
    settings = {"DRAGOMAN_TLS_CERTIFICATE": str(files.certificate), "DRAGOMAN_TLS_PRIVATE_KEY": str(files.key)}
    with of_two(tmp_path, **settings) as server:
        assert server.url.startswith("https://")
        know_each_other(server)
        async with AsyncExitStack() as stack:
            pairs = []
            for _ in range(CALLS):
                ana, ben = [
                    await stack.enter_async_context(TrustingCaller(server.url, files.authority)) for _ in range(2)
                ]
                await enter(ana, ben)
                pairs.append((ana, ben))
            address = f"wss{server.url.removeprefix('https')}/ws"
            assert {one.ws_url for pair in pairs for one in pair} == {address}
            homes = [home(server, ana.session_id) for ana, _ in pairs]
            assert set(homes) == set(NAMES), "a new session goes where there is less to do"
            await are_interpreted(pairs, 400.0)

            before = await asyncio.to_thread(served, server)
            files.certificate.write_bytes(authority.issue(key, "127.0.0.1"))
            await asyncio.to_thread(is_renewed, server, before)
            await are_interpreted(pairs, 600.0)

            at_p1 = [pair for pair, name in zip(pairs, homes, strict=True) if name == "p1"]
            os.kill(pids(server)["p1"], signal.SIGKILL)
            await asyncio.gather(*(come_back(one) for pair in at_p1 for one in pair))
            assert {home(server, ana.session_id) for ana, _ in at_p1} == {"p2"}
            # A socket that p1 carried is lost with it, and its session is where it was.
            carried = [one for pair in pairs for one in pair if one.signal.socket.closed]
            print(f"{len(carried)} sockets of calls at p2 had come to p1")
            await asyncio.gather(*map(come_back, carried))
            await are_interpreted(pairs, 800.0)
            await asyncio.to_thread(know_each_other, server)
