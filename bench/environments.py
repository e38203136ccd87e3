"""Each server's own Python environment under `build/bench/`, installed once, every direct version pinned."""

from __future__ import annotations

import subprocess
import sys
import venv
from pathlib import Path

FOLDER = Path("build/bench")
REQUIREMENTS = {
    "aiortc": ("aiortc==1.16.0", "aiohttp==3.14.5"),
    "fastrtc": ("fastrtc==0.0.34", "aiortc==1.16.0", "huggingface-hub==0.36.0"),
    "pipecat": ("pipecat-ai[webrtc]==1.14.0", "aiortc==1.16.0", "aiohttp==3.14.5"),
    "tools": ("matplotlib==3.11.2", "py-spy==0.4.3"),
}


def python_of(name: str) -> Path:
    """Return the path of an environment's Python interpreter."""
    return FOLDER / name / "bin" / "python"


def install(names: list[str]) -> None:
    """Make the environments that aren't there in just these versions. Raises CalledProcessError."""
    for name in names:
        wanted = "\n".join(REQUIREMENTS[name])
        note = FOLDER / name / "installed.txt"
        if note.is_file() and note.read_text(encoding="utf-8") == wanted:
            continue
        print(f"install  {', '.join(REQUIREMENTS[name])} into {FOLDER / name}", file=sys.stderr, flush=True)
        venv.create(FOLDER / name, with_pip=True, clear=True, symlinks=True)
        command = [str(python_of(name)), "-m", "pip", "install", "--quiet", *REQUIREMENTS[name]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=1800)
        if done.returncode:
            print(done.stderr, file=sys.stderr)
            done.check_returncode()
        note.write_text(wanted, encoding="utf-8")


def versions(name: str, packages: list[str]) -> dict[str, str]:
    """Return the installed versions of these packages in an environment."""
    script = "import importlib.metadata as m, sys; print(*(m.version(p) for p in sys.argv[1:]))"
    done = subprocess.run(
        [str(python_of(name)), "-c", script, *packages], check=True, capture_output=True, text=True, timeout=60
    )
    return dict(zip(packages, done.stdout.split(), strict=True))
