"""nginx and Caddy as processes of the test's own, with the files of `deploy/` and what a test must have otherwise."""

from __future__ import annotations

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.kit.certificates import Certificates

DEPLOY = Path(__file__).parents[2] / "deploy"
NAME = "call.example.org"
"""The host name in the files of `deploy/`."""
_NGINX_HEAD = """\
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr warn;
events {{}}
http {{
    access_log off;
    {temporary}
    include {folder}/site.conf;
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_CADDY_HEAD = """\
{{
	admin off
	http_port {plain}
	https_port {port}
	skip_install_trust
}}
"""


@dataclass(frozen=True)
class Site:
    """A place at which a proxy shows a server, of which `upstream` is host and port. It has a port for HTTP, too."""

    folder: Path
    port: int
    plain: int
    upstream: str
    certificates: Certificates


def replaced(text: str, *changes: tuple[str, str]) -> str:
    """Return a file with changes, each of which must be one in fact."""
    for before, after in changes:
        assert before in text, f"deploy/ has no {before!r} any more"
        text = text.replace(before, after)
    return text


def nginx(site: Site) -> list[str]:
    """Write nginx's files: the host of its own, with the lines of a site below a path in it. Return the command."""
    below = site.folder / "below-a-path.conf"
    below.write_text(replaced((DEPLOY / "nginx/below-a-path.conf").read_text(), ("127.0.0.1:8080", site.upstream)))
    own = replaced(
        (DEPLOY / "nginx/dragoman.conf").read_text(),
        ("    listen [::]:80;\n", ""),
        ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{site.plain};"),
        ("listen 443 ssl", f"listen 127.0.0.1:{site.port} ssl"),
        (f"/etc/letsencrypt/live/{NAME}/fullchain.pem", str(site.certificates.certificate)),
        (f"/etc/letsencrypt/live/{NAME}/privkey.pem", str(site.certificates.key)),
        ("127.0.0.1:8080", site.upstream),
        ("    location / {", f"    include {below};\n    location / {{"),
    )
    return _nginx_command(site.folder, own)


def _nginx_command(folder: Path, site: str) -> list[str]:
    (folder / "site.conf").write_text(site)
    temporary = " ".join(f"{one}_temp_path {folder}/{one};" for one in _TEMPORARY)
    (folder / "nginx.conf").write_text(_NGINX_HEAD.format(folder=folder, temporary=temporary))
    return ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]


OF_NODES = {
    "nodes.conf": (f"/etc/letsencrypt/live/{NAME}", "10.0.0.11:8080", "10.0.0.12:8080"),
    "one-machine.conf": ("/etc/nginx/tls", "127.0.0.1:8081", "127.0.0.1:8082"),
}
"""Files for two nodes: the folder of the certificate, and the addresses of `a` and `b` in it."""


def nginx_of_nodes(folder: Path, port: int, nodes: Mapping[str, str], file: str = "nodes.conf") -> list[str]:
    """Write the files of nginx before nodes `a` and `b`, given as host and port, without TLS. Return the command."""
    text = (DEPLOY / "nginx" / file).read_text()
    certificates, a, b = OF_NODES[file]
    plain = text[text.index("server {\n") :].split("\n\nserver {\n")[0]
    written = replaced(
        text,
        (plain, ""),
        ("    listen 443 ssl http2;\n    listen [::]:443 ssl http2;\n", f"    listen 127.0.0.1:{port};\n"),
        (f"    ssl_certificate {certificates}/fullchain.pem;\n", ""),
        (f"    ssl_certificate_key {certificates}/privkey.pem;\n", ""),
        ("    ssl_protocols TLSv1.2 TLSv1.3;\n", ""),
        (a, nodes["a"]),
        (b, nodes["b"]),
    )
    return _nginx_command(folder, written)


def caddy(site: Site) -> list[str]:
    """Write a Caddyfile: the host of its own, with the lines for a site below a path in it. Return the command."""
    text = (DEPLOY / "caddy/Caddyfile").read_text()
    below = re.findall(r"^#(\t.*)$", text, re.MULTILINE)
    assert len(below) == 3, "the lines for a site below a path"
    own = f"tls {site.certificates.certificate} {site.certificates.key}"
    lines = "\n".join([f"{NAME}:{site.port} {{", "\tbind 127.0.0.1", f"\t{own}", *below])
    written = replaced(text, (f"\n{NAME} {{", f"\n{lines}"), ("127.0.0.1:8080", site.upstream))
    (site.folder / "Caddyfile").write_text(_CADDY_HEAD.format(port=site.port, plain=site.plain) + written)
    return ["caddy", "run", "--adapter", "caddyfile", "--config", str(site.folder / "Caddyfile")]


def nginx_without_upgrades(site: Site) -> list[str]:
    """Write nginx's files for a network that knows no WebSocket: what asks for one arrives as a plain request."""
    command = nginx(site)
    for name in ("site.conf", "below-a-path.conf"):
        file = site.folder / name
        cut = replaced(
            file.read_text(), ("Upgrade $http_upgrade", 'Upgrade ""'), ("Connection $http_connection", 'Connection ""')
        )
        file.write_text(cut)
    return command


PROXIES: Mapping[str, Callable[[Site], list[str]]] = {"nginx": nginx, "caddy": caddy}
"""Proxies behind which everything works."""
_STARTED = {**PROXIES, "nginx without upgrades": nginx_without_upgrades}


@contextmanager
def running_proxy(name: str, site: Site) -> Iterator[None]:
    """Run a proxy until the end; yields once it listens. `name`: of `PROXIES`, or `nginx without upgrades`."""
    site.folder.mkdir(parents=True, exist_ok=True)
    with running_command(_STARTED[name](site), site.folder, site.port):
        yield


@contextmanager
def running_command(command: list[str], folder: Path, port: int) -> Iterator[None]:
    """Run a proxy by its command until the end; yields once it listens on `port`."""
    log = folder / "proxy.log"
    homes = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    with log.open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, cwd=folder, env=homes | {"PATH": path})
    try:
        give_up = time.monotonic() + 30
        while not _listens(port):
            assert time.monotonic() < give_up and process.poll() is None, log.read_text(errors="replace")
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait(20)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True
