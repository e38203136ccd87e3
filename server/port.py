"""Opens the server's port, for HTTPS where there is a certificate and for HTTP elsewhere, and names its address."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from ipaddress import ip_network
from typing import Any

from aiohttp import web

from server.connections import Connections, Doorway
from server.settings import BadSetting, Settings, filled
from server.tls.certificate import Files, UnusableCertificate
from server.tls.listening import accept, bound
from server.tls.renewal import Renewal
from signaling.config import SignalingOptions
from signaling.rate_limits import Rate

LEAST = 20
"""Connections of an address at a time: a browser opens six, and a call needs two."""
_EVERYBODY = ip_network("0.0.0.0/0"), ip_network("::/0")


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
    assert runner.server is not None
    loop, server, connections = asyncio.get_running_loop(), runner.server, connections_of(settings)
    with ExitStack() as held:
        sockets = [held.enter_context(one) for one in listening or await bound(settings.host, settings.port)]
        if renewal is None:
            for one in sockets:
                opened = await loop.create_server(partial(Doorway, server, connections), sock=one)
                held.callback(opened.close)
            yield address_of("http", sockets)
            return
        async with asyncio.TaskGroup() as tasks:
            jobs = [tasks.create_task(accept(one, renewal, server, connections)) for one in sockets]
            jobs.append(tasks.create_task(renewal.watch()))
            try:
                yield address_of("https", sockets)
            finally:
                for job in jobs:
                    job.cancel()


def connections_of_an_address(settings: Settings) -> int:
    """Return how many connections an address may have open: in proportion to its requests, but `LEAST` at least."""
    return max(LEAST, settings.address_requests_per_minute // 2)


def connections_of(settings: Settings) -> Connections:
    """Return the limits of connections: an address's in proportion to its requests.

    To one of several nodes a proxy and the other nodes connect, and nobody else: each brings those of many clients.
    """
    most = connections_of_an_address(settings)
    trusted = _EVERYBODY if settings.node is not None else filled(settings, SignalingOptions).trusted_proxies
    return Connections(most, Rate(4 * most, 10), trusted, asyncio.get_running_loop().time)


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
