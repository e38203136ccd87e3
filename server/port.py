"""Opens the server's port, for HTTPS where there is a certificate and for HTTP elsewhere, and names its address."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
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
async def open_port(settings: Settings, runner: web.AppRunner, renewal: Renewal | None) -> AsyncIterator[str]:
    """Serve the runner's application; yield its address, such as `https://127.0.0.1:8443`. Raises OSError.

    Connections outlive the port: the runner's cleanup ends them.
    """
    if renewal is None:
        await web.TCPSite(runner, settings.host, settings.port).start()
        yield _address("http", runner.addresses[0])
        return
    assert runner.server is not None
    with ExitStack() as held:
        sockets = [held.enter_context(one) for one in await bound(settings.host, settings.port)]
        async with asyncio.TaskGroup() as tasks:
            jobs = [tasks.create_task(accept(one, renewal, runner.server)) for one in sockets]
            jobs.append(tasks.create_task(renewal.watch()))
            try:
                yield _address("https", sockets[0].getsockname())
            finally:
                for job in jobs:
                    job.cancel()


def _address(scheme: str, place: Any) -> str:
    host, port, *_ = place
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
