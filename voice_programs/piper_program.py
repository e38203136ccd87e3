"""Piper voices behind the line protocol (docs/voices.md):  PYTHON piper_program.py [options] FOLDER...

Piper is GPL-3.0 and Dragoman is not: this small program is the only one that imports it, is never imported by the rest,
and runs under a Python that has `piper-tts`. It knows nothing of Dragoman.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib.metadata
import json
import re
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from text_protocol import Asked, Speaker, Voice, serve

_MOST_SPEAKERS = 32  # of one voice that are offered by name; some have nine hundred
_LONG_S = 10.0  # of one text's sound: the C library keeps what it took beyond this, unless it is told to trim
_LICENCE = re.compile(r"^\W*licen[cs]e\W*:\s*(.+)$", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True)
class Model:
    """A voice's files, and the number of the speaker in it where it has several."""

    path: Path
    speaker: int | None = None


def models(folders: list[Path]) -> dict[str, tuple[Voice, Model]]:
    """Every `*.onnx` with its `*.onnx.json` in the folders and those in them, by the id of the voice."""
    found: dict[str, tuple[Voice, Model]] = {}
    for path in sorted({path for folder in folders for path in folder.rglob("*.onnx")}):
        config = Path(f"{path}.json")
        if not config.is_file():
            raise RuntimeError(f"{path.name} has no {config.name} beside it; it comes with the voice")
        config_json = json.loads(config.read_text("utf-8"))
        language, name = _language(path, config_json), _name(path)
        licence = _licence(path, config_json)
        if int(config_json.get("num_speakers", 1)) < 2:
            found[path.stem] = Voice(path.stem, language, name, licence), Model(path)
            continue
        named = config_json.get("speaker_id_map") or {
            str(number): number for number in range(config_json["num_speakers"])
        }
        for speaker, number in list(named.items())[:_MOST_SPEAKERS]:
            id = f"{path.stem}#{speaker}"
            found[id] = Voice(id, language, f"{name}, {speaker}", licence), Model(path, number)
    return found


def _language(path: Path, config_json: dict[str, Any]) -> str:
    """The BCP-47 tag: by the configuration, by the file's name (`es_MX-…`), or by the phonemizer's voice."""
    code = config_json.get("language", {}).get("code") or config_json.get("espeak", {}).get("voice")
    named = re.match(r"([a-z]{2,3})(_[A-Z]{2})?-", path.name)
    tag = str(named.group(0)[:-1] if named and not config_json.get("language") else code)
    language, _, region = tag.replace("_", "-").partition("-")
    language = "zh" if language == "cmn" else language
    return f"{language}-{region.upper() if len(region) == 2 else region}" if region else language


def _name(path: Path) -> str:
    """`en_US-lessac-medium` is called "lessac (medium)"."""
    _, *rest = path.stem.split("-")
    return f"{'-'.join(rest[:-1])} ({rest[-1]})" if len(rest) > 1 else path.stem


def _licence(path: Path, config_json: dict[str, Any]) -> str:
    """Return the licence by the voice's own papers. Each voice has its own: Piper's licence is not theirs."""
    if config_json.get("licence") or config_json.get("license"):
        return str(config_json.get("licence") or config_json["license"])
    alone = len(list(path.parent.glob("*.onnx"))) == 1
    cards = [path.with_suffix(".MODEL_CARD"), Path(f"{path}.MODEL_CARD"), *([path.parent / "MODEL_CARD"] * alone)]
    for card in cards:
        if card.is_file() and (stated := _LICENCE.search(card.read_text("utf-8", "replace"))):
            return stated[1].strip()[:200]
    return "not stated; see the voice's model card"


class Loaded:
    """The voices in memory, those used last: a medium one takes about 100 MB."""

    def __init__(self, most: int, threads: int) -> None:
        self._most = most
        self._threads = threads
        self._voices: OrderedDict[Path, Any] = OrderedDict()

    def get(self, path: Path) -> Any:
        if path not in self._voices:
            self._voices[path] = self._load(path)
            if len(self._voices) > self._most:
                self._voices.popitem(last=False)
        self._voices.move_to_end(path)
        return self._voices[path]

    def _load(self, path: Path) -> Any:
        # Not PiperVoice.load: it leaves onnxruntime as many threads as there are cores, and audio comes first.
        import onnxruntime
        from piper import PiperVoice
        from piper.config import PiperConfig

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = self._threads
        options.inter_op_num_threads = 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        # Both keep, for ever, what the longest text so far took.
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False
        session = onnxruntime.InferenceSession(str(path), sess_options=options, providers=["CPUExecutionProvider"])
        config = PiperConfig.from_dict(json.loads(Path(f"{path}.json").read_text("utf-8")))
        return PiperVoice(session=session, config=config, download_dir=path.parent)


def _trim() -> Callable[[int], int]:
    """Return glibc's `malloc_trim`; nothing like it in other C libraries, and nothing is done there."""
    try:
        trim: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return lambda pad: 0
    return trim


def load(folders: list[Path], most: int, threads: int) -> Speaker:
    from piper.config import SynthesisConfig

    for folder in folders:
        if not folder.is_dir():
            raise RuntimeError(f"there is no folder {folder}")
    known, loaded, trim = models(folders), Loaded(most, threads), _trim()
    if not known:
        raise RuntimeError(f"no voice (*.onnx with *.onnx.json) in {', '.join(map(str, folders))}")

    def say(asked: Asked) -> Iterator[tuple[int, bytes]]:
        model = known[asked.voice][1]
        voice = loaded.get(model.path)
        # Not normalized sentence by sentence: how loud they are beside each other is part of how they are said.
        config = SynthesisConfig(
            speaker_id=model.speaker, length_scale=voice.config.length_scale / asked.tempo, normalize_audio=False
        )
        seconds = 0.0
        for chunk in voice.synthesize(asked.text, config):
            sound = chunk.audio_int16_bytes
            seconds += len(sound) / 2 / chunk.sample_rate
            yield chunk.sample_rate, sound
        if seconds > _LONG_S:
            trim(0)

    program = f"piper-tts {importlib.metadata.version('piper-tts')}"
    return Speaker(program, [voice for voice, _ in known.values()], say)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--loaded", type=int, default=8, help="voices that are kept in memory")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    serve(lambda: load(given.folders, given.loaded, given.threads))


if __name__ == "__main__":
    main()
