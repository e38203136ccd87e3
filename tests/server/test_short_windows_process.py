"""The judge in its own process, on the bundled weights: judges, ends with who ordered it, and leaves all or nothing."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import starter
from pipeline.engines.registry import EngineSpec
from server.cli.doctor import short_windows
from server.cli.finding import Finding
from server.cli.main import main
from server.cli.short_windows_command import BORNE
from server.engine_choice.short_windows import decided, order
from server.settings import Settings
from server.short_windows.judgement import Outcome
from server.short_windows.kept import FILE, Kept, basis
from server.short_windows.order import Order, carried_out

OPTIONS: dict[str, Any] = {name: value for name, value in starter.STT_OPTIONS.items() if name != "margin"}


def settings_in(folder: Path) -> Settings:
    """Return settings with a copy of the bundled weights, whose judgement is kept in it."""
    shutil.copytree(starter.STT, folder / "whisper")
    text = f"whisper:{json.dumps({'path': str(folder / 'whisper'), **OPTIONS})}"
    return Settings(data=folder / "data", stt=text, languages=("en",))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path)


@dataclass(frozen=True)
class Judged:
    """A folder that two processes were ordered to judge at once."""

    settings: Settings
    before: Finding | None
    """The doctor's answer before it."""
    found: list[dict[str, str]]
    said: list[str]
    """The last progress that each process told of."""


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    settings = replace(settings_in(tmp_path_factory.mktemp("judged")), languages=("en", "es-MX"))
    before = short_windows(settings)
    said: list[list[str]] = [[], []]

    async def both() -> list[dict[str, str]]:
        return list(await asyncio.gather(*(carried_out(ordered(settings), one.append) for one in said)))

    return Judged(settings, before, asyncio.run(both()), [one[-1] for one in said if one])


def spec(settings: Settings) -> EngineSpec:
    return EngineSpec("stt", "whisper", {"path": str(settings.data.parent / "whisper"), **OPTIONS})


def ordered(settings: Settings) -> Order:
    return order(spec(settings), settings)


def test_a_folder_is_judged_and_then_runs_short(judged: Judged) -> None:
    settings, before = judged.settings, judged.before
    assert before is not None and "off: not judged yet" in before.what and "check-trim" in before.what
    assert Outcome.BORNE in [one.get("outcome") for one in judged.found], judged.found
    assert judged.said == ["48 of 48 sentences heard"]
    kept = Kept(Path(ordered(settings).path), settings.data).read(basis(Path(ordered(settings).path), OPTIONS).weights)
    assert kept is not None and kept.tallies.keys() == {"en", "es"}
    assert decided(spec(settings), settings).spec.options["silent_tail"] == 3000
    after = short_windows(settings)
    assert after is not None and "are on" in after.what and not after.remedy


def test_in_the_background_it_takes_what_nobody_else_wants() -> None:
    """The process gets spare time by sched(7), and is the first to go for memory by proc(5)."""
    told = "import os; from server.short_windows.__main__ import step_back; step_back(); print(os.sched_getscheduler(0)"
    told += ", open('/proc/self/oom_score_adj').read())"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(os.SCHED_IDLE), "1000"]


def test_time_that_is_up_leaves_them_off_and_says_so(settings: Settings) -> None:
    found = asyncio.run(carried_out(replace(ordered(settings), seconds=0.1)))
    assert found["outcome"] == Outcome.UNFINISHED
    assert "not finished" in decided(spec(settings), settings).why


def test_a_judge_that_is_killed_leaves_nothing(settings: Settings) -> None:
    asked = ordered(settings)

    async def cut_short() -> None:
        heard = asyncio.Event()
        async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
            judging = tasks.create_task(carried_out(asked, lambda _: heard.set()))
            await heard.wait()
            judging.cancel()

    asyncio.run(cut_short())
    assert not (Path(asked.path) / FILE).exists()
    assert "not judged yet" in decided(spec(settings), settings).why
    with Kept(Path(asked.path), settings.data).claim(basis(Path(asked.path), OPTIONS).weights):
        pass


def test_two_at_once_are_one(judged: Judged) -> None:
    assert sorted(one.get("outcome", one.get("failed", "")) for one in judged.found) == [
        "another process is judging it",
        "borne",
    ]


def test_it_ends_with_the_one_that_ordered_it(settings: Settings) -> None:
    """The parent is killed, which runs none of its code."""
    parent = (
        "import asyncio, sys\nfrom server.short_windows.order import *\n"
        "asyncio.run(carried_out(Order.load(sys.argv[1]), lambda _: print('heard', flush=True)))"
    )
    order_text = replace(ordered(settings), environment=dict(os.environ)).dump()
    with subprocess.Popen([sys.executable, "-c", parent, order_text], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline() == b"heard\n"
        process.kill()
    folder = ordered(settings).path
    deadline = time.monotonic() + 60
    while judges := [one for one in _processes() if "server.short_windows" in one and folder in one]:
        assert time.monotonic() < deadline, judges
        time.sleep(0.05)
    assert not (Path(folder) / FILE).exists()


def test_weights_that_no_engine_loads_are_not_judged(settings: Settings) -> None:
    (Path(ordered(settings).path) / "model.bin").write_bytes(b"no weights")
    found = asyncio.run(carried_out(ordered(settings)))
    assert "no Whisper model could be loaded" in found["failed"]


def test_check_trim_keeps_its_judgement(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder by its path alone, as a server is given it: without the options that suit the bundled weights."""
    monkeypatch.setenv("DRAGOMAN_DATA", str(settings.data))
    monkeypatch.setenv("DRAGOMAN_LANGUAGES", "en")

    folder = ordered(settings).path
    assert main(["models", "check-trim", folder, "--keep"]) == BORNE
    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (told["outcome"], told["model"]) == (Outcome.BORNE, folder)
    assert decided(EngineSpec("stt", "whisper", {"path": folder}), settings).spec.options["margin"] == 100


def _processes() -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                continue
    return found
