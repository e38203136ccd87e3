"""nginx before several nodes: one file for two machines, one machine and Kubernetes, but for addresses and paths."""

import subprocess
from pathlib import Path

import pytest

from tests.kit.certificates import Authority, new_key, pem

DEPLOY = Path(__file__).parents[2] / "deploy"
NODES = DEPLOY / "nginx/nodes.conf"
CERTIFICATE, KEY = (f"/etc/letsencrypt/live/call.example.org/{name}.pem" for name in ("fullchain", "privkey"))
ONE_MACHINE = {
    "10.0.0.11:8080": "127.0.0.1:8081",
    "10.0.0.12:8080": "127.0.0.1:8082",
    "server_name call.example.org": "server_name _",
    CERTIFICATE: "/etc/nginx/tls/fullchain.pem",
    KEY: "/etc/nginx/tls/privkey.pem",
}
KUBERNETES = {
    "10.0.0.11": "node-0.dragoman-media.svc.cluster.local",
    "10.0.0.12": "node-1.dragoman-media.svc.cluster.local",
    "dragoman_a {": "dragoman_node_0 {",
    "dragoman_b {": "dragoman_node_1 {",
    "/ws/a dragoman_a;": "/ws/node-0 dragoman_node_0;",
    "/ws/b dragoman_b;": "/ws/node-1 dragoman_node_1;",
    "listen 80;": "listen 8080;",
    "listen [::]:80;": "listen [::]:8080;",
    "listen 443 ssl": "listen 8443 ssl",
    "listen [::]:443 ssl": "listen [::]:8443 ssl",
    "server_name call.example.org": "server_name _",
    CERTIFICATE: "/etc/nginx/tls/tls.crt",
    KEY: "/etc/nginx/tls/tls.key",
}
OTHERS = {"nginx/one-machine.conf": ONE_MACHINE, "kubernetes/nginx.conf": KUBERNETES}


def without_head(path: Path) -> str:
    """Return a file without the comment that it begins with."""
    return path.read_text().partition("\n\n")[2]


@pytest.mark.parametrize(("name", "changes"), OTHERS.items(), ids=OTHERS.keys())
def test_it_differs_in_addresses_and_paths_alone(name: str, changes: dict[str, str]) -> None:
    wanted = without_head(NODES)
    for before, after in changes.items():
        assert before in wanted
        wanted = wanted.replace(before, after)
    assert without_head(DEPLOY / name) == wanted


@pytest.mark.parametrize("name", ["nginx/nodes.conf", *OTHERS])
def test_nginx_takes_it(name: str, tmp_path: Path) -> None:
    authority, key = Authority(), new_key()
    (tmp_path / "cert.pem").write_bytes(authority.issue(key, "call.example.org"))
    (tmp_path / "key.pem").write_bytes(pem(key))
    text = (DEPLOY / name).read_text()
    changes = {**ONE_MACHINE, **KUBERNETES}
    for path in (CERTIFICATE, changes[CERTIFICATE], ONE_MACHINE[CERTIFICATE]):
        text = text.replace(path, str(tmp_path / "cert.pem"))
    for path in (KEY, changes[KEY], ONE_MACHINE[KEY]):
        text = text.replace(path, str(tmp_path / "key.pem"))
    for number in (0, 1):  # names of a cluster are known there alone
        text = text.replace(f"node-{number}.dragoman-media.svc.cluster.local", f"127.0.0.{number + 1}")
    (tmp_path / "site.conf").write_text(text)
    whole = f"pid {tmp_path}/pid;\nevents {{}}\nhttp {{ access_log off; include {tmp_path}/site.conf; }}\n"
    (tmp_path / "nginx.conf").write_text(whole)
    command = ["nginx", "-t", "-p", str(tmp_path), "-e", "stderr", "-c", str(tmp_path / "nginx.conf")]
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={"PATH": path})
    assert done.returncode == 0, done.stderr
