"""A real coturn on free loopback ports, started and stopped by the test that needs it."""

import os
import random
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from turn.coturn import Coturn, render

SECRET = "secret-of-the-tests-0123456789"
REALM = "dragoman.test"
LOOPBACK = "127.0.0.1"
_RELAYED_AT_ONCE = 40
# STUN Binding request: type, length, magic cookie, transaction id (RFC 8489, section 5).
_BINDING_REQUEST = bytes.fromhex("000100002112a442") + b"are you up? "


@dataclass(frozen=True)
class RunningCoturn:
    """A running coturn: its port (UDP and TCP), its secret, its log file."""

    address: tuple[str, int]
    secret: str
    realm: str
    log: Path

    def url(self, transport: str = "udp") -> str:
        """Return the `turn:` URL that clients are given."""
        return f"turn:{self.address[0]}:{self.address[1]}?transport={transport}"


@contextmanager
def running_coturn(
    folder: Path, peers: tuple[str, ...] = (LOOPBACK,), loopback_peers: bool = True, **changes: int | str
) -> Iterator[RunningCoturn]:
    """Run coturn with the production configuration on 127.0.0.1; stop it on leaving.

    `peers` are those it may relay to. `loopback_peers` is the one setting that only tests have: coturn then
    does not refuse loopback addresses of its own accord. `changes` are other fields of `Coturn`.
    """
    for _ in range(5):  # a port that was free may be taken by the time coturn binds it
        port = _free_port()
        settings = Coturn(
            secret=SECRET,
            realm=REALM,
            peers=peers,
            listening_ip=LOOPBACK,
            listening_port=port,
            relay_ports=(port + 1, port + _RELAYED_AT_ONCE),
            state_folder=str(folder),
        )
        text = render(replace(settings, **changes)) + ("allow-loopback-peers\n" if loopback_peers else "")
        configuration, log = folder / "turnserver.conf", folder / "coturn.log"
        configuration.write_text(text)
        process = _start(configuration, log)
        try:
            if _answers((LOOPBACK, port), process):
                yield RunningCoturn((LOOPBACK, port), SECRET, REALM, log)
                return
        finally:
            _stop(process)
    raise RuntimeError(f"coturn did not start:\n{log.read_text()}")


def _start(configuration: Path, log: Path) -> subprocess.Popen[bytes]:
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
    with log.open("wb") as output:
        return subprocess.Popen(
            ["turnserver", "-c", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=configuration.parent,
            env={**os.environ, "PATH": path},
        )


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(timeout=60)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _answers(address: tuple[str, int], process: subprocess.Popen[bytes]) -> bool:
    """Wait up to a minute for the answer to a STUN request; False if coturn is gone or silent."""
    deadline = time.monotonic() + 60
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as prober:
        prober.settimeout(0.1)
        prober.connect(address)
        while time.monotonic() < deadline and process.poll() is None:
            try:
                prober.send(_BINDING_REQUEST)
                if prober.recv(512)[8:20] == _BINDING_REQUEST[8:20]:
                    return True
            except ConnectionRefusedError:
                time.sleep(0.05)
            except TimeoutError:
                continue
    return False


def _free_port() -> int:
    """Find a port free for UDP and TCP, below the range that the kernel hands out to others."""
    for _ in range(100):
        port = random.randrange(20_000, 32_000 - _RELAYED_AT_ONCE)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
            socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        ):
            try:
                udp.bind((LOOPBACK, port))
                tcp.bind((LOOPBACK, port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")
