"""docker-compose.yml without Docker: what each service may do, what it waits for, where its secrets are from."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
EXAMPLE = dict(
    line.split("=", 1) for line in (ROOT / ".env.example").read_text().splitlines() if line and not line.startswith("#")
)
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)(?::?([-?])([^}]*))?\}")

SERVERS = {name: service for name, service in SERVICES.items() if "profiles" not in service}
each_server = pytest.mark.parametrize("service", SERVERS.values(), ids=SERVERS.keys())
each_service = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES.keys())


def test_the_server_and_its_relay() -> None:
    assert SERVICES.keys() == {"dragoman", "models", "turn"}
    assert [name for name, service in SERVICES.items() if "profiles" not in service] == ["dragoman", "turn"]
    assert SERVICES["dragoman"]["depends_on"] == {"turn": {"condition": "service_healthy"}}


@each_service
def test_a_service_has_few_rights(service: dict[str, Any]) -> None:
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["ulimits"] == {"core": 0}  # a dump would hold voices, words and keys
    assert not {"privileged", "cap_add", "pid", "ipc", "devices", "user"} & service.keys()
    assert not any("docker.sock" in volume for volume in service.get("volumes", []))


def test_it_is_a_compose_file() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run([*command, ROOT / "docker-compose.yml"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@each_service
def test_a_service_takes_no_more_than_its_share(service: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["pids_limit"] > 0


def test_models_are_fetched_where_the_server_looks_for_them() -> None:
    server, models = SERVICES["dragoman"], SERVICES["models"]
    assert [*models["entrypoint"], *models["command"]] == ["dragoman", "models", "pull", "standard"]
    for name in ("image", "environment", "volumes", "mem_limit"):
        assert models[name] == server[name]
    assert models["restart"] == "no"


@each_server
def test_a_service_is_watched_and_restarted(service: dict[str, Any]) -> None:
    check = service["healthcheck"]
    assert (check["interval"], check["timeout"], check["retries"]) == ("30s", "10s", 3)
    assert check["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


@each_service
def test_media_ports_are_the_hosts(service: dict[str, Any]) -> None:
    assert service["network_mode"] == "host"
    assert "ports" not in service  # compose refuses both together


@each_service
def test_an_image_is_pinned_and_built_from_the_dockerfile(service: dict[str, Any]) -> None:
    name, _, tag = service["image"].partition(":")
    assert name
    assert re.fullmatch(r"\d+\.\d+\.\d+", tag)
    target = service["build"]["target"]
    assert re.search(rf"^FROM \S+ AS {target}$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


@each_service
def test_a_secret_comes_from_the_environment_and_must_be_set(service: dict[str, Any]) -> None:
    for name, value in service["environment"].items():
        if name.endswith("SECRET"):
            match = VARIABLE.fullmatch(value)
            assert match is not None
            assert (match[1], match[2]) == (name, "?")


def test_every_variable_is_in_the_example_and_the_other_way_round() -> None:
    used = {match[1] for match in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text())}
    assert used == EXAMPLE.keys()


def test_the_example_repeats_the_defaults_and_holds_no_secret() -> None:
    for match in VARIABLE.finditer((ROOT / "docker-compose.yml").read_text()):
        name, kind, rest = match.groups()
        assert EXAMPLE[name] == (rest if kind == "-" else "")


def test_accounts_and_history_survive_the_container() -> None:
    folder = SERVICES["dragoman"]["environment"]["DRAGOMAN_DATA"]
    assert f"data:{folder}" in SERVICES["dragoman"]["volumes"]
    assert "data" in COMPOSE["volumes"]


def test_coturns_secret_is_written_to_memory_only() -> None:
    assert any(mount.startswith("/run/coturn:") for mount in SERVICES["turn"]["tmpfs"])
    assert "volumes" not in SERVICES["turn"]
