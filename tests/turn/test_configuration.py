"""coturn's configuration as text: what is refused, and `python -m turn`, which writes it from settings."""

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from turn.coturn import Coturn, render

SAFE = Coturn(secret="0123456789abcdef", realm="example.org", peers=["203.0.113.5"])


def test_every_other_peer_is_denied() -> None:
    lines = render(replace(SAFE, peers=["203.0.113.5", "10.1.0.8/29", "2001:db8::5"])).splitlines()
    assert [line for line in lines if line.startswith("allowed-peer-ip=")] == [
        "allowed-peer-ip=203.0.113.5",
        "allowed-peer-ip=10.1.0.8-10.1.0.15",
        "allowed-peer-ip=2001:db8::5",
    ]
    assert "denied-peer-ip=0.0.0.0-255.255.255.255" in lines
    assert "denied-peer-ip=::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" in lines
    assert "allow-loopback-peers" not in lines


def test_while_a_secret_is_replaced_both_are_good() -> None:
    lines = render(replace(SAFE, former_secret="fedcba9876543210")).splitlines()
    assert [line for line in lines if line.startswith("static-auth-secret=")] == [
        "static-auth-secret=0123456789abcdef",
        "static-auth-secret=fedcba9876543210",
    ]


def test_without_a_certificate_there_is_no_tls() -> None:
    assert {"no-tls", "no-dtls"} <= set(render(SAFE).splitlines())
    lines = render(replace(SAFE, certificate="/etc/turn/cert.pem", private_key="/etc/turn/key.pem")).splitlines()
    assert "no-tls" not in lines
    assert {"tls-listening-port=5349", "cert=/etc/turn/cert.pem", "pkey=/etc/turn/key.pem"} <= set(lines)


@pytest.mark.parametrize(
    "change",
    [
        {"peers": []},
        {"peers": ["0.0.0.0/0"]},
        {"peers": ["10.0.0.0/8"]},
        {"peers": ["::/0"]},
        {"peers": ["10.0.0.1/24"]},  # a network with host bits: which of the two was meant?
        {"peers": ["media.example.org"]},
        {"secret": "short"},
        {"secret": "0123456789abcdef\nno-auth"},
        {"secret": "0123456789abcdef #"},
        {"former_secret": "short"},
        {"realm": "example.org\nno-auth"},
        {"realm": ""},
        {"certificate": "/etc/turn/cert.pem"},
        {"certificate": "/a b", "private_key": "/etc/turn/key.pem"},
        {"listening_port": 0},
        {"listening_port": 65536},
        {"relay_ports": (50_000, 49_999)},
        {"listening_ip": "localhost"},
        {"external_ip": "203.0.113.5\nno-auth"},
        {"allocations_of_one_user": 0},  # to coturn, 0 is "no limit"
        {"rate_of_one_allocation": 0},
        {"state_folder": "relative"},
    ],
)
def test_a_value_that_opens_or_breaks_the_relay_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        render(replace(SAFE, **change))  # type: ignore[arg-type]
    assert "0123456789abcdef" not in str(refused.value)


def test_the_secret_does_not_show() -> None:
    assert SAFE.secret not in repr(SAFE)


def write(path: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("DRAGOMAN_")}
    environment |= {f"DRAGOMAN_TURN_{name}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, "-m", "turn", str(path)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_settings_become_a_file_that_only_its_owner_reads(tmp_path: Path) -> None:
    path = tmp_path / "turnserver.conf"
    path.touch(mode=0o644)
    done = write(
        path,
        SECRET=SAFE.secret,
        REALM="example.org",
        PEERS="203.0.113.5, 10.1.0.8/29",
        LISTEN="[2001:db8::1]:3479",
        RELAY_PORTS="50000-50100",
        EXTERNAL_IP="",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == render(
        replace(
            SAFE,
            peers=["203.0.113.5", "10.1.0.8/29"],
            listening_ip="2001:db8::1",
            listening_port=3479,
            relay_ports=(50_000, 50_100),
            state_folder=str(tmp_path),
        )
    )


@pytest.mark.parametrize("missing", ["SECRET", "REALM", "PEERS"])
def test_a_missing_setting_is_named(tmp_path: Path, missing: str) -> None:
    settings = {"SECRET": SAFE.secret, "REALM": "example.org", "PEERS": "203.0.113.5"}
    done = write(tmp_path / "turnserver.conf", **(settings | {missing: ""}))
    assert done.returncode == 1
    assert done.stderr == f"turn: DRAGOMAN_TURN_{missing} is not set\n"
    assert not (tmp_path / "turnserver.conf").exists()
