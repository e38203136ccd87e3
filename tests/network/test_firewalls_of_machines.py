"""The shipped nftables rules in a real kernel: a Kubernetes machine serves the cluster, and media to everybody."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest

from tests.kit.network_namespaces import Lab

pytestmark = pytest.mark.udp

FOLDER = Path(__file__).parents[2] / "deploy" / "nftables"
KUBERNETES = FOLDER / "kubernetes.nft"
HTTP, MEDIA, RELAY, OVERLAY, OTHER = 8080, 40_500, 3478, 8472, 9_999
FROM_A_RELAY, FROM_ELSEWHERE = 61_005, 50_000
LISTEN = """
import select, socket, sys
tcp = socket.create_server(("", int(sys.argv[1])))
sockets = [socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in sys.argv[2:]]
for one, port in zip(sockets, sys.argv[2:]):
    one.bind(("", int(port)))
print("listens", flush=True)
while True:
    for one in select.select(sockets, [], [])[0]:
        print(one.recvfrom(2000)[1][0], one.getsockname()[1], flush=True)
"""
SEND = """
import json, socket, sys
host, http, source, *ports = sys.argv[1], *map(int, sys.argv[2:])
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
udp.bind(("", source))
for port in ports:
    udp.sendto(b"x", (host, port))
try:
    socket.create_connection((host, http), 0.3).close()
    print(json.dumps(True))
except TimeoutError:
    print(json.dumps(False))
"""


def test_a_kubernetes_machine_serves_the_cluster_and_media_alone(tmp_path: Path) -> None:
    ports = [OTHER, OVERLAY, RELAY, MEDIA]
    with Lab() as lab:
        server, inside, relay, stranger = (lab.host(name) for name in ("server", "inside", "relay", "mallory"))
        for file in FOLDER.iterdir():
            server.run("nft", "-c", "-f", str(file))
        networks = f"{inside.address}/32, {relay.address}/32"
        server.nft(KUBERNETES.read_text().replace("10.0.0.0/24, 10.244.0.0/16", networks))
        log = tmp_path / "log"
        with log.open("wb") as output:
            server.start(sys.executable, "-c", LISTEN, *map(str, [HTTP, *ports]), output=output)
        wait_for(log, 1)
        served = {}
        for host, source in ((inside, FROM_ELSEWHERE), (relay, FROM_A_RELAY), (stranger, FROM_ELSEWHERE)):
            told = host.run(sys.executable, "-c", SEND, server.address, *map(str, [HTTP, source, *ports]))
            served[host.address] = json.loads(told)
        arrived = [line.split() for line in wait_for(log, 9)[1:]]
        assert served == {inside.address: True, relay.address: True, stranger.address: False}
        for host, expected in ((inside, ports), (relay, [RELAY, MEDIA]), (stranger, [RELAY, MEDIA])):
            assert [int(port) for address, port in arrived if address == host.address] == expected


def wait_for(log: Path, lines: int) -> list[str]:
    """Return the lines of a log once there are that many. Raises AssertionError after a minute."""
    deadline = time.monotonic() + 60
    while len(found := log.read_text().splitlines()) < lines:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return found
