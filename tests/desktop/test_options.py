"""The command line, and what it says where something is missing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from clients.desktop.dictation import Typed
from clients.desktop.hands import ELSEWHERE, WAYLAND, hands_of
from clients.desktop.modes import Mode, Sound
from clients.desktop.options import DesktopOptions, parse
from tests.kit.architecture import Source, imports

NEEDED = ["--server", "http://localhost:8080", "--language", "en"]
FOLDER = Path(__file__).parents[2] / "clients" / "desktop"
WINDOWS = {"application", "controls", "overlay"}
"""The files that know the toolkit."""


def test_captions_for_oneself_are_the_default() -> None:
    assert parse(NEEDED) == DesktopOptions("http://localhost:8080", "en", "en")
    assert parse([*NEEDED, "--into", "es"]).into == "es"


def test_choices() -> None:
    choices = "--code 123456 --mode typing --sound system --typed translated --key Pause"
    chosen = parse([*NEEDED, *choices.split(), "--system-program", "capture -"])
    assert (chosen.call, chosen.code, chosen.key) == (True, "123456", "Pause")
    assert (chosen.mode, chosen.sound, chosen.typed) == (Mode.TYPING, Sound.SYSTEM, Typed.TRANSLATED)
    assert chosen.programs == {Sound.SYSTEM: "capture -"}
    assert parse([*NEEDED, "--create"]).call


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([], "--server"),
        (["--server", "localhost", "--language", "en"], "http://"),
        ([*NEEDED, "--create", "--code", "123456"], "--code"),
        ([*NEEDED, "--code", "12"], "6 to 10 digits"),
        ([*NEEDED, "--mode", "singing"], "--mode"),
        ([*NEEDED, "--code-file", "code"], "--create"),
        ([*NEEDED, "--key", "F8"], "--start-over-key"),
    ],
)
def test_a_wrong_command_line_is_named(arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    assert ended.value.code == 2 and named in capsys.readouterr().err


def test_without_the_toolkit_the_extra_is_named() -> None:
    blocked = "import sys; sys.modules['PySide6'] = None; from clients.desktop.command import main; sys.exit(main())"
    done = subprocess.run(
        [sys.executable, "-c", blocked, *NEEDED], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2 and "dragoman[desktop]" in done.stderr


def test_the_toolkit_stays_at_the_edge() -> None:
    known = {
        file.stem: {name for _, name in imports(Source(file.name, file.read_text("utf-8")))}
        for file in FOLDER.rglob("*.py")
    }
    found = {stem for stem, names in known.items() if any(name.startswith(("PySide6", "shiboken6")) for name in names)}
    assert found == WINDOWS
    edge = {f"clients.desktop.{name}" for name in WINDOWS}
    knowing = {stem for stem, names in known.items() if names & edge}
    assert knowing <= WINDOWS | {"command"}


@pytest.mark.parametrize(
    ("platform", "window_system", "reason"),
    [
        ("linux", "wayland", WAYLAND),
        ("linux", "wayland-egl", WAYLAND),
        ("win32", "windows", ELSEWHERE),
        ("darwin", "cocoa", ELSEWHERE),
    ],
)
def test_a_desktop_without_hands_says_so(platform: str, window_system: str, reason: str) -> None:
    assert hands_of(platform, window_system, "F9", "F8") == reason
