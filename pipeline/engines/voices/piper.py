"""Voice by Piper, at arm's length: Piper is GPL-3.0 and runs as a program of its own.

Nothing here imports Piper, nor does anything that this imports. Only `voice_programs/piper_program.py` does, under a
Python that has `piper-tts`: that of `.venv-piper` (`scripts/setup-piper`), or ours where the extra `[piper]` is in it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline.engines.voices.external_program import ExternalProgram
from pipeline.engines.voices.python_environment import VOICE_PROGRAMS, interpreter


class Piper(ExternalProgram):
    """A `Synthesizer`. `path` is a folder of voices, or several: each voice is a `*.onnx` with its `*.onnx.json`.

    `command`, or else `python`, is the Python that has `piper-tts`. Without either it is that of `.venv-piper`, or our
    own. `threads` are those of one synthesis. `loaded` is the number of voices that are kept in memory. The rest is as
    in `ExternalProgram`.
    """

    def __init__(
        self,
        path: str | list[str],
        *,
        command: str | None = None,
        python: str | None = None,
        threads: int = 1,
        loaded: int = 8,
        **options: Any,
    ) -> None:
        python = interpreter("piper", "piper-tts", command or python)
        folders = [path] if isinstance(path, str) else path
        super().__init__(
            [
                *(python, str(VOICE_PROGRAMS / "piper_program.py")),
                *(f"--threads={threads}", f"--loaded={loaded}", "--"),
                *(str(Path(folder).expanduser()) for folder in folders),
            ],
            **{"warm": loaded, **options},
        )
