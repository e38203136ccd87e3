"""The systemd units without systemd: they start what is there, as nobody in particular, and are confined."""

import configparser
import re
import subprocess
from pathlib import Path

import pytest

from server.settings import Settings
from signaling.sessions.live_sessions import READERS_END_S, ROOM_CLOSING_S

ROOT = Path(__file__).parents[2]
UNITS = {path.name: path for path in sorted((ROOT / "deploy" / "systemd").glob("*.service"))}


def read(name: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment, method-assign]
    unit.read_string(UNITS[name].read_text())
    return unit


def test_the_server_and_its_relay() -> None:
    assert UNITS.keys() == {"dragoman.service", "dragoman-turn.service"}
    assert read("dragoman.service")["Service"]["ExecStart"] == "/opt/dragoman/.venv/bin/dragoman serve"


@pytest.mark.parametrize("name", UNITS)
def test_a_unit_has_few_rights(name: str) -> None:
    unit = read(name)
    assert unit.sections() == ["Unit", "Service", "Install"]
    service = unit["Service"]
    for right in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[right] == "yes"
    assert service["CapabilityBoundingSet"] == ""
    assert service["ProtectSystem"] == "strict"
    assert service["Restart"] == "on-failure"
    assert service["LimitCORE"] == "0"  # a dump would hold voices, words and keys


@pytest.mark.parametrize("name", UNITS)
def test_secrets_come_from_a_file(name: str) -> None:
    assert read(name)["Service"]["EnvironmentFile"] == "/etc/dragoman/dragoman.env"
    assert not re.search(r"SECRET=", UNITS[name].read_text())


def test_there_is_time_to_finish_the_sentence() -> None:
    service = read("dragoman.service")["Service"]
    assert service["KillSignal"] == "SIGTERM"
    drain_s = 2 * (Settings().shutdown_seconds + ROOM_CLOSING_S) + READERS_END_S
    assert int(service["TimeoutStopSec"]) >= drain_s


@pytest.mark.parametrize("name", UNITS)
def test_systemd_finds_it_well_confined(name: str) -> None:
    command = ["systemd-analyze", "security", "--offline=yes", "--threshold=20", "--no-pager", UNITS[name]]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout  # an exposure above 2.0


@pytest.mark.parametrize("name", UNITS)
def test_systemd_understands_it(name: str, tmp_path: Path) -> None:
    text = re.sub(r"^(Exec\w+=)\S+", r"\1/bin/true", UNITS[name].read_text(), flags=re.MULTILINE)
    (tmp_path / name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", tmp_path / name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("name", UNITS)
def test_it_takes_no_more_than_its_share(name: str) -> None:
    service = read(name)["Service"]
    assert {"MemoryMax", "TasksMax"} <= service.keys() and {"CPUQuota", "CPUWeight"} & service.keys()
