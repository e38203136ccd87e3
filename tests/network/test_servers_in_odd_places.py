"""A server behind one-to-one NAT with a few forwarded ports, one that is reached over IPv6, and a call without any
relay: each is told to clients as they can reach it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.kit.headless_calls import begin, check_understood, pairs
from tests.kit.lab_machines import SECRET, World, server_on, start_relay
from tests.kit.network_namespaces import Lab

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

MEDIA_PORTS = (41_000, 41_009)


def test_a_server_behind_one_to_one_nat(tmp_path: Path) -> None:
    """A server in a cloud, or in a container with published ports: outside, only the router's address is known."""
    with Lab() as lab:
        gate, relay_host = lab.host("gate"), lab.host("relay")
        gate.run("sysctl", "-qw", "net.ipv4.ip_forward=1")
        inside = lab.behind(gate, "server")
        first, last = MEDIA_PORTS
        gate.nft(
            "table ip nat {\n"
            "chain pre { type nat hook prerouting priority dstnat;\n"
            f'iifname "eth0" tcp dport 8080 dnat to {inside.address};\n'
            f'iifname "eth0" udp dport {first}-{last} dnat to {inside.address}; }}\n'
            'chain post { type nat hook postrouting priority srcnat; oifname "eth0" masquerade; }\n}\n'
            "table inet guard { chain through { type filter hook forward priority filter;\n"
            'ct status dnat accept;\niifname "eth0" ct state new drop;\n}\n}'
        )
        relay = start_relay(relay_host, tmp_path / "relay", [gate.address])
        settings = {
            "DRAGOMAN_PUBLIC_URL": f"http://{gate.address}:8080",
            "DRAGOMAN_ADVERTISED_ADDRESSES": gate.address,
            "DRAGOMAN_MEDIA_PORTS": f"{first}-{last}",
        }
        with server_on(inside, tmp_path / "server", relay, **settings) as server:
            server.url = f"http://{gate.address}:8080"
            here = World(lab, tmp_path, relay, server, inside)
            home = lab.behind(lab.nat("home"), "ana")
            talk = begin(here, "one-to-one", home, lab.host("ben"), for_ana=("--relay",))
            reports = talk.finish()
            check_understood(talk, reports)
            print("\n", [pairs(report) for report in reports])
            assert [pairs(report)[0][0] for report in reports] == ["relay", "host"]
            doctor = inside.run(
                "env", *(f"{name}={value}" for name, value in settings.items()),
                f"DRAGOMAN_TURN_URLS={','.join(relay.urls)}", f"DRAGOMAN_TURN_SECRET={SECRET}",
                f"DRAGOMAN_DATA={tmp_path / 'doctor'}", sys.executable, "-m", "server.cli.main", "doctor",
            )  # fmt: skip
            assert doctor.count("relays to the media server, and refused 7 attempts") == 2, doctor


def test_a_server_that_is_reached_over_ipv6(tmp_path: Path) -> None:
    with Lab() as lab:
        host = lab.host("server")
        relay = start_relay(lab.host("relay"), tmp_path / "relay", [host.address])
        with server_on(host, tmp_path / "server", address=host.address6) as server:
            here = World(lab, tmp_path, relay, server, host)
            ana, ben = lab.host("ana"), lab.host("ben")
            for one in (ana, ben):  # no IPv4 at all
                one.ip("addr", "del", f"{one.address}/24", "dev", "eth0")
            talk = begin(here, "ipv6", ana, ben)
            reports = talk.finish()
            check_understood(talk, reports)
