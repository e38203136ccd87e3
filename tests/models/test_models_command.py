"""`dragoman models`: the bundled recogniser's weights under a catalogue name, from a hub to a running server."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import starter
from models.catalogue import catalogue
from models.store import ModelStore
from server.cli.main import main
from tests.kit.hub_server import HubServer, running
from tests.kit.server_process import Server

TINY = catalogue().models["whisper-tiny"]


def whisper_files() -> dict[str, bytes]:
    """A real Whisper's folder, as small as one can be."""
    return {path.name: path.read_bytes() for path in starter.STT.iterdir()}


@pytest.fixture(scope="module")
def hub() -> Iterator[HubServer]:
    server = HubServer()
    server.add(TINY.repository, {**whisper_files(), "README.md": b"read me"}, commit=TINY.revision)
    with running(server):
        yield server


@pytest.fixture
def data(tmp_path: Path, hub: HubServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder, and settings that name it and the hub."""
    monkeypatch.setenv("DRAGOMAN_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DRAGOMAN_HUB", hub.url)
    hub.asked.clear()
    return tmp_path / "data"


async def judges_nothing(*_: object) -> None:
    """Stand in for the judge of short windows (tests/server/test_short_windows_process.py), which takes its time."""


@pytest.fixture
def pulled(data: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("server.cli.models_command.judge_fetched", judges_nothing)
    assert main(["models", "pull", "whisper-tiny"]) == 0
    capfd.readouterr()
    return data


def test_pull_tells_what_came_and_the_second_asks_nobody(
    data: Path, hub: HubServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DRAGOMAN_LANGUAGES", "en")  # each language is judged by 24 sentences
    assert main(["models", "pull", "whisper-tiny"]) == 0
    told = capfd.readouterr().out
    assert "whisper-tiny: model.bin, " in told
    assert f"commit {TINY.revision[:12]}" in told
    assert "1 fetched" in told
    assert "whisper-tiny: short windows are on: en: " in told
    assert data.stat().st_mode & 0o077 == 0, "the server's key will lie there"
    hub.asked.clear()
    assert main(["models", "pull", "whisper-tiny"]) == 0
    told = capfd.readouterr().out
    assert "0 fetched, 1 were here" in told and "short windows" not in told, "judged once"
    assert hub.asked == []


def test_list_tells_what_is_here(pulled: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "list"]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines if line.startswith("*  ")] == ["whisper-tiny"]
    assert next(line for line in lines if "nllb-200-600m" in line).split()[3:5] == ["no", "CC-BY-NC-4.0"]
    assert len(lines) == len(catalogue().models) + 2
    assert main(["models", "list", "--installed", "--json"]) == 0
    (model,) = json.loads(capfd.readouterr().out)["models"]
    assert (model["name"], model["installed"], model["commit"]) == ("whisper-tiny", True, TINY.revision)


def test_check_loads_what_is_here_and_gives_it_a_job(pulled: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "check"]) == 0
    told = capfd.readouterr().out
    assert "ok   whisper-tiny: as pinned; loads in" in told
    assert "heard" in told


def test_check_finds_a_byte_that_turned(pulled: Path, capfd: pytest.CaptureFixture[str]) -> None:
    weights = pulled / "models" / "whisper-tiny" / "model.bin"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    assert main(["models", "check", "whisper-tiny"]) == 1
    told = capfd.readouterr().out
    assert "BAD  whisper-tiny: model.bin has" in told
    assert "dragoman models pull whisper-tiny" in told


def test_check_finds_a_model_that_does_not_load(data: Path, hub: HubServer, capfd: pytest.CaptureFixture[str]) -> None:
    """A folder as pinned, and of no use: the hub had it so."""
    base = catalogue().models["whisper-base"]
    hub.add(base.repository, {**whisper_files(), "model.bin": b"no model" * 2000}, commit=base.revision)
    assert main(["models", "pull", "whisper-base"]) == 0
    assert main(["models", "check"]) == 1
    assert "BAD  whisper-base: its files are as pinned, but" in capfd.readouterr().out


def test_bench_measures_what_is_here_and_what_is_bundled(pulled: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "bench"]) == 0
    lines = capfd.readouterr().out.splitlines()
    told = json.loads(lines[-1])
    assert [row["name"] for row in told["engines"]] == ["starter", "starter", "espeak", "whisper-tiny"]
    assert all(row["realTimeFactor"] > 0 for row in told["engines"])
    assert told["machine"]["cores"] >= 1
    assert any(line.startswith("stt whisper-tiny") for line in lines)


def test_a_server_runs_on_a_folder_of_models_and_asks_no_hub(
    pulled: Path, hub: HubServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    hub.asked.clear()
    settings = {"DRAGOMAN_MODELS": str(pulled), "DRAGOMAN_MT": "starter", "HF_ENDPOINT": hub.url}
    with Server(tmp_path / "server", **settings) as server:
        told = json.loads(urllib.request.urlopen(f"{server.url}/api/v1/languages").read())
    assert sorted(map(tuple, told["pairs"])) == [("en", "es"), ("es", "en")]
    assert [one["tag"] for one in told["languages"] if one["hear"]] == ["en", "es"]
    assert hub.asked == []


def test_a_set_that_is_not_here_names_the_command_that_fetches_it(
    data: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for chosen, best in (("standard", "whisper-small"), ("quality", "whisper-large-v3-turbo")):
        assert main(["serve", "--models", chosen]) == 2
        told = capfd.readouterr().err
        assert f"dragoman models pull {best} opus-mt-es-en" in told
        assert str(data / "models") in told


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["pull", "whisper-bass"], "unknown_model"),
        (["pull", "nllb-200-600m"], "licence"),
        (["pull", "nllb-200-600m", "--accept-licence", "MIT"], "licence"),
        (["pull", "nllb-200-600m", "--accept-licence", "CC-BY-NC-4.0"], "needs_extra"),
        (["pull", "whisper-tiny", "opus-mt-en-es"], "needs_extra"),
        (["pull", "whisper-small"], "not_on_hub"),
        (["pull", "whisper-tiny", "--revision", "v9"], "wrong_revision"),
        (["pull", "whisper-tiny", "--hub", "http://127.0.0.1:9"], "no_hub"),
        (["pull", "whisper-tiny", "--from", "/nowhere"], "bad_folder"),
        (["check"], "not_installed"),
        (["check", "whisper-tiny"], "not_installed"),
        (["bench", "whisper-tiny"], "not_installed"),
    ],
)
def test_a_refusal_has_its_code_and_leaves_nothing(
    data: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    code: str,
) -> None:
    monkeypatch.setattr("models.convert._LIBRARIES", ("there_is_no_such_library",))
    assert main(["models", *arguments]) == 1
    told = capfd.readouterr().err
    assert told.startswith("dragoman: ")
    assert told.endswith(f" ({code})\n")
    assert "Traceback" not in told
    assert ModelStore(data / "models").among(catalogue().models.values()) == []


def test_the_starter_needs_no_pull(data: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "pull", "starter"]) == 0
    assert "nothing to fetch" in capfd.readouterr().out


def test_a_set_is_pulled_for_the_languages_that_are_wanted(
    data: Path, hub: HubServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The hub here has none of them, and is asked for the first."""
    monkeypatch.setenv("DRAGOMAN_LANGUAGES", "ja, ko-KR")
    monkeypatch.setattr("models.convert._LIBRARIES", ())
    assert main(["models", "pull", "standard"]) == 1
    out, err = capfd.readouterr()
    assert "standard for ja, ko" in out
    assert "no voice of it speaks ja, ko: espeak-ng will" in out
    assert catalogue().models["whisper-small"].repository in err
