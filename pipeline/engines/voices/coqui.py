"""Voice by Coqui's fork `coqui-tts`, in a process and a Python environment of its own.

It needs torch and the torchaudio that was built with it, over a gigabyte: the server's environment has neither, and
`scripts/setup-coqui` makes one that has. Voices are folders; whose weights are not free for every use, and whose voice
may be spoken with, is decided here, before anything is loaded.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.engines import EngineError
from pipeline.engines.voices.external_program import ExternalProgram
from pipeline.engines.voices.python_environment import VOICE_PROGRAMS, interpreter

CPML = "CPML"
"""Coqui Public Model License 1.0.0: XTTS-v2's weights and what they say are for non-commercial use only."""

_LEAST_STATEMENT = 20  # characters: more than "yes"


class Coqui(ExternalProgram):
    """A `Synthesizer`. `path` is a folder with `config.json` and a checkpoint, or a folder of such folders, or several.

    `command`, or else `python`, is the Python that has `coqui-tts`. Without either it is that of `.venv-coqui`, or our
    own. `accept` names the licences that you accept beyond those that allow any use: `["CPML"]` for XTTS-v2, whose
    folder is refused otherwise. `clones` are voices that XTTS-v2 is to copy, by their name:
    `{"wav": file or files, "consent": statement}`. The statement says, in words, what the person who is heard there has
    agreed to. Without it nothing is copied. The rest is as in `ExternalProgram`.
    """

    def __init__(
        self,
        path: str | list[str],
        *,
        command: str | None = None,
        python: str | None = None,
        accept: Sequence[str] = (),
        clones: Mapping[str, Mapping[str, Any]] | None = None,
        threads: int = 1,
        **options: Any,
    ) -> None:
        folders = model_folders([path] if isinstance(path, str) else path)
        require_licences(folders, accept)
        copied = require_consent(clones or {})
        if copied and not any(architecture(folder) == "xtts" for folder in folders):
            raise EngineError("a voice is to be cloned, but there is no XTTS model that could do it")
        python = interpreter("coqui", "coqui-tts", command or python)
        super().__init__(
            [
                *(python, str(VOICE_PROGRAMS / "coqui_program.py"), f"--threads={threads}"),
                *(f"--clone={json.dumps({'name': name, 'wav': files})}" for name, files in copied.items()),
                *("--", *map(str, folders)),
            ],
            **{"start_timeout_s": 110.0, **options},  # torch alone takes seconds to import, XTTS a minute to load
        )


def model_folders(paths: Sequence[str]) -> list[Path]:
    """The model folders among these and right under them. Raises `EngineError` where there is none."""
    found = []
    for path in (Path(one).expanduser() for one in paths):
        candidates = [path, *sorted(path.iterdir())] if path.is_dir() else [path]
        found += [folder for folder in candidates if (folder / "config.json").is_file()]
    if not found:
        raise EngineError(f"no Coqui model (a folder with config.json) in {', '.join(paths)}")
    return found


def architecture(folder: Path) -> str:
    """Return the model's architecture as its configuration has it: `vits`, `xtts`, …"""
    try:
        config = json.loads((folder / "config.json").read_text("utf-8"))
        return str(config["model"]).lower()
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise EngineError(f"{folder}/config.json is no configuration of a Coqui model") from None


def require_licences(folders: Sequence[Path], accept: Sequence[str]) -> None:
    """Check licences. Raises `EngineError` for a model whose licence has to be accepted, and is not."""
    for folder in folders:
        if architecture(folder) == "xtts" and CPML not in accept:
            raise EngineError(
                f"{folder.name} is an XTTS model: its weights come under the {CPML} (Coqui Public Model License), "
                f'for non-commercial use only. To use it so, add the option "accept": ["{CPML}"]'
            )


def require_consent(clones: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """The files of each voice that may be copied. Raises `EngineError` for one without consent or without audio."""
    copied: dict[str, list[str]] = {}
    for name, clone in clones.items():
        consent = clone.get("consent")
        if not isinstance(consent, str) or len(consent.strip()) < _LEAST_STATEMENT:
            raise EngineError(
                f"the voice of {name!r} is not copied without consent: state in its option "
                '"consent", in a sentence, what the person has agreed to, when and how'
            )
        files = clone.get("wav")
        files = [files] if isinstance(files, str) else files
        if not isinstance(files, list) or not files or not all(isinstance(file, str) for file in files):
            raise EngineError(f'the voice of {name!r} needs the option "wav": a file, or several')
        paths = [Path(file).expanduser() for file in files]
        if missing := [path for path in paths if not path.is_file()]:
            raise EngineError(f"the voice of {name!r}: there is no file {missing[0]}")
        copied[name] = list(map(str, paths))
    return copied
