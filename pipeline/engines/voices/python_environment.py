"""Choice of the Python that has a library which we don't import ourselves, for its licence or its weight."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path

from pipeline.engines import EngineError

ROOT = Path(__file__).resolve().parents[3]
VOICE_PROGRAMS = ROOT / "voice_programs"
"""The programs that are run by such a Python."""


def interpreter(name: str, package: str, python: str | None = None) -> str:
    """Return the Python to run the speaker of this `name` with.

    It is `python` (the server's setting `DRAGOMAN_<NAME>`) if that is given, that of `.venv-<name>` beside Dragoman, or
    our own if it has the module. Raises `EngineError` with the ways out.
    """
    variable = f"DRAGOMAN_{name.upper()}"
    if python:
        found = shutil.which(Path(python).expanduser())
        if found is None:
            raise EngineError(f"the option python of {name} (or {variable}) names {python!r}, which is no program here")
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
