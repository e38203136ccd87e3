"""The compose files without Docker: what each service may do, what it waits for, where its secrets are from."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from server.cli.commands import parser
from server.settings import Settings
from signaling.sessions.live_sessions import READERS_END_S, ROOM_CLOSING_S
from tests.kit.compose_files import FILES, ONE, PRODUCTION, VARIABLE, document, example, services

ROOT = Path(__file__).parents[2]
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
EACH = {f"{file}:{name}": service for file in FILES for name, service in services(file).items()}
SERVERS = {name: service for name, service in EACH.items() if "profiles" not in service}
WORKERS = "stt", "mt", "tts"
each_service = pytest.mark.parametrize("service", EACH.values(), ids=EACH.keys())
each_server = pytest.mark.parametrize(
    "service",
    [service for name, service in SERVERS.items() if not name.endswith(tuple(f":{kind}" for kind in WORKERS))],
    ids=[name for name in SERVERS if not name.endswith(tuple(f":{kind}" for kind in WORKERS))],
)
each_file = pytest.mark.parametrize("file", FILES)


def test_the_server_and_its_relay() -> None:
    found = services(ONE)
    assert found.keys() == {"dragoman", "models", "turn", "redis"}
    assert [name for name, service in found.items() if "profiles" not in service] == ["dragoman", "turn"]
    assert found["dragoman"]["depends_on"] == {"turn": {"condition": "service_healthy"}}


def test_two_nodes_workers_and_all_that_they_need() -> None:
    found = services(PRODUCTION)
    running = [name for name, service in found.items() if "profiles" not in service]
    assert running == ["node-a", "node-b", *WORKERS, "nginx", "redis", "postgres", "turn"]
    healthy = {"condition": "service_healthy"}
    for name in ("node-a", "node-b"):
        assert found[name]["depends_on"] == {"redis": healthy, "postgres": healthy}
    for name in WORKERS:
        assert found[name]["depends_on"] == {"redis": healthy}
    assert found["schema"]["depends_on"] == {"postgres": healthy}, "PostgreSQL refuses while it makes its files"


@each_service
def test_a_service_has_few_rights(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"] == {"core": 0}  # a dump would hold voices, words and keys
    assert not {"privileged", "pid", "ipc", "devices"} & service.keys()
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


@each_service
def test_nobody_is_root_but_nginx_until_it_has_its_ports(service: dict[str, Any]) -> None:
    """The user of an image of ours stands in the Dockerfile."""
    if service["image"].startswith("nginx:"):
        assert service["cap_add"] == ["CHOWN", "NET_BIND_SERVICE", "SETGID", "SETUID"]
    elif "build" in service:
        assert not {"user", "cap_add"} & service.keys()
    else:
        assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", service["user"])
        assert "cap_add" not in service


def test_they_are_compose_files() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, *(ROOT / file for file in FILES)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@each_service
def test_a_service_takes_no_more_than_its_share(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] > 0


@pytest.mark.parametrize("file", FILES)
def test_models_are_fetched_where_engines_look_for_them(file: str) -> None:
    found = services(file)
    models = found["models"]
    assert [*models["entrypoint"], *models["command"]] == ["dragoman", "models", "pull", "standard"]
    assert models["restart"] == "no"
    for reader in (found[name] for name in (WORKERS if file == PRODUCTION else ["dragoman"])):
        assert (models["image"], models["mem_limit"]) == (reader["image"], reader["mem_limit"])
        assert models["volumes"][0] == reader["volumes"][0].removesuffix(":ro")
        for name in ("DRAGOMAN_DATA", "DRAGOMAN_MODELS", "DRAGOMAN_LANGUAGES"):
            assert models["environment"][name] == reader["environment"][name]


@each_server
def test_a_service_is_watched_and_restarted(service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    assert (check["interval"], check["timeout"], check["retries"]) == ("30s", "10s", 3)
    assert check["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


def test_a_node_is_watched_as_a_server_is() -> None:
    for name in ("node-a", "node-b"):
        assert services(PRODUCTION)[name]["healthcheck"] == services(ONE)["dragoman"]["healthcheck"]


def test_media_ports_are_the_hosts() -> None:
    for service in services(ONE).values():
        assert service["network_mode"] == "host"
        assert "ports" not in service  # compose refuses both together
    found = services(PRODUCTION)
    of_the_host = {name for name, service in found.items() if service.get("network_mode") == "host"}
    assert of_the_host == {"node-a", "node-b", "nginx", "turn", "schema"}


def test_all_else_is_reached_on_this_machine_alone() -> None:
    found = services(PRODUCTION)
    assert {name: service["ports"] for name, service in found.items() if "ports" in service} == {
        "redis": ["127.0.0.1:6379:6379"],
        "postgres": ["127.0.0.1:5432:5432"],
    }
    assert document(PRODUCTION)["networks"]["inside"] == {"internal": True}
    assert {name for name, service in found.items() if service.get("networks") == ["inside"]} == set(WORKERS)


@each_service
def test_an_image_is_pinned(service: dict[str, Any]) -> None:
    name, _, tag = service["image"].partition(":")
    if "build" in service:
        assert (name, tag) == ({"turn": "dragoman-turn", "server": "dragoman"}[service["build"]["target"]], VERSION)
        assert re.search(rf"^FROM \S+ AS {service['build']['target']}$", (ROOT / "Dockerfile").read_text(), re.M)
    else:
        assert name in {"valkey/valkey", "nginx", "postgres"}
        assert re.fullmatch(r"\d+\.\d+(\.\d+)?(-bookworm)?", tag)


@each_service
def test_what_it_runs_is_a_command(service: dict[str, Any]) -> None:
    command = [*service.get("entrypoint", []), *service.get("command", [])]
    if service["image"] == f"dragoman:{VERSION}":
        assert command[0] == "dragoman"
        parser().parse_args(command[1:])  # ends the process where it is none


@each_service
def test_a_secret_comes_from_the_environment_and_must_be_set(service: dict[str, Any]) -> None:
    for name, value in service.get("environment", {}).items():
        if name.endswith("SECRET") or (name.endswith("PASSWORD") and "profiles" not in service):
            match = VARIABLE.fullmatch(value)
            assert match is not None
            assert match[2] == "?"


def test_every_variable_is_in_the_example_and_the_other_way_round() -> None:
    used = {file: {match[1] for match in VARIABLE.finditer((ROOT / file).read_text())} for file in FILES}
    assert set.union(*used.values()) == example().keys()
    assert used[PRODUCTION] - used[ONE] == {"POSTGRES_PASSWORD", "TLS_FOLDER"}


@each_file
def test_the_example_repeats_the_defaults_and_holds_no_secret(file: str) -> None:
    for match in VARIABLE.finditer((ROOT / file).read_text()):
        name, kind, rest = match.groups()
        assert example()[name] == (rest if kind == "-" else "")


def test_accounts_and_history_survive_the_container() -> None:
    dragoman = services(ONE)["dragoman"]
    assert f"data:{dragoman['environment']['DRAGOMAN_DATA']}" in dragoman["volumes"]
    assert "data" in document(ONE)["volumes"]
    assert services(PRODUCTION)["postgres"]["volumes"] == ["database:/var/lib/postgresql/data"]


@each_file
def test_each_volume_and_each_file_is_there(file: str) -> None:
    used = [one.split(":")[0] for service in services(file).values() for one in service.get("volumes", [])]
    used = [one for one in used if not one.startswith("$")]
    assert {one for one in used if "/" not in one} == document(file)["volumes"].keys()
    assert [one for one in used if "/" in one and not (ROOT / one).exists()] == []


@each_file
def test_coturns_secret_is_written_to_memory_only(file: str) -> None:
    turn = services(file)["turn"]
    assert any(mount.startswith("/run/coturn:") for mount in turn["tmpfs"])
    assert "volumes" not in turn


@each_file
def test_redis_has_nothing_on_a_disk(file: str) -> None:
    redis = services(file)["redis"]
    assert redis["volumes"] == ["./deploy/redis:/etc/dragoman:ro"]
    assert redis["entrypoint"] == ["sh", "/etc/dragoman/start", "/run/redis", "valkey-server"]
    assert any(mount.startswith("/run/redis:") for mount in redis["tmpfs"])


def test_the_relay_is_the_same_in_both() -> None:
    assert services(PRODUCTION)["turn"] == services(ONE)["turn"]


def test_a_server_has_the_time_to_let_its_calls_go() -> None:
    drain_s = 2 * (Settings().shutdown_seconds + ROOM_CLOSING_S) + READERS_END_S
    for service in (services(ONE)["dragoman"], *(services(PRODUCTION)[name] for name in ("node-a", "node-b"))):
        assert int(service["stop_grace_period"].removesuffix("s")) >= drain_s
    assert services(ONE)["dragoman"]["stop_signal"] == "SIGHUP"  # nobody else is there to take its calls
    assert services(PRODUCTION)["node-a"]["stop_signal"] == "SIGTERM"
