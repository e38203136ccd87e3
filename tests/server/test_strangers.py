"""The cost of somebody without a token: to the server, and to its log."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
from aiohttp.http_exceptions import BadStatusLine

from server.observe.logs import anonymous
from server.serve import IDLE_SECONDS
from tests.kit.server_process import Server

TOKEN = "0123456789abcdef" * 2


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("strangers")
    with Server(folder, DRAGOMAN_MODELS="scripted", DRAGOMAN_METRICS_TOKEN=TOKEN) as running:
        yield running


def connect(server: Server) -> socket.socket:
    url = urlsplit(server.url)
    assert url.hostname is not None
    return socket.create_connection((url.hostname, url.port or 80), timeout=IDLE_SECONDS + 60)


def test_garbage_is_answered_and_leaves_neither_address_nor_content_in_the_log(server: Server) -> None:
    for garbage in (
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nAuthorization: " + b"s" * 9000 + b"\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        bytes(range(256)) + b"\r\n\r\n",
    ):
        with connect(server) as stranger:
            stranger.sendall(garbage)
            assert stranger.recv(64).startswith(b"HTTP/1.0 400")
    assert "127.0.0.1" not in server.log
    assert "Bad" not in server.log
    assert "sss" not in server.log


def test_what_fails_in_aiohttp_is_logged_without_the_address() -> None:
    def record(problem: Exception) -> logging.LogRecord:
        exc_info = (type(problem), problem, None)
        return logging.LogRecord(
            "aiohttp.server", logging.ERROR, __file__, 1, "request from %s", ("192.0.2.1",), exc_info
        )

    ours = record(RuntimeError("a defect"))
    assert anonymous(ours)
    assert "192.0.2.1" not in ours.getMessage()
    assert not anonymous(record(BadStatusLine("GET secret")))


def test_connections_without_a_whole_request_are_closed(server: Server) -> None:
    silent, slow = connect(server), connect(server)
    with silent, slow:
        slow.sendall(b"POST /api/v1/auth/guest HTTP/1.1\r\nHost: x\r\n")
        assert silent.recv(1) == b""
        assert slow.recv(1) == b""


def test_metrics_are_for_who_has_the_token(server: Server) -> None:
    for headers in ({}, {"Authorization": f"Bearer {TOKEN[::-1]}"}):
        with pytest.raises(HTTPError) as refused:
            urlopen(Request(f"{server.url}/metrics", headers=headers))
        assert refused.value.status == 401
        refused.value.close()


def test_metrics_are_not_written_anew_for_each_request(server: Server) -> None:
    def figures() -> frozenset[bytes]:
        with urlopen(Request(f"{server.url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})) as page:
            return frozenset(line for line in page.read().splitlines() if not line.startswith(b"#"))

    began = time.monotonic()
    different = len({figures() for _ in range(8)})
    assert different <= 2 + (time.monotonic() - began)
