"""Environment of an engine's process: what the engine needs, and no secret of the server's."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from pipeline.engines.registry import EngineSpec
from server.engine_choice.environment import engine_environment
from server.engine_choice.from_settings import engine_set
from server.settings import Settings
from server.settings.table import ROWS
from turn.settings import ROWS as RELAY_ROWS

OPENAI = EngineSpec("mt", "openai", {"url": "https://llm.example.org/v1", "model": "m"})
CANARIES = {name: f"canary of {name}" for name in (*ROWS, *RELAY_ROWS, "OPENAI_API_KEY", "AWS_SECRET_ACCESS_KEY")}
NEEDED = {"PATH": "/usr/bin", "LC_ALL": "C.UTF-8", "CUDA_VISIBLE_DEVICES": "0", "HTTPS_PROXY": "http://proxy"}


def test_an_engine_gets_what_it_needs_and_no_secret() -> None:
    assert engine_environment(EngineSpec("stt", "starter"), NEEDED | CANARIES) == NEEDED


def test_a_key_goes_to_the_engine_whose_entry_names_it() -> None:
    assert engine_environment(OPENAI, NEEDED | CANARIES) == NEEDED | {"OPENAI_API_KEY": "canary of OPENAI_API_KEY"}


def test_options_may_name_another_key_but_no_setting_of_ours() -> None:
    own = EngineSpec("mt", "openai", {**OPENAI.options, "key_variable": "ACME_KEY"})
    assert engine_environment(own, {"ACME_KEY": "theirs"}) == {"ACME_KEY": "theirs"}
    greedy = EngineSpec("mt", "openai", {**OPENAI.options, "key_variable": "DRAGOMAN_SECRET"})
    assert "DRAGOMAN_SECRET" not in engine_environment(greedy, NEEDED | CANARIES)


@pytest.mark.parametrize("name", ["PATHOLOGY", "MY_PATH", "HF_TOKEN", "GITHUB_TOKEN", "XPATH"])
def test_a_name_is_allowed_as_a_whole(name: str) -> None:
    assert engine_environment(EngineSpec("tts", "espeak"), {name: "canary"}) == {}


PROGRAM = """\
import os, sys, time
with open(f"/proc/{os.getppid()}/environ", "rb") as parent, open(sys.argv[1] + ".new", "wb") as seen:
    seen.write(parent.read() + "".join(f"{name}={value}\\0" for name, value in os.environ.items()).encode())
os.replace(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""
"""Writes down the environment of the engine's process, which started it, and its own."""


async def test_no_setting_reaches_a_real_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in CANARIES.items():
        monkeypatch.setenv(name, value)
    program, seen = tmp_path / "program.py", tmp_path / "seen"
    program.write_text(PROGRAM)
    engine = json.dumps({"command": [sys.executable, str(program), str(seen)]})
    async with engine_set(Settings(models="scripted", tts=f"program:{engine}", data=tmp_path)), asyncio.timeout(60):
        while not seen.exists():  # noqa: ASYNC110 (another process writes it)
            await asyncio.sleep(0.05)
    environment = seen.read_text()
    assert environment.count("PATH=") >= 2
    assert "canary of" not in environment
