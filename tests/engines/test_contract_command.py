"""The contract's command takes engines as settings write them, and ends quietly when nobody reads on."""

import subprocess
import sys

import pytest

from pipeline.engine_contract.__main__ import main

COMMAND = [sys.executable, "-m", "pipeline.engine_contract"]


def test_an_engine_as_settings_write_it() -> None:
    found = subprocess.run(
        [*COMMAND, "mt", 'scripted:{"pairs": [["en", "es"]]}', '{"pattern": "x {text}"}'],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert "checks hold" in found.stdout and "can't be loaded" not in found.stderr
    assert found.returncode in (0, 1)


@pytest.mark.parametrize("engine", ["mt nothing", "mt ctranslate:/no/such/folder", "stt whisper:/no/such/folder"])
def test_an_engine_that_can_not_be_loaded_is_named(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(engine.split()) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{engine} can't be loaded: ") and "Traceback" not in said


def test_a_path_is_an_option_of_the_engine(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["mt", "ctranslate:/no/such/folder"]) == 2
    assert "/no/such/folder" in capsys.readouterr().err


def test_a_reader_who_leaves_ends_it_without_a_traceback() -> None:
    with subprocess.Popen(
        [*COMMAND, "mt", "scripted"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        said = process.stderr.read()
    assert "Traceback" not in said and "BrokenPipe" not in said
    assert process.returncode == 141
