"""The settings of the deployments are those that the server and the relay read."""

import configparser
import re
from pathlib import Path

import pytest

from server import settings
from server.engine_choice.from_settings import plain_specs
from server.engine_choice.places import WORKERS
from server.settings.table import ENGINES, ROWS
from tests.kit.compose_files import FILES, FILLED_IN, ONE, PASSWORDS, PRODUCTION, ROOT, environment, example, services
from turn.__main__ import from_environment
from turn.coturn import Coturn, render
from turn.settings import ROWS as RELAY_ROWS

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
SCRIPTS = sorted(f"scripts/{path.name}" for path in (ROOT / "scripts").iterdir() if path.is_file())
KINDS = "stt", "mt", "tts"
OF_ONE_KIND = {"mt": {"DRAGOMAN_GLOSSARY"}, "tts": {"DRAGOMAN_PIPER", "DRAGOMAN_COQUI"}}
"""Settings of one engine whose names don't begin with its stage."""
ENGINES_ALONE = {name for name in ROWS if name.startswith(tuple(f"DRAGOMAN_{kind.upper()}_" for kind in KINDS))}
ENGINES_ALONE |= set.union(*OF_ONE_KIND.values())
"""Settings of one kind of engine."""


def env_file() -> dict[str, str]:
    """Return .env.example as its reader would have filled it in."""
    return example() | FILLED_IN


def systemd(unit: str) -> dict[str, str]:
    reader = configparser.ConfigParser(interpolation=None)
    reader.read(ROOT / "deploy" / "systemd" / unit)
    assigned = reader["Service"].get("environment", "").split()
    return dict(pair.split("=", 1) for pair in assigned) | env_file()


@pytest.mark.parametrize(
    "deployed", [environment(ONE, "dragoman"), systemd("dragoman.service")], ids=["compose", "systemd"]
)
def test_the_server_takes_its_settings(deployed: dict[str, str]) -> None:
    read = settings.read(deployed)
    assert (read.mode, read.secret) == ("production", FILLED_IN["DRAGOMAN_SECRET"])
    assert read.turn_secret == FILLED_IN["DRAGOMAN_TURN_SECRET"]
    assert read.data == Path("/var/lib/dragoman")


@pytest.mark.parametrize(
    "deployed", [environment(ONE, "turn"), systemd("dragoman-turn.service")], ids=["compose", "systemd"]
)
def test_the_relay_takes_its_settings(deployed: dict[str, str]) -> None:
    read = from_environment(deployed, "/run/coturn")
    assert read == Coturn(
        secret=FILLED_IN["DRAGOMAN_TURN_SECRET"],
        realm="example.org",
        peers=["203.0.113.5", "10.1.0.5"],
        relay_ports=(49152, 49951),
        state_folder="/run/coturn",
    )
    assert "allowed-peer-ip=203.0.113.5" in render(read)


def test_every_setting_passes_through_compose() -> None:
    passed = {variable for variable, row in RELAY_ROWS.items() if row.in_compose}
    for file, servers in ((ONE, ["dragoman"]), (PRODUCTION, ["node-a", "node-b"])):
        for server in servers:
            assert services(file)[server]["environment"].keys() == ROWS.keys()
        assert services(file)["turn"]["environment"].keys() == passed


def test_two_nodes_differ_in_name_ports_and_files_alone() -> None:
    a, b = (environment(PRODUCTION, f"node-{name}") for name in "ab")
    differ = {name for name in a if a[name] != b[name]}
    assert differ == {"DRAGOMAN_NODE", "DRAGOMAN_PORT", "DRAGOMAN_NODE_URL", "DRAGOMAN_MEDIA_PORTS"}
    first, second = settings.read(a), settings.read(b)
    for one in (first, second):
        assert one.node_url == f"http://{one.host}:{one.port}"
        assert one.redis_url == f"redis://node:{PASSWORDS['REDIS_NODE_PASSWORD']}@127.0.0.1:6379"
        assert one.media_ports is not None
    assert services(PRODUCTION)["node-a"]["volumes"] != services(PRODUCTION)["node-b"]["volumes"]
    assert first.media_ports is not None and second.media_ports is not None
    assert first.media_ports[1] < second.media_ports[0]


def test_a_node_starts_whatever_is_set_for_engines() -> None:
    """Settings of engines stop a node without engines: the workers get them instead."""
    given = {"DRAGOMAN_STT_BEAM": "5", "DRAGOMAN_STT_VAD_FILTER": "true", "DRAGOMAN_STT_LOUDNESS": "-20"}
    given |= {"DRAGOMAN_GLOSSARY": "/etc/dragoman/glossary.csv", "DRAGOMAN_MODELS": "auto"}
    given |= {"DRAGOMAN_TLS_CERTIFICATE": "/cert.pem", "DRAGOMAN_TLS_PRIVATE_KEY": "/key.pem"}
    given |= {"DRAGOMAN_PROCESSES": "2", "DRAGOMAN_NOISE_SUPPRESSION": "2"}
    read = settings.read(environment(PRODUCTION, "node-a", **given))
    assert {spec.name for spec in plain_specs(read).values()} == {WORKERS}
    assert read.tls_certificate is None


def test_the_tools_take_their_settings() -> None:
    for tool in ("models", "schema"):
        settings.read(environment(PRODUCTION, tool))


@pytest.mark.parametrize("kind", KINDS)
def test_a_worker_takes_all_settings_of_its_engine_and_no_secret_but_its_own(kind: str) -> None:
    given = environment(PRODUCTION, kind)
    read = settings.read(given)
    assert read.redis_url == f"redis://{kind}:{PASSWORDS[f'REDIS_{kind.upper()}_PASSWORD']}@redis:6379"
    assert [name for name in given if "SECRET" in name or "TOKEN" in name or "DATABASE" in name] == []
    beginning = f"DRAGOMAN_{kind.upper()}_"
    named = {name for name in ROWS if name.startswith(beginning)}
    assert {name for name in given if name in ENGINES_ALONE} == named | OF_ONE_KIND.get(kind, set())


def test_no_setting_of_one_kind_of_engines_is_forgotten_above() -> None:
    of_engines = {name for name, row in ROWS.items() if row.section == ENGINES}
    of_no_kind = {"DRAGOMAN_MODELS", "DRAGOMAN_LANGUAGES", "DRAGOMAN_HUB", "HF_TOKEN", "DRAGOMAN_BARGE_IN"}
    places = {f"DRAGOMAN_{kind.upper()}" for kind in KINDS}
    assert of_engines - of_no_kind - places == ENGINES_ALONE & of_engines


MANIFESTS = [str(path.relative_to(ROOT)) for path in sorted((ROOT / "deploy/kubernetes").rglob("*.yaml"))]


@pytest.mark.parametrize(
    "path", ["Dockerfile", *FILES, *MANIFESTS, *(f"deploy/systemd/{unit.name}" for unit in UNITS), *SCRIPTS]
)
def test_no_other_setting_is_named(path: str) -> None:
    named = set(re.findall(r"DRAGOMAN_[A-Z]+(?:_[A-Z]+)*", (ROOT / path).read_text()))
    assert named <= ROWS.keys() | RELAY_ROWS.keys()


def test_the_server_does_not_mind_any_setting_of_the_relay() -> None:
    relays = {"LISTEN": ":3478", "CERTIFICATE": "/etc/turn/cert.pem", "PRIVATE_KEY": "/etc/turn/key.pem"}
    settings.read(env_file() | {f"DRAGOMAN_TURN_{name}": value for name, value in relays.items()})
