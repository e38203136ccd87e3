"""Calls from home networks, from phones, and from where UDP is blocked: each is made, heard and understood."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from tests.kit.headless_calls import begin, check_understood, pairs
from tests.kit.lab_machines import world
from tests.kit.network_namespaces import HTTPS_ONLY, NO_UDP, PORT_RESTRICTED, SYMMETRIC

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]


def test_calls_from_behind_nats(tmp_path: Path) -> None:
    with world(tmp_path, tls=True) as here:
        lab = here.lab
        homes = [lab.behind(lab.nat(f"home{n}", PORT_RESTRICTED), f"at{n}") for n in (1, 2)]
        phone = lab.behind(lab.nat("cell", SYMMETRIC), "phone")
        office = lab.behind(lab.nat("office", PORT_RESTRICTED, NO_UDP), "desk")
        hotel = lab.behind(lab.nat("hotel", SYMMETRIC, HTTPS_ONLY), "guest")
        authority = here.relay.certificates.authority if here.relay.certificates else None
        only_relay = ("--relay",)
        talks = {
            "port-restricted": begin(here, "port-restricted", *homes),
            "symmetric": begin(here, "symmetric", phone, homes[0]),
            "blocked": begin(here, "blocked", office, hotel, trust=authority),
            "relay": begin(here, "relay", homes[1], phone, for_ana=only_relay, for_ben=only_relay),
        }
        reports = {name: talk.finish() for name, talk in talks.items()}
        for name, talk in talks.items():
            check_understood(talk, reports[name])
            times = [c["connected"] - c["offered"] for r in reports[name] for c in r["connections"] if "connected" in c]
            print(name, [pairs(r) for r in reports[name]], "connected in", [round(t, 2) for t in times])

        ways = {name: [r["connections"][-1]["relay"] for r in both] for name, both in reports.items()}
        assert ways["port-restricted"] == ways["symmetric"] == [None, None]
        assert ways["blocked"] == ["tcp", "tls"]
        assert ways["relay"] == ["udp", "udp"]
        for both in (reports["blocked"], reports["relay"]):
            assert all(local == "relay" for report in both for local, _ in pairs(report))
        for name in ("port-restricted", "symmetric", "relay"):
            assert all(c["connected"] - c["offered"] < 3 for r in reports[name] for c in r["connections"])


def test_the_nats_of_the_lab_are_nats(tmp_path: Path) -> None:
    """The one keeps a port for all destinations, the other does not, and neither lets a stranger in."""
    ask = (
        "import socket,sys; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('',4000)); s.settimeout(5)\n"
        "for h in sys.argv[1:]: s.sendto(b'?',(h,5000)); print(s.recv(99).decode())\n"
        "s.settimeout(1)\ntry: print(s.recv(99))\nexcept TimeoutError: print('silence')"
    )
    tell = (
        "import socket,sys; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('',5000))\n"
        "t=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
        "while True: d,a=s.recvfrom(99); s.sendto(str(a[1]).encode(),a); t.sendto(b'stranger',a)"
    )
    with world(tmp_path, DRAGOMAN_MODELS="scripted") as here:
        servers = [here.lab.host(name) for name in ("one", "two")]
        for server in servers:
            server.start("python3", "-c", tell)
        time.sleep(0.3)
        for kind, same in ((PORT_RESTRICTED, True), (SYMMETRIC, False)):
            inside = here.lab.behind(here.lab.nat(f"nat{same}", kind), f"in{same}")
            first, second, then = inside.run("python3", "-c", ask, *(s.address for s in servers)).split()
            assert (first == second) is same and then == "silence"
