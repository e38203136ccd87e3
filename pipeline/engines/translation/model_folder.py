"""Reader of the configuration and vocabularies that CTranslate2 wrote into a model's folder."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.engines import EngineError

SIDES = ("source", "target")


@dataclass(frozen=True, slots=True)
class ModelFolder:
    """`config` is the library's own; `source` and `target` are all tokens that the model knows."""

    folder: Path
    config: Mapping[str, Any]
    source: frozenset[str]
    target: frozenset[str]

    @property
    def suffix(self) -> tuple[str, ...]:
        """The end of a source that the library leaves to its caller: all of them if `ct2-transformers-converter`
        made the model, none if one of the converters for Marian, OPUS-MT and fairseq did."""
        return () if self.config.get("add_source_eos") else (str(self.config.get("eos_token") or "</s>"),)


def read_model(folder: Path) -> ModelFolder:
    """Read a model's folder. Raises `EngineError` that names a file which is missing or can't be read."""
    if not folder.is_dir():
        raise EngineError(f"{folder} is not a folder")
    if not (folder / "model.bin").is_file():
        raise EngineError(f"{folder} holds no model.bin: it is no model in CTranslate2's format")
    config = read_json(folder / "config.json") if (folder / "config.json").is_file() else {}
    source, target = (_vocabulary(folder, side) for side in SIDES)
    return ModelFolder(folder, config, source, target)


def _vocabulary(folder: Path, side: str) -> frozenset[str]:
    for name in (f"{side}_vocabulary", "shared_vocabulary"):
        if (file := folder / f"{name}.json").is_file():
            return frozenset(map(str, read_json(file, list)))
        if (file := folder / f"{name}.txt").is_file():  # CTranslate2 before 3.0
            return frozenset(file.read_text("utf-8").split("\n"))
    raise EngineError(f"{folder} holds no {side}_vocabulary.json and no shared_vocabulary.json")


def read_json(file: Path, kind: type = dict) -> Any:
    """The file's content, which must be an object (or, with `kind` list, a list)."""
    try:
        content = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise EngineError(f"{file} can't be read: {error}") from None
    if not isinstance(content, kind):
        raise EngineError(f"{file} holds no JSON {'object' if kind is dict else 'list'}")
    return content
