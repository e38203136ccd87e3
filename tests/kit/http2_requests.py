"""Sends many requests at once on one HTTP/2 connection to nginx, as a browser does, and tells their statuses."""

from __future__ import annotations

import asyncio
import ssl
import struct

_DATA, _HEADERS, _SETTINGS, _PING, _GOAWAY, _WINDOW_UPDATE = 0, 1, 4, 6, 7, 8
_ACK, _END_STREAM, _END_HEADERS = 1, 1, 4
_WHOLE_WINDOW = 2**31 - 1
_INDEXED = {0x88: 200, 0x89: 204, 0x8A: 206, 0x8B: 304, 0x8C: 400, 0x8D: 404, 0x8E: 500}
"""Statuses of HPACK's static table (RFC 7541, appendix A)."""


def _frame(kind: int, flags: int, stream: int, body: bytes) -> bytes:
    return len(body).to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + body


def _literal(index: int, value: str) -> bytes:
    """Return a header field without indexing, whose name is one of the static table."""
    assert index < 15 and len(value) < 127
    return bytes([index, len(value)]) + value.encode()


def _status(block: bytes) -> int:
    """Return the status of nginx's header block, of which it is the first field."""
    while block[0] >> 5 == 1:  # a new size of the table
        block = block[1:]
    if block[0] & 0x80:
        return _INDEXED[block[0]]
    assert block[1] == 3, "three digits, not compressed"
    return int(block[2:5])


async def statuses_of(port: int, trusted: ssl.SSLContext, host: str, path: str, count: int) -> list[int]:
    """Return the statuses of `count` requests, in the order of their answers."""
    trusted.set_alpn_protocols(["h2"])
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=trusted, server_hostname=host)
    window = struct.pack(">HI", 4, _WHOLE_WINDOW)  # SETTINGS_INITIAL_WINDOW_SIZE
    writer.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + _frame(_SETTINGS, 0, 0, window))
    writer.write(_frame(_WINDOW_UPDATE, 0, 0, (_WHOLE_WINDOW - 65_535).to_bytes(4, "big")))
    fields = b"\x82\x87" + _literal(4, path) + _literal(1, host)  # GET, https
    for number in range(count):
        writer.write(_frame(_HEADERS, _END_HEADERS | _END_STREAM, 2 * number + 1, fields))
    statuses: list[int] = []
    ended = 0
    try:
        while ended < count:
            head = await reader.readexactly(9)
            body = await reader.readexactly(int.from_bytes(head[:3], "big"))
            kind, flags = head[3], head[4]
            assert kind != _GOAWAY, body
            if kind == _HEADERS:
                statuses.append(_status(body))
            if kind in (_HEADERS, _DATA):
                ended += flags & _END_STREAM
            elif kind in (_SETTINGS, _PING) and not flags & _ACK:
                writer.write(_frame(kind, _ACK, 0, body if kind == _PING else b""))
    finally:
        writer.close()
    return statuses
