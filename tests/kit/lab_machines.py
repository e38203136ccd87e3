"""Programs on the hosts of a lab: the server, the relay and headless peers, each the real one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.kit.certificates import Certificates
from tests.kit.contract import check_channel
from tests.kit.network_namespaces import UNHURRIED, Host, Lab
from tests.kit.server_process import UNLIMITED, Server
from turn.coturn import Coturn, render

PORT = 8080
RELAY_PORTS = (50_000, 50_199)
SECRET = "secret-of-the-network-tests-0123456789"


@dataclass(eq=False)
class Relay:
    """A coturn with the configuration that `python -m turn` writes, and the log that it leaves."""

    host: Host
    log_file: Path
    certificates: Certificates | None

    @property
    def urls(self) -> list[str]:
        address = self.host.address
        plain = [f"turn:{address}:3478?transport=udp", f"turn:{address}:3478?transport=tcp"]
        return plain + ([f"turns:{address}:443?transport=tcp"] if self.certificates else [])

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")


def start_relay(host: Host, folder: Path, peers: list[str], *, tls: bool = False, **changes: Any) -> Relay:
    """coturn on `host`, which relays to `peers` only; returns when it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    certificates = Certificates.make(folder, host.address) if tls else None
    settings = Coturn(
        secret=SECRET,
        realm="dragoman.test",
        peers=peers,
        listening_ip=host.address,
        relay_ports=RELAY_PORTS,
        state_folder=str(folder),
    )
    if certificates is not None:
        files = {"certificate": str(certificates.certificate), "private_key": str(certificates.key)}
        settings = replace(settings, **files, tls_listening_port=443)
    configuration, log = folder / "turnserver.conf", folder / "coturn.log"
    configuration.write_text(render(replace(settings, **changes)))
    with log.open("wb") as output:
        process = host.start("turnserver", "-c", str(configuration), output=output, cwd=folder)
    deadline = time.monotonic() + 15
    while not host.run("ss", "-Hlnt", "sport = :3478"):
        assert time.monotonic() < deadline and process.poll() is None, log.read_text()
        time.sleep(0.1)
    return Relay(host, log, certificates)


def server_on(host: Host, folder: Path, relay: Relay | None = None, *, address: str = "", **settings: str) -> Server:
    """The server, not started yet, on port 8080 of `host`."""
    turn = {"DRAGOMAN_TURN_URLS": ",".join(relay.urls), "DRAGOMAN_TURN_SECRET": SECRET} if relay else {}
    address = address or host.address
    return Server(folder, prefix=[*host.prefix(), *UNHURRIED], host=address, port=PORT, **(UNLIMITED | turn | settings))


@dataclass(eq=False)
class Peer:
    """A `dragoman call` somewhere, and the files that it writes."""

    process: subprocess.Popen[bytes]
    stem: Path

    @property
    def code(self) -> str:
        """The session's code, as soon as the peer knows it."""
        file, deadline = Path(f"{self.stem}.code"), time.monotonic() + 30
        while not (file.exists() and file.read_text().strip()):
            assert time.monotonic() < deadline and self.process.poll() is None, self.told
            time.sleep(0.05)
        return file.read_text().strip()

    @property
    def told(self) -> str:
        return Path(f"{self.stem}.log").read_text(errors="replace")

    @property
    def messages(self) -> list[dict[str, Any]]:
        """Return the messages on the subtitles channel until now."""
        file = Path(f"{self.stem}.jsonl")
        text = file.read_text() if file.exists() else ""
        found = [json.loads(line) for line in text.splitlines() if line.endswith("}")]
        for message in found:
            check_channel({key: value for key, value in message.items() if key not in ("at", "receivedAt")})
        return found

    def finish(self, timeout: float = 90) -> dict[str, Any]:
        """Its report, once the call is over."""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.stem.name} is still in its call: {self.told}") from None
        report = Path(f"{self.stem}.report.json")
        assert report.exists(), self.told
        found: dict[str, Any] = json.loads(report.read_text())
        return found

    def paired(self, timeout: float = 30) -> float:
        """The epoch time of the pairing."""
        deadline = time.monotonic() + timeout
        while True:
            for line in self.told.splitlines():
                if '"paired"' in line:
                    return float(json.loads(line)["t0Epoch"])
            assert time.monotonic() < deadline and self.process.poll() is None, self.told
            time.sleep(0.05)


def call(host: Host, server: Server, stem: Path, *arguments: str, trust: Path | None = None) -> Peer:
    """A headless peer on `host`, with `dragoman call`'s arguments."""
    stem.parent.mkdir(parents=True, exist_ok=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    if trust is not None:
        environment["SSL_CERT_FILE"] = str(trust)
    command = [*UNHURRIED, sys.executable, "-m", "server.cli.main", "call", "--server", server.url, *arguments]
    if "--create" in arguments:
        command += ["--code-file", f"{stem}.code"]
    command += ["--out", f"{stem}.heard.wav", "--original-out", f"{stem}.original.wav"]
    command += ["--subtitles", f"{stem}.jsonl", "--report", f"{stem}.report.json"]
    with Path(f"{stem}.log").open("wb") as output:
        return Peer(host.start(*command, output=output, env=environment), stem)


@lru_cache
def spoken(folder: Path, voice: str, *sentences: str) -> Path:
    """A WAV file of sentences, said one after the other by espeak-ng."""
    text = " ".join(sentences)
    file = folder / f"{voice}-{abs(hash(text))}.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", "155", "--stdin", "-w", str(file)], input=text.encode(), check=True)
    return file


@dataclass(eq=False)
class World:
    """A lab with a running relay and server."""

    lab: Lab
    folder: Path
    relay: Relay
    server: Server
    server_host: Host


@contextmanager
def world(folder: Path, *, tls: bool = False, **settings: str) -> Iterator[World]:
    """An internet with a media server and its relay, which relays to the server alone."""
    with Lab() as lab:
        server_host, relay_host = lab.host("server"), lab.host("relay")
        relay = start_relay(relay_host, folder / "relay", [server_host.address], tls=tls)
        with server_on(server_host, folder / "server", relay, **settings) as server:
            yield World(lab, folder, relay, server, server_host)
