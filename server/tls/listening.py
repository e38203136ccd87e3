"""Listens for HTTPS, and answers a client that speaks plain HTTP to the port in words."""

from __future__ import annotations

import asyncio
import errno
import json
import logging
import socket
from contextlib import suppress

from server.connections import Connections, Doorway, MakeProtocol
from server.tls.renewal import Renewal
from signaling.refusal import Code, Refusal

log = logging.getLogger(__name__)

HANDSHAKE_S = 10.0
"""Longest wait for a client's first byte, and then for its handshake: each connection holds a file descriptor."""
GOODBYE_S = 2.0
"""Longest wait for a client that is to close its side."""
PAUSE_S = 1.0
"""Pause after a connection could not be accepted, mostly for want of file descriptors."""
_BACKLOG = 128
_HANDSHAKE = b"\x16"
"""First byte of a client that speaks TLS (RFC 8446, 5.1)."""
_MOST_READ = 65_536
UNREAD_S = 30.0
"""Time for a client to take, or to acknowledge, something of what was sent (RFC 5482; Linux)."""


async def bound(host: str, port: int) -> list[socket.socket]:
    """Return a listening socket for each address of the host. Raises OSError."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    sockets: list[socket.socket] = []
    try:
        for family, kind, protocol, _, address in dict.fromkeys(found):
            one = socket.socket(family, kind, protocol)
            sockets.append(one)
            one.setblocking(False)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if family == socket.AF_INET6:
                one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            if hasattr(socket, "TCP_USER_TIMEOUT"):  # each connection has it from the socket that listens
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(UNREAD_S * 1000))
            one.bind(address)
            one.listen(_BACKLOG)
    except OSError:
        for one in sockets:
            one.close()
        raise
    return sockets


async def accept(listening: socket.socket, renewal: Renewal, make: MakeProtocol, connections: Connections) -> None:
    """Hand each client of a listening socket that completes a handshake to a protocol, until it is cancelled."""
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as handshakes:
        while True:
            try:
                client, (host, *_) = await loop.sock_accept(listening)
            except OSError as error:
                if error.errno != errno.ECONNABORTED:
                    log.error("no connection is accepted for a moment: %s", error.strerror)
                    await asyncio.sleep(PAUSE_S)
                continue
            if connections.enter(host):  # before the handshake, which takes a millisecond of everybody's time
                handshakes.create_task(_welcome(client, renewal, Doorway(make, connections, host)))
            else:
                client.close()


async def _welcome(client: socket.socket, renewal: Renewal, doorway: Doorway) -> None:
    """Begin TLS with a client, or refuse it. A handshake that fails is the client's affair."""
    served = False
    try:
        if not await _speaks_tls(client):
            return
        # From here on the socket is the transport's, which closes it.
        await asyncio.get_running_loop().connect_accepted_socket(
            lambda: doorway,
            client,
            ssl=renewal.served.context,
            ssl_handshake_timeout=HANDSHAKE_S,
            ssl_shutdown_timeout=GOODBYE_S,
        )
        served = True
    except OSError:  # errors of TLS and of time are among them
        pass
    # The connection's boundary: a defect costs this one alone.
    except Exception:
        client.close()
        log.exception("connection failed")
    finally:
        if not served:
            doorway.leave()


async def _speaks_tls(client: socket.socket) -> bool:
    """Return True where a client's first byte begins a handshake; else the connection is closed. Raises OSError."""
    try:
        async with asyncio.timeout(HANDSHAKE_S):
            first = await _first_byte(client)
        if first == _HANDSHAKE:
            return True
        if first.isalpha():
            await _refuse(client)
    except BaseException:
        client.close()
        raise
    client.close()
    return False


async def _first_byte(client: socket.socket) -> bytes:
    """Return the client's first byte, which stays to be read; none where the client is gone."""
    loop = asyncio.get_running_loop()
    readable: asyncio.Future[None] = loop.create_future()

    def awake() -> None:
        if not readable.done():
            readable.set_result(None)

    loop.add_reader(client, awake)
    try:
        await readable
    finally:
        loop.remove_reader(client)
    return client.recv(1, socket.MSG_PEEK)


async def _refuse(client: socket.socket) -> None:
    """Answer plain HTTP, and wait until the answer has been read."""
    loop = asyncio.get_running_loop()
    with suppress(TimeoutError):
        async with asyncio.timeout(GOODBYE_S):
            await loop.sock_recv(client, _MOST_READ)  # with unread bytes the kernel would reset, and not send
            await loop.sock_sendall(client, _PLAIN_HTTP)
            client.shutdown(socket.SHUT_WR)
            while await loop.sock_recv(client, _MOST_READ):
                pass


def _plain_http() -> bytes:
    refusal = Refusal(Code.BAD_REQUEST, "this port speaks HTTPS and WSS only: write https:// or wss://")
    body = json.dumps(refusal.as_json()).encode()
    head = f"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + b"Connection: close\r\n\r\n" + body


_PLAIN_HTTP = _plain_http()
