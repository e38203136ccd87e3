"""Which Python has a library that we don't import ourselves, because of its licence or its weight."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from pipeline.engines import EngineError

ROOT = Path(__file__).resolve().parents[3]
SPEAKERS = ROOT / "speakers"
"""The programs that are run by such a Python."""


def interpreter(name: str, package: str, command: str | None = None) -> str:
    """The Python to run a speaker of this `name` with: `command`, or what `DRAGOMAN_<NAME>` says, or that of
    `.venv-<name>` beside Dragoman, or our own if it has the module. Raises `EngineError` with the ways out."""
    variable = f"DRAGOMAN_{name.upper()}"
    for told, source in ((command, f"the option command of {name}"), (os.environ.get(variable), variable)):
        if told:
            found = shutil.which(Path(told).expanduser())
            if found is None:
                raise EngineError(f"{source} names {told!r}, which is no program here")
            return str(found)
    beside = ROOT / f".venv-{name}" / "bin" / "python"
    if beside.is_file():
        return str(beside)
    module = {"coqui": "TTS"}.get(name, name)
    if importlib.util.find_spec(module) is not None:
        return sys.executable
    raise EngineError(
        f"no Python with {package} is here: run scripts/setup-{name}, install the extra [{name}], "
        f"or name a Python that has it in {variable}"
    )
