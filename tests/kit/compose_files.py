"""The compose files as compose reads them: each service, with the variables of a filled in `.env`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ONE, PRODUCTION = "docker-compose.yml", "docker-compose.production.yml"
FILES = ONE, PRODUCTION
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::?([-?])([^}]*))?\}")
PASSWORDS = {f"REDIS_{role}_PASSWORD": f"{role.lower()}{'-0123456789' * 3}" for role in ("NODE", "STT", "MT", "TTS")}
FILLED_IN = {
    "DRAGOMAN_PUBLIC_URL": "https://call.example.org",
    "DRAGOMAN_SECRET": "0" * 64,
    "DRAGOMAN_TURN_URLS": "stun:turn.example.org,turn:turn.example.org:3478?transport=udp",
    "DRAGOMAN_TURN_SECRET": "1" * 64,
    "DRAGOMAN_TURN_REALM": "example.org",
    "DRAGOMAN_TURN_PEERS": "203.0.113.5,10.1.0.5",
    "POSTGRES_PASSWORD": "2" * 64,
    "TLS_FOLDER": "/etc/dragoman/tls",
    **PASSWORDS,
}
"""Values that an operator must fill in."""


def example() -> dict[str, str]:
    """Return the variables of .env.example."""
    lines = (ROOT / ".env.example").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@cache
def document(file: str) -> dict[str, Any]:
    """Return a compose file as it stands."""
    loaded: dict[str, Any] = yaml.safe_load((ROOT / file).read_text())
    return loaded


def services(file: str) -> dict[str, dict[str, Any]]:
    """Return a file's services as they stand."""
    found: dict[str, dict[str, Any]] = document(file)["services"]
    return found


def resolved(value: Any, variables: Mapping[str, str]) -> Any:
    """Return a part of a compose file with its variables. Raises ValueError for one that must be set and is not."""
    if isinstance(value, dict):
        return {name: resolved(one, variables) for name, one in value.items()}
    if isinstance(value, list):
        return [resolved(one, variables) for one in value]
    return VARIABLE.sub(lambda match: _value(match, variables), value) if isinstance(value, str) else value


def _value(match: re.Match[str], variables: Mapping[str, str]) -> str:
    name, kind, rest = match.groups()
    given = variables.get(name, "")
    if not given and kind == "?":
        raise ValueError(f"{name}: {rest}")
    return given or (rest if kind == "-" else "")


def environment(file: str, service: str, **variables: str) -> dict[str, str]:
    """Return the environment of a service, by .env.example as its reader would have filled it in, and `variables`."""
    given = services(file)[service]
    found: dict[str, str] = resolved(given["environment"], example() | FILLED_IN | variables)
    return of_image(given["image"]) | found


@cache
def of_image(image: str) -> dict[str, str]:
    """Return the settings that the Dockerfile gives to an image of ours."""
    name = image.rpartition("/")[2].partition(":")[0]
    stage = {"dragoman": "server", "dragoman-node": "node"}.get(name, name)
    _, _, text = (ROOT / "Dockerfile").read_text().partition(f" AS {stage}\n")
    return dict(re.findall(r"\b(DRAGOMAN_\w+)=(\S+)", text.partition("\nFROM ")[0]))
