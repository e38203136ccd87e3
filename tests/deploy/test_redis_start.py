"""The start of Redis in containers, run here: a role comes in by its password, and nobody else does."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from redis.exceptions import NoPermissionError, RedisError

from remote.connection import connect
from tests.kit.certificates import Authority, new_key, pem
from tests.kit.compose_files import FILES, PASSWORDS, services
from tests.kit.free_port import free_port
from tests.kit.kubernetes_files import DEPLOY, pod_of, workloads

START = DEPLOY / "redis/start"
ROLES = "node", "stt", "mt", "tts"
GIVEN = {f"{role.upper()}_PASSWORD": PASSWORDS[f"REDIS_{role.upper()}_PASSWORD"] for role in ROLES}
REDIS = workloads()["Deployment/redis"]
ARGUMENTS = {file: services(file)["redis"]["command"] for file in FILES}
ARGUMENTS["kubernetes"] = pod_of(REDIS)["containers"][0]["args"]


def command(folder: Path, arguments: list[str]) -> list[str]:
    return ["sh", str(START), str(folder), "redis-server", *arguments]


@contextmanager
def started(folder: Path, arguments: list[str], port: int) -> Iterator[None]:
    """Run it until the end; yields once it listens."""
    environment = {"PATH": os.environ["PATH"], **GIVEN}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command(folder, arguments), env=environment, cwd=folder, stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                break
            except OSError:
                assert time.monotonic() < deadline and process.poll() is None, (folder / "log").read_text()
                time.sleep(0.01)
        yield
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("where", ARGUMENTS)
async def test_roles_come_in_and_nobody_else(where: str, tmp_path: Path) -> None:
    port, arguments = free_port(), list(ARGUMENTS[where])
    scheme, more = "redis", ""
    if where == "kubernetes":
        authority, key = Authority(), new_key()
        (tmp_path / "tls.crt").write_bytes(authority.issue(key, "127.0.0.1"))
        (tmp_path / "tls.key").write_bytes(pem(key))
        (tmp_path / "ca.crt").write_bytes(authority.pem)
        arguments = [one.replace("/etc/dragoman-tls", str(tmp_path)) for one in arguments] + ["--tls-port", str(port)]
        scheme, more = "rediss", f"?ssl_ca_certs={tmp_path / 'ca.crt'}"
    else:
        arguments[arguments.index("--port") + 1] = str(port)
    with started(tmp_path, arguments, port):
        for role in ROLES:
            client = connect(f"{scheme}://{role}:{GIVEN[f'{role.upper()}_PASSWORD']}@127.0.0.1:{port}{more}")
            assert await client.ping()
            with pytest.raises(NoPermissionError):
                await client.config_get("*")
            await client.aclose()
            for wrong in (f"{role.upper()}_PASSWORD", "", GIVEN["MT_PASSWORD" if role != "mt" else "STT_PASSWORD"]):
                client = connect(f"{scheme}://{role}:{wrong}@127.0.0.1:{port}{more}")
                with pytest.raises(RedisError):
                    await client.ping()
                await client.aclose()
    users = tmp_path / "users.acl"
    assert users.stat().st_mode & 0o077 == 0
    assert not [one for one in GIVEN.values() if one in users.read_text() + (tmp_path / "log").read_text()]


def test_its_health_check_needs_no_password(tmp_path: Path) -> None:
    port = free_port()
    asks = [*services(FILES[0])["redis"]["healthcheck"]["test"][2:]]
    command_line = ["redis-cli", "-p", str(port), *asks]
    assert subprocess.run(command_line, capture_output=True, check=False).returncode != 0
    with started(tmp_path, ["--port", str(port), "--tls-port", "0"], port):
        assert subprocess.run(command_line, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("wrong", [{"MT_PASSWORD": ""}, {"MT_PASSWORD": "short"}, {"NODE_PASSWORD": "/&" * 20}])
def test_a_password_that_is_none_stops_the_start(wrong: Mapping[str, str], tmp_path: Path) -> None:
    environment = {"PATH": os.environ["PATH"], **GIVEN, **wrong}
    done = subprocess.run(
        command(tmp_path, []), env=environment, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    (name,) = wrong
    assert done.returncode == 1
    assert f"the password {name.removesuffix('_PASSWORD')} must be 32" in done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("user", ["user mt2 on >MT2_PASSWORD -@all", "user mt2 on -@all >MT_PASSWORD"])
def test_a_name_in_place_of_a_password_stops_the_start(user: str, tmp_path: Path) -> None:
    for name in ("start", "redis.conf", "users.acl"):
        shutil.copy(DEPLOY / "redis" / name, tmp_path)
    with (tmp_path / "users.acl").open("a") as users:
        print(user, file=users)
    folder = tmp_path / "folder"
    folder.mkdir()
    environment = {"PATH": os.environ["PATH"], **GIVEN}
    arguments = ["sh", str(tmp_path / "start"), str(folder), "true"]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1 and "_PASSWORD" in done.stderr
    assert not list(folder.iterdir())
