"""Table of the engines that interpret a human voice in our server: whole or short windows, and whose voice speaks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.catalogue import catalogue
from testing.real_material import JOE, WEIGHTS

TARGET = "es"
STOCK = "stock"
"""faster-whisper as it comes, with its own defaults. Peers alone have it."""
WINDOWS: dict[str, Mapping[str, Any]] = {
    "padded": {},
    "short": catalogue().models["whisper-tiny-en"].options,
}
"""Options of our recogniser. Short windows are those that `make serve` takes with these weights."""


@dataclass(frozen=True, slots=True)
class Way:
    """Windows of the recogniser, and the voice: espeak-ng's, or joe's."""

    windows: str
    voice: str = "espeak"


WAYS = {
    "padded": Way("padded"),
    "short": Way("short"),
    "short-joe": Way("short", "joe"),
}


def settings(way: Way, folder: Path) -> dict[str, str]:
    """Return the settings of a server. `folder` is for what has to be written for it."""
    voice = "espeak"
    if way.voice == "joe":
        voice = f"piper:{json.dumps({'path': str(joe_in(TARGET, folder))})}"
    return {
        # The listener's language must be heard, too: by the bundled recogniser, which is never asked.
        "DRAGOMAN_STT": f"by_language:{json.dumps({'engines': [recogniser(way.windows), 'starter']})}",
        "DRAGOMAN_MT": "apertium",
        "DRAGOMAN_TTS": voice,
    }


def recogniser(windows: str) -> str:
    """Return the recogniser as a setting names it."""
    return f"whisper:{json.dumps({'path': str(WEIGHTS), **WINDOWS[windows]})}"


def joe_in(language: str, folder: Path) -> Path:
    """Lay out joe as a voice of another language, and return the folder.

    joe is English. Given the sounds of Spanish the model makes something like them in a Spanish voice's time, so it
    tells how late a neural voice is, and nothing of how it sounds.
    """
    made = folder / f"joe-{language}"
    made.mkdir(parents=True, exist_ok=True)
    (model,) = JOE.glob("*.onnx")
    linked = made / f"{language}-joe-medium.onnx"
    linked.unlink(missing_ok=True)
    linked.symlink_to(model.resolve())
    told = json.loads(Path(f"{model}.json").read_text("utf-8"))
    told |= {"espeak": {"voice": language}, "language": {"code": language}}
    Path(f"{linked}.json").write_text(json.dumps(told), encoding="utf-8")
    return made
