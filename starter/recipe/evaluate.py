"""Evaluates the bundled models: `python -m starter.recipe.evaluate [--quick]`.

Through the engines that Dragoman runs, as shipped, with nothing of the training installed. Writes
`starter/results.json`; the exit status tells whether every target was met. Needs espeak-ng.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import starter
from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.engines.whisper.transcriber import Whisper
from starter.recipe import trials
from starter.recipe.domain import Pair, words
from starter.recipe.progress import Progress
from starter.recipe.scoring import Result, interpreted_right, listen, share, translated, word_error_rate
from starter.recipe.trials import Trial
from starter.recipe.voices import HELD_OUT, STOCK, Speaker
from testing import disturbances

HERE = Path(starter.__file__).parent
NOISE_S = 4.0


@dataclass(frozen=True)
class Target:
    """`name` is a key of the results; `most` or `least` what it may be."""

    name: str
    most: float | None = None
    least: float | None = None

    def met(self, found: float) -> bool:
        return (self.most is None or found <= self.most) and (self.least is None or found >= self.least)


TARGETS = [
    Target("WER: held-out sentences", most=0.015),
    Target("WER: held-out voices", most=0.04),
    Target("WER: turns of three sentences", most=0.04),
    Target("WER: a pause inside", most=0.04),
    Target("WER: Opus 24 kb/s, 2 % lost", most=0.05),
    Target("WER: white noise, 10 dB", most=0.06),
    Target("WER: 1 s of silence before", most=0.04),
    Target("translation exact: en-es", least=0.985),
    Target("translation exact: es-en", least=0.985),
    Target("translation exact: en-es, plain", least=0.985),
    Target("translation exact: es-en, plain", least=0.985),
    Target("audio to translation exact: held-out sentences", least=0.95),
    Target("audio to translation exact: held-out voices", least=0.90),
    Target("refused: other speech", least=0.90),
    Target("refused: noises", least=0.90),
    Target("refused, of those that are right", most=0.04),
    Target("size, MB", most=8.0),
    Target("load, s", most=0.5),
]


def recorded(count: int) -> dict[str, list[Trial]]:
    """Return the tests' recordings, by the name of their word error rate."""
    speaker = Speaker()
    plain = trials.sentences(speaker, "test sentences", count, STOCK, held_out=True)
    return {
        "held-out sentences": plain,
        "held-out voices": trials.sentences(speaker, "test voices", count, list(HELD_OUT), held_out=True),
        "turns of three sentences": trials.turns(speaker, "test turns", count // 2, STOCK),
        "a pause inside": trials.hesitations(speaker, "test pauses", count, list(HELD_OUT), held_out=True),
        "Opus 24 kb/s, 2 % lost": trials.through(plain, trials.lossy),
        "white noise, 10 dB": trials.through(plain, trials.noisy),
        "1 s of silence before": trials.through(plain, trials.late),
        "other speech": trials.strangers(speaker, [*STOCK, *HELD_OUT]),
        "noises": noises(),
    }


def noises() -> list[Trial]:
    """Return each sound of the server's own test of disturbances four times, in turns for both languages."""
    made = []
    for number, make in enumerate(disturbances.ALL.values()):
        for seed in range(4):
            audio = make(np.random.default_rng([number, seed]), NOISE_S) / np.float32(32768)
            made.append(Trial(audio.astype(np.float32), ("en", "es")[seed % 2]))
    return made


def translations(translator: CTranslate, pairs: Sequence[Pair]) -> dict[str, float]:
    found = {}
    for source, target in (("en", "es"), ("es", "en")):
        texts, wanted = [getattr(pair, source) for pair in pairs], [getattr(pair, target) for pair in pairs]
        name = f"translation exact: {source}-{target}"
        for suffix, asked in (("", texts), (", plain", [" ".join(words(text)) for text in texts])):
            translations = translated(translator, asked, source, target)
            found[name + suffix] = share([one == right for one, right in zip(translations, wanted, strict=True)])
    return found


def load_seconds() -> float:
    """Return the seconds to load both engines from disk, the median of five. The process has the libraries already."""
    taken = []
    for _ in range(5):
        began = time.perf_counter()
        _engines()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


def _engines() -> tuple[Whisper, CTranslate]:
    return Whisper.of(**{"path": str(starter.STT), **starter.STT_OPTIONS}), CTranslate(str(starter.MT))


def megabytes() -> float:
    return sum(file.stat().st_size for folder in (starter.STT, starter.MT) for file in folder.iterdir()) / 1e6


def digests() -> dict[str, str]:
    """Return the first digits of the SHA-256 of each model's weights."""
    files = {"stt": starter.STT / "model.bin", "mt": starter.MT / "model.bin"}
    return {name: hashlib.sha256(file.read_bytes()).hexdigest()[:16] for name, file in files.items()}


def measure(count: int) -> dict[str, float]:
    whisper, translator = _engines()
    recordings = recorded(count)
    bar = Progress("listening", sum(map(len, recordings.values())))
    results: dict[str, list[Result]] = {}
    for name, them in recordings.items():
        before = sum(map(len, results.values()))
        results[name] = listen(whisper, them, lambda done, before=before: bar.show(before + done))  # type: ignore[misc]
    found = {f"WER: {name}": word_error_rate(them) for name, them in results.items() if them[0].trial.said}
    found |= translations(translator, trials.combinations("test combinations", 2 * count))
    for name in ("held-out sentences", "held-out voices", "a pause inside"):
        found[f"recognised exactly: {name}"] = share([one.right for one in results[name]])
        found[f"audio to translation exact: {name}"] = interpreted_right(translator, results[name])
    for name in ("other speech", "noises"):
        found[f"refused: {name}"] = share([one.refused for one in results[name]])
    clean = [*results["held-out sentences"], *results["held-out voices"], *results["a pause inside"]]
    found["refused, of those that are right"] = share([one.refused for one in clean if one.right])
    found["refused, of those that are wrong"] = share([one.refused for one in clean if not one.right])
    found["size, MB"] = megabytes()
    found["load, s"] = load_seconds()
    return {name: round(value, 4) for name, value in found.items()}


def versions() -> dict[str, Any]:
    said = subprocess.run(["espeak-ng", "--version"], capture_output=True, text=True, check=True).stdout
    libraries = ("ctranslate2", "faster-whisper", "sentencepiece", "tokenizers", "numpy", "av")
    return {"python": platform.python_version(), "espeak-ng": said.split()[3]} | {
        name: version(name) for name in libraries
    }


def main(say: Callable[[str], None] = print) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=400, help="sentences of each kind")
    parser.add_argument("--quick", action="store_true", help="60 of each, and nothing is written")
    chosen = parser.parse_args()
    count = 60 if chosen.quick else chosen.count
    found = measure(count)
    met = {target.name: target.met(found[target.name]) for target in TARGETS}
    for target in TARGETS:
        bound = f"<= {target.most}" if target.most is not None else f">= {target.least}"
        say(f"{'met   ' if met[target.name] else 'MISSED'}  {target.name:50} {found[target.name]:8.4f}  {bound}")
    for name in found:
        if name not in met:
            say(f"        {name:50} {found[name]:8.4f}")
    if not chosen.quick:
        written = {
            "sentences of each kind": count,
            "seeds": "the names of the sets, see evaluate.py",
            "models": digests(),
            "options": starter.STT_OPTIONS,
            "versions": versions(),
            "found": found,
            "missed": [name for name, well in met.items() if not well],
        }
        (HERE / "results.json").write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return 0 if all(met.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
