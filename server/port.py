"""Opens the server's port, for HTTPS where there is a certificate and for HTTP elsewhere, and names its address."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from typing import Any

from aiohttp import web

from server.settings import BadSetting, Settings
from server.tls.certificate import Files, UnusableCertificate
from server.tls.listening import accept, bound
from server.tls.renewal import Renewal


def renewal_of(settings: Settings) -> Renewal | None:
    """Return the certificate that the settings name, loaded; None without one. Raises BadSetting."""
    if settings.tls_certificate is None or settings.tls_private_key is None:
        return None
    try:
        return Renewal(Files(settings.tls_certificate, settings.tls_private_key))
    except UnusableCertificate as problem:
        raise BadSetting(str(problem)) from None


@asynccontextmanager
async def open_port(
    settings: Settings, runner: web.AppRunner, renewal: Renewal | None, listening: Sequence[socket.socket] = ()
) -> AsyncIterator[str]:
    """Serve the runner's application; yield its address, such as `https://127.0.0.1:8443`. Raises OSError.

    `listening`: the sockets on which it is served, where other processes serve on them, too. Connections outlive the
    port: the runner's cleanup ends them.
    """
    if renewal is None and listening:
        for one in listening:
            await web.SockSite(runner, one).start()
        yield address_of("http", listening)
        return
    if renewal is None:
        await web.TCPSite(runner, settings.host, settings.port).start()
        yield _address("http", runner.addresses[0])
        return
    assert runner.server is not None
    with ExitStack() as held:
        sockets = [held.enter_context(one) for one in listening or await bound(settings.host, settings.port)]
        async with asyncio.TaskGroup() as tasks:
            jobs = [tasks.create_task(accept(one, renewal, runner.server)) for one in sockets]
            jobs.append(tasks.create_task(renewal.watch()))
            try:
                yield address_of("https", sockets)
            finally:
                for job in jobs:
                    job.cancel()


def port_problem(settings: Settings, error: OSError) -> str | None:
    """Return why nobody can listen on the port, for its operator; None for any other error."""
    if error.errno in (errno.EADDRINUSE, errno.EACCES, errno.EADDRNOTAVAIL):
        return f"{settings.host}:{settings.port}: {error.strerror}"
    return None


def address_of(scheme: str, listening: Sequence[socket.socket]) -> str:
    """Return the address of the first of several sockets that listen."""
    return _address(scheme, listening[0].getsockname())


def _address(scheme: str, place: Any) -> str:
    host, port, *_ = place
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
