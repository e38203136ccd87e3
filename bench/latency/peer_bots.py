"""FastRTC's and Pipecat's translation bots, measured as our own server is.

Each bot has its defaults and its best settings, and the bundled engines; in long turns it has engines that know the
script, since the bundled recogniser understands single sentences only, and a bot that waits for a pause gets many at
once. Both settings and both languages of one framework run at the same time, each bot in a process of its own with
engines of its own. The environments of `bench.media` serve here, too; FastRTC gets a voice activity detector
more, which is installed once.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import environments
from bench.environments import python_of
from bench.latency import figures, judged_calls
from bench.latency.judging import JudgedTurn
from bench.peers import PROGRAMS
from bench.talk import engine_entry_points, server_process
from bench.talk.server_process import FOLDER
from testing import speech_material
from testing.bundled_recogniser import BundledRecogniser
from testing.spoken_turns import Turn

ALSO = {"fastrtc": (("onnxruntime==1.31.1",), ("--no-deps", "faster-whisper==1.0.1"))}
"""pip's arguments, beyond what `bench.media` installs."""
SETTINGS = ("defaults", "best")
PATIENCE = 6.0


@dataclass(frozen=True, slots=True)
class Bot:
    """A bot of one framework. `engines` names those inside, where they are not the usual ones."""

    framework: str
    settings: str
    language: str
    engines: str = ""

    @property
    def name(self) -> str:
        return f"{self.framework}, {self.settings}"

    @property
    def stem(self) -> str:
        return "-".join(filter(None, (self.framework, self.settings, self.language, self.engines)))

    @property
    def log(self) -> Path:
        return FOLDER / f"{self.stem}.jsonl"

    def spoken(self) -> list[dict[str, Any]]:
        """Return what it handed out to be spoken, with times."""
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]


def install() -> None:
    """Install the environments. Raises CalledProcessError."""
    environments.install(["fastrtc", "pipecat"])
    for name, wanted in ALSO.items():
        note = environments.FOLDER / name / "interpreting.txt"
        if note.is_file() and note.read_text(encoding="utf-8") == repr(wanted):
            continue
        for arguments in wanted:
            command = [str(python_of(name)), "-m", "pip", "install", "--quiet", *arguments]
            subprocess.run(command, check=True, capture_output=True, timeout=900)
        note.write_text(repr(wanted), encoding="utf-8")


def versions() -> dict[str, str]:
    """Install missing packages and return the versions of all."""
    install()
    found = environments.versions("fastrtc", ["fastrtc"])
    return found | {"pipecat": environments.versions("pipecat", ["pipecat-ai"])["pipecat-ai"]}


def measure(quick: bool, recogniser: BundledRecogniser, say: Callable[[str], None]) -> dict[str, Any]:
    """Return the figures of each bot, by framework and settings."""
    turns = {
        "single": speech_material.singles(4 if quick else 24),
        "long": speech_material.long_turns(2 if quick else 6),
    }
    report: dict[str, Any] = {}
    for framework in ("fastrtc", "pipecat"):
        say(f"{framework}: {', '.join(f'{len(of)} × {kind}' for kind, of in turns.items())}, 4 calls at once")
        bots = [Bot(framework, settings, language) for settings in SETTINGS for language in speech_material.LANGUAGES]
        with ThreadPoolExecutor(len(bots)) as pool:
            heard = list(pool.map(lambda bot: _converse(bot, turns), bots))
        for settings in SETTINGS:
            report[f"{framework}, {settings}"] = {
                kind: figures.figures(
                    [
                        turn
                        for bot, calls in zip(bots, heard, strict=True)
                        if bot.settings == settings
                        for turn in _judged(bot, kind, turns[kind], calls[kind], recogniser)
                    ]
                )
                for kind in turns
            }
    return report


def _judged(
    bot: Bot, kind: str, turns: Sequence[Turn], calls: Sequence[Any], recogniser: BundledRecogniser
) -> list[JudgedTurn]:
    return judged_calls.of_bot(
        [turn for turn in turns if turn.language == bot.language], calls, bot.spoken(), recogniser
    )


def _converse(bot: Bot, turns: dict[str, list[Turn]]) -> dict[str, Any]:
    """Speak all turns of the bot's language, one after the other."""
    bot.log.write_bytes(b"")
    heard = {}
    for kind, of in turns.items():
        mine = [turn for turn in of if turn.language == bot.language]
        script = [str(engine_entry_points.write(f"script-{bot.stem}", mine))] if kind == "long" else []
        with running(bot, *script) as server:
            heard[kind] = server_process.talk(server, "bot", f"{bot.stem}-{kind}", [mine], PATIENCE)
    return heard


@contextlib.contextmanager
def running(bot: Bot, *engines: str) -> Iterator[str]:
    """Run a bot with engines of its own until the scope is left; yield its address.

    `engines` is the argument of `engine_host`. Texts that are spoken are added to the bot's log.
    """
    host = [sys.executable, "-m", "bench.peers.engine_host", *engines]
    source, target = bot.language, speech_material.OTHER[bot.language]
    program = [str(python_of(bot.framework)), str(PROGRAMS / f"{bot.framework}_bot.py"), source, target]
    with contextlib.ExitStack() as stack:
        line = stack.enter_context(server_process.process(host, FOLDER / f"{bot.stem}-engines.log", os.environ))
        command = [*program, line.split()[1], str(bot.log), bot.settings]
        line = stack.enter_context(server_process.process(command, FOLDER / f"{bot.stem}.log", os.environ))
        told = line.split()[1]
        yield told if told.startswith("http") else f"http://127.0.0.1:{told}/offer"
