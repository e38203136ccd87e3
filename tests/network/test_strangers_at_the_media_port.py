"""Strangers who see the media ports: a DTLS ClientHello before the client's own, and junk of every kind during the
call. The call forms, holds, and is understood."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.kit.headless_calls import begin, check_understood
from tests.kit.lab_machines import world

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

PORTS = (41_000, 41_003)
# A ClientHello of a real DTLS library, and noise that begins like STUN, DTLS, TURN channels, RTP and RTCP (RFC 7983),
# to every media port, 100 datagrams a second each.
STRANGER = """
import os, socket, sys, time
from OpenSSL import SSL
connection = SSL.Connection(SSL.Context(SSL.DTLS_METHOD))
connection.set_connect_state()
try:
    connection.do_handshake()
except SSL.WantReadError:
    pass
hello = connection.bio_read(4096)
assert hello[0] == 22 and hello[13] == 1
stun = bytes.fromhex("000100002112a442") + os.urandom(12)
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
host, first, last, seconds = sys.argv[1], *map(int, sys.argv[2:])
end = time.monotonic() + seconds
sent = 0
while time.monotonic() < end:
    for port in range(first, last + 1):
        noise = [first + os.urandom(80) for first in (b"\\x16", b"\\x40", b"\\x80", b"\\x81\\xc8")]
        for datagram in (hello, stun, b"", b"\\x00", os.urandom(1200), *noise):
            udp.sendto(datagram, (host, port))
            sent += 1
    time.sleep(0.09)
print(sent)
"""


def test_strangers_at_the_media_port(tmp_path: Path) -> None:
    first, last = PORTS
    with world(tmp_path, DRAGOMAN_MEDIA_PORTS=f"{first}-{last}") as here:
        mallory = here.lab.host("mallory")
        arguments = [here.server_host.address, str(first), str(last), "30"]
        log = tmp_path / "stranger"
        with log.open("wb") as output:
            stranger = mallory.start(sys.executable, "-c", STRANGER, *arguments, output=output)
        time.sleep(1)  # they are first: no port is open without them
        ana, ben = here.lab.behind(here.lab.nat("home"), "ana"), here.lab.host("ben")
        talk = begin(here, "strangers", ana, ben)
        reports = talk.finish()
        assert stranger.poll() is None, log.read_text()
        check_understood(talk, reports)
        times = [c["connected"] - c["offered"] for report in reports for c in report["connections"]]
        print("\nconnected in", [round(one, 2) for one in times])
        assert len(times) == 2 and max(times) < 3, "neither connection was lost"
        assert "Traceback" not in here.server.log
