"""Converts PyTorch weights into CTranslate2's int8 format: `python -m models.convert SOURCE TARGET [FILE…]`.

A process of its own, because torch and transformers are large, may be another environment's, and must be
interruptible. The extra `[convert]` brings both; another machine that has them does as well, since what it makes is
a folder to copy.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from models import ModelError, Trouble
from models.program import complaint_of, last_line

_ROOT = str(Path(__file__).resolve().parent.parent)
_LIBRARIES = ("torch", "transformers")


def require(model: str) -> None:
    """Raises ModelError `needs_extra` where we could not convert: nobody should download for nothing."""
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise ModelError(
            Trouble.NEEDS_EXTRA,
            f"{model} comes as PyTorch weights and has to be converted, for which {' and '.join(missing)} "
            f"are missing: pip install 'dragoman[convert]', or pull it on a machine that has them and bring its models "
            f"folder: dragoman models pull {model} --from FOLDER",
        )


async def convert(source: Path, target: Path, copied: Sequence[str]) -> None:
    """Makes `target` a model that CTranslate2 loads, with the `copied` files of `source` beside it. Raises ModelError
    `not_converted`. Cancelled, it leaves no process."""
    arguments = ("-P", "-m", "models.convert", str(source), str(target), *copied)
    complaint = await complaint_of(arguments, environment=_environment())
    if complaint is not None:
        last = last_line(complaint, "it said nothing")
        raise ModelError(Trouble.NOT_CONVERTED, f"{source.parent.name} could not be converted: {last}")


def _environment() -> dict[str, str]:
    path = os.pathsep.join(filter(None, (_ROOT, os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_VERBOSITY": "error"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Convert a model, in a process of its own; return its exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.convert", description=__doc__)
    parser.add_argument("source", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("copied", nargs="*")
    options = parser.parse_args(arguments)
    from ctranslate2.converters import TransformersConverter

    converter = TransformersConverter(str(options.source), copy_files=options.copied)
    converter.convert(str(options.target), quantization="int8", force=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
