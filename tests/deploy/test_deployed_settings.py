"""The settings of the deployments are those that the server and the relay read."""

import configparser
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from server import settings
from server.settings.table import ROWS
from turn.__main__ import from_environment
from turn.coturn import Coturn, render
from turn.settings import ROWS as RELAY_ROWS

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
SCRIPTS = sorted(f"scripts/{path.name}" for path in (ROOT / "scripts").iterdir() if path.is_file())
FILLED_IN = {
    "DRAGOMAN_PUBLIC_URL": "https://call.example.org",
    "DRAGOMAN_SECRET": "0" * 64,
    "DRAGOMAN_TURN_URLS": "stun:turn.example.org,turn:turn.example.org:3478?transport=udp",
    "DRAGOMAN_TURN_SECRET": "1" * 64,
    "DRAGOMAN_TURN_REALM": "example.org",
    "DRAGOMAN_TURN_PEERS": "203.0.113.5,10.1.0.5",
}


def env_file() -> dict[str, str]:
    """Return .env.example as its reader would have filled it in."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#")) | FILLED_IN


def compose(service: str) -> dict[str, str]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    values = env_file()
    return {
        name: values[name] if value.startswith("${") else value
        for name, value in document["services"][service]["environment"].items()
    }


def systemd(unit: str) -> dict[str, str]:
    reader = configparser.ConfigParser(interpolation=None)
    reader.read(ROOT / "deploy" / "systemd" / unit)
    assigned = reader["Service"].get("environment", "").split()
    return dict(pair.split("=", 1) for pair in assigned) | env_file()


@pytest.mark.parametrize("environment", [compose("dragoman"), systemd("dragoman.service")], ids=["compose", "systemd"])
def test_the_server_takes_its_settings(environment: dict[str, str]) -> None:
    read = settings.read(environment)
    assert (read.mode, read.secret) == ("production", FILLED_IN["DRAGOMAN_SECRET"])
    assert read.turn_secret == FILLED_IN["DRAGOMAN_TURN_SECRET"]
    assert read.data == Path("/var/lib/dragoman")


@pytest.mark.parametrize("environment", [compose("turn"), systemd("dragoman-turn.service")], ids=["compose", "systemd"])
def test_the_relay_takes_its_settings(environment: dict[str, str]) -> None:
    read = from_environment(environment, "/run/coturn")
    assert read == Coturn(
        secret=FILLED_IN["DRAGOMAN_TURN_SECRET"],
        realm="example.org",
        peers=["203.0.113.5", "10.1.0.5"],
        relay_ports=(49152, 49951),
        state_folder="/run/coturn",
    )
    assert "allowed-peer-ip=203.0.113.5" in render(read)


def test_every_setting_passes_through_compose() -> None:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    assert document["services"]["dragoman"]["environment"].keys() == ROWS.keys()
    passed = {variable for variable, row in RELAY_ROWS.items() if row.in_compose}
    assert document["services"]["turn"]["environment"].keys() == passed


@pytest.mark.parametrize("path", ["Dockerfile", *(f"deploy/systemd/{unit.name}" for unit in UNITS), *SCRIPTS])
def test_no_other_setting_is_named(path: str) -> None:
    named = set(re.findall(r"DRAGOMAN_[A-Z]+(?:_[A-Z]+)*", (ROOT / path).read_text()))
    assert named <= ROWS.keys() | RELAY_ROWS.keys()


def test_the_server_does_not_mind_any_setting_of_the_relay() -> None:
    relays = {"LISTEN": ":3478", "CERTIFICATE": "/etc/turn/cert.pem", "PRIVATE_KEY": "/etc/turn/key.pem"}
    settings.read(env_file() | {f"DRAGOMAN_TURN_{name}": value for name, value in relays.items()})
