"""The container's health check as a command: it believes /health, by HTTPS where there is a certificate."""

import json
import os
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
import yaml

from tests.kit.certificates import Certificates

ROOT = Path(__file__).parents[2]
IN_COMPOSE: list[str] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["dragoman"][
    "healthcheck"
]["test"]


def in_dockerfile() -> list[str]:
    check = (ROOT / "Dockerfile").read_text().rpartition("HEALTHCHECK")[2]
    match = re.search(r"CMD (\[.*\])$", check, re.MULTILINE)
    assert match is not None
    command: list[str] = json.loads(match[1])
    return command


@contextmanager
def answering(status: int, certificates: Certificates | None = None) -> Iterator[int]:
    class Server(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Server) as server:
        if certificates is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificates.certificate, certificates.key)
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def status_of_check(port: int, certificate: str = "") -> int:
    program, *arguments = in_dockerfile()
    assert program == "python"
    environment = {**os.environ, "DRAGOMAN_PORT": str(port), "DRAGOMAN_TLS_CERTIFICATE": certificate}
    done = subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    return done.returncode


def test_compose_and_image_check_the_same() -> None:
    assert ["CMD", *in_dockerfile()] == IN_COMPOSE


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False), (404, False)])
def test_it_believes_the_servers_answer(status: int, healthy: bool) -> None:
    with answering(status) as port:
        assert (status_of_check(port) == 0) is healthy


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
def test_it_asks_a_server_with_a_certificate_by_https(tmp_path: Path, status: int, healthy: bool) -> None:
    """Whatever the certificate says: it is asked by an address that no certificate names."""
    certificates = Certificates.make(tmp_path, "call.example.org")
    with answering(status, certificates) as port:
        assert (status_of_check(port, str(certificates.certificate)) == 0) is healthy


def test_no_answer_is_not_healthy() -> None:
    with answering(200) as port:
        pass
    assert status_of_check(port) != 0
