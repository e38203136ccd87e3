"""Coqui models behind the line protocol (docs/voices.md):  PYTHON coqui_program.py [options] FOLDER...

Runs under a Python that has `coqui-tts`, torch and torchaudio (`scripts/setup-coqui`). It knows nothing of Dragoman.
The program that starts it has decided which models may be loaded and whose voice may be copied.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from text_protocol import Asked, Speaker, Voice, serve

_MOST_SPEAKERS = 32  # of one model that are offered by name
_CHECKPOINTS = ("model.pth", "model_file.pth", "best_model.pth", "*.pth")
_NOT_CHECKPOINTS = {"speakers_xtts.pth", "mel_stats.pth", "dvae.pth", "speakers.pth", "language_ids.pth"}
_CPML = "CPML (non-commercial)"


@dataclass(frozen=True)
class Choice:
    """Arguments by which a model speaks with one voice."""

    model: Any
    speaker: str | None = None
    language: str | None = None
    clone: list[str] = field(default_factory=list)


def load(folders: list[Path], clones: dict[str, list[str]], threads: int) -> Speaker:
    for folder in folders:
        if not _is_xtts(folder):
            _checkpoint(folder)  # before the seconds that the imports take
    import numpy as np
    import torch

    torch.set_num_threads(threads)
    known: dict[str, tuple[Voice, Choice]] = {}
    for folder in folders:
        known.update(_voices(folder, _model(folder), clones))

    def say(asked: Asked) -> Iterator[tuple[int, bytes]]:
        choice = known[asked.voice][1]
        wave = np.asarray(_spoken(choice, asked), np.float32)
        pcm = (np.clip(np.nan_to_num(wave), -1, 1) * 32767).astype("<i2").tobytes()
        yield int(choice.model.output_sample_rate), pcm

    program = f"coqui-tts {importlib.metadata.version('coqui-tts')}"
    return Speaker(program, [voice for voice, _ in known.values()], say)


def _model(folder: Path) -> Any:
    from TTS.utils.synthesizer import Synthesizer

    if _is_xtts(folder):
        return Synthesizer(tts_checkpoint=str(folder), tts_config_path=str(folder / "config.json"))
    return Synthesizer(tts_checkpoint=str(_checkpoint(folder)), tts_config_path=str(folder / "config.json"))


def _checkpoint(folder: Path) -> Path:
    for pattern in _CHECKPOINTS:
        for path in sorted(folder.glob(pattern)):
            if path.name not in _NOT_CHECKPOINTS:
                return path
    raise RuntimeError(f"{folder.name} has a config.json, but no checkpoint (model.pth)")


def _is_xtts(folder: Path) -> bool:
    return str(json.loads((folder / "config.json").read_text("utf-8"))["model"]).lower() == "xtts"


def _voices(folder: Path, model: Any, clones: dict[str, list[str]]) -> dict[str, tuple[Voice, Choice]]:
    """Return the voices of a model by their id: one for each language and speaker that it knows.

    A file `voice.json` beside the configuration may give `language`, `name` and `licence`.
    """
    path = folder / "voice.json"
    card = json.loads(path.read_text("utf-8")) if path.is_file() else {}
    xtts = _is_xtts(folder)
    licence = str(card.get("licence") or (_CPML if xtts else "not stated; see the model's card"))
    name = str(card.get("name") or folder.name)
    speakers: list[tuple[str | None, list[str]]] = [(one, []) for one in _speakers(model)[:_MOST_SPEAKERS]]
    if xtts:
        speakers = [(one, files) for one, files in clones.items()] + speakers
    found: dict[str, tuple[Voice, Choice]] = {}
    for language in _languages(model):
        for speaker, clone in speakers or [(None, [])]:
            id = folder.name + (f"#{speaker}" if speaker else "") + (f"@{language}" if language else "")
            tag = _tag(str(language or card.get("language") or _phonemes(model, folder)))
            choice = Choice(model, None if clone else speaker, language, clone)
            found[id] = Voice(id, tag, f"{name}, {speaker}" if speaker else name, licence), choice
    return found


def _speakers(model: Any) -> list[str]:
    manager = getattr(model.tts_model, "speaker_manager", None)
    return list(manager.name_to_id) if manager is not None and getattr(manager, "name_to_id", None) else []


def _languages(model: Any) -> list[str | None]:
    """Return the languages among which the model needs a choice; [None] for a model of a single language.

    The library takes an unknown single language for English.
    """
    manager = getattr(model.tts_model, "language_manager", None)
    named: list[str | None] = list(getattr(manager, "name_to_id", None) or [])
    return named if len(named) > 1 else [None]


def _phonemes(model: Any, folder: Path) -> str:
    for language in (getattr(model.tts_config, "phoneme_language", None), *_of_datasets(model)):
        if language:
            return str(language)
    raise RuntimeError(
        f"{folder.name} does not tell which language it speaks: put a voice.json beside its "
        'config.json, such as {"language": "en", "name": "…", "licence": "…"}'
    )


def _of_datasets(model: Any) -> list[str]:
    return [one["language"] for one in getattr(model.tts_config, "datasets", None) or [] if one.get("language")]


def _tag(code: str) -> str:
    """Return the BCP-47 tag of `code`: `en-us` gives `en-US`, and espeak-ng's `cmn` gives `zh`."""
    language, _, region = code.replace("_", "-").partition("-")
    language = "zh" if language == "cmn" else language
    return f"{language}-{region.upper() if len(region) == 2 else region}" if region else language


def _spoken(choice: Choice, asked: Asked) -> Any:
    model = choice.model
    given: dict[str, Any] = {}
    if hasattr(model.tts_model, "length_scale"):  # VITS: how long each sound lasts
        model.tts_model.length_scale = float(model.tts_model.args.length_scale) / asked.tempo
    else:
        given["speed"] = asked.tempo
    # One sentence: the text is a clause already, and the library's own splitter adds half a second after each.
    return model.tts(
        asked.text,
        speaker_name=choice.speaker,
        language_name=choice.language,
        speaker_wav=choice.clone or None,
        split_sentences=False,
        **given,
    )


def _clone(text: str) -> tuple[str, list[str]]:
    clone = json.loads(text)
    return str(clone["name"]), list(clone["wav"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--clone", action="append", type=_clone, default=[], help='{"name": …, "wav": [file, …]}')
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    serve(lambda: load(given.folders, dict(given.clone), given.threads))


if __name__ == "__main__":
    main()
