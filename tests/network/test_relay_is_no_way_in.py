"""An attacker with valid credentials, and with none, at the relay: it relays to the media server alone, believes no
false credential, gives nobody more than their share, and the shipped firewall keeps it to the ports of media."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.kit.lab_machines import RELAY_PORTS, SECRET, start_relay
from tests.kit.network_namespaces import Host, Lab
from turn.credentials import Credential, issue

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

FIREWALL = Path(__file__).parents[2] / "deploy" / "nftables" / "dragoman.nft"
ATTACKER = str(Path(__file__).parents[1] / "kit" / "relay_attacker.py")
QUOTA, ATTEMPTS = 8, 60
MEDIA_PORT, OTHER_PORT = 40_500, 5_353
UNAUTHORIZED, FORBIDDEN, QUOTA_REACHED = 401, 403, 486
METADATA = "169.254.169.254"
LISTEN = (
    "import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('',int(sys.argv[1])))\n"
    "while True: print(s.recv(2000).decode(errors='replace'), flush=True)"
)


def listen(host: Host, port: int, file: Path) -> Path:
    """Whatever comes to a UDP port of a host is written to a file."""
    with file.open("wb") as output:
        host.start(sys.executable, "-c", LISTEN, str(port), output=output)
    deadline = time.monotonic() + 10
    while not host.run("ss", "-Hlnu", f"sport = :{port}"):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return file


def listed(credential: Credential) -> list[str]:
    return [credential.username, credential.password]


def firewall(host: Host) -> None:
    """The shipped rules, with the ports of this test."""
    rules = FIREWALL.read_text().replace("49152-65535", "-".join(map(str, RELAY_PORTS)))
    host.nft(rules)


@pytest.fixture(scope="module", params=["a machine of its own", "the server's machine"])
def attacked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The relay on either machine, everything that the attacker tried, and what arrived where."""
    folder = tmp_path_factory.mktemp("attacked")
    with Lab() as lab:
        server, attacker, victim = (lab.host(name) for name in ("server", "mallory", "victim"))
        home = lab.host("relay") if request.param == "a machine of its own" else server
        relay = start_relay(home, folder / "relay", [server.address], allocations_of_one_user=QUOTA)
        home.ip("addr", "add", f"{METADATA}/32", "dev", "lo")
        home.ip("addr", "add", "192.168.200.1/24", "dev", "lo")
        firewall(server)
        files = {
            "victim": listen(victim, OTHER_PORT, folder / "victim"),
            "relay": listen(home, OTHER_PORT + 1, folder / "home"),
            "server's other port": listen(server, OTHER_PORT, folder / "other"),
            "media": listen(server, MEDIA_PORT, folder / "media"),
        }
        now = time.time()
        good = issue(SECRET, "alice", 600, now)
        expired = issue(SECRET, "alice", 60, now - 120)
        bad = {
            "expired": expired,
            "forged": Credential(good.username, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
            "of another secret": issue("another-secret-0123456789", "alice", 600, now),
            "postponed": Credential(good.username, expired.password),
            "of another user": Credential(good.username.replace("alice", "bob"), good.password),
        }
        peers = [
            "127.0.0.1", "127.0.0.53", "0.0.0.0", "10.0.0.1", "10.77.99.1", "172.16.0.1", "192.168.0.1",
            "192.168.200.1", "100.64.0.1", METADATA, "169.254.1.1", "198.51.100.1", "224.0.0.251", "239.255.255.250",
            "255.255.255.255", victim.address, attacker.address, *([home.address] if home is not server else []),
        ]  # fmt: skip
        names = ("mallory-replays", "mallory-asks", "mallory-sends", "mallory-floods", "honest")
        task = {
            "relay": home.address,
            "server": server.address,
            "credentials": {name: listed(credential) for name, credential in bad.items()},
            "good": {name: listed(issue(SECRET, name, 600, now)) for name in names},
            "peers": peers,
            "port": OTHER_PORT,
            "ports": [MEDIA_PORT, OTHER_PORT, OTHER_PORT + 1, 8080, 22],
            "attempts": ATTEMPTS,
        }
        told = json.loads(attacker.run(sys.executable, ATTACKER, json.dumps(task)))
        time.sleep(0.3)
        arrived = {name: file.read_text() for name, file in files.items()}
        closed = server.run("nft", "list", "counters", "table", "inet", "dragoman")
        yield told, arrived, relay.log, closed


def test_it_relays_to_nobody_but_the_media_server(attacked: Any) -> None:
    told, arrived, log, _ = attacked
    assert {code for codes in told["peers"].values() for code in codes} == {FORBIDDEN}, told["peers"]
    assert arrived["victim"] == "" and arrived["relay"] == ""
    assert log.count("denied") >= len(told["peers"])
    attempts, logged = 2 * len(told["peers"]), log.count("denied")
    print(f"\n{attempts} attempts at {len(told['peers'])} addresses, all refused; {logged} logged")


def test_the_firewall_keeps_it_to_the_ports_of_media(attacked: Any) -> None:
    _, arrived, _, closed = attacked
    assert arrived["media"] == f"to port {MEDIA_PORT}\n" * 3
    assert arrived["server's other port"] == ""
    dropped = sum(int(line.split()[1]) for line in closed.splitlines() if line.split()[:1] == ["packets"])
    assert dropped == 12, closed
    print(f"\n{dropped} datagrams to other ports of the server, all dropped and counted")


def test_no_false_credential_is_believed(attacked: Any) -> None:
    told, _, log, _ = attacked
    assert set(told["credentials"].values()) == {UNAUTHORIZED}
    assert told["replayed"] in (UNAUTHORIZED, 437, 438), "a replayed request"
    assert log.count("Cannot find credentials") >= len(told["credentials"])
    print(f"\n{told['credentials']}, replayed: {told['replayed']}")


def test_floods_of_allocations_take_no_more_than_their_share(attacked: Any) -> None:
    told, _, _, _ = attacked
    assert told["flood"] == {"0": QUOTA, str(QUOTA_REACHED): ATTEMPTS - QUOTA}
    assert told["strangers"] == {str(UNAUTHORIZED): ATTEMPTS}
    assert told["afterwards"] == 0, "an honest user is still served"
    print(f"\none user: {told['flood']}, strangers: {told['strangers']}")
