"""`python -m bench.engine_cost.own_process TASK`: measures one engine in a process that has nothing else in it.

The last line of output is JSON: `rows`, each with what was run, `ms` (median), `best`, `cpuMs` (see `Timed`), `runs`
and, where sound or text went through, `rtf`; `modelMb`, by which loading it made the process grow; `peakMb`, by which
it grew in all; `failures`.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from bench.engine_cost.clocks import memory_mb, peak_mb, timed
from bench.engine_cost.plan import SPEECH_S, TEXT, TOKENS, Task
from server.short_windows.padding import MARGIN, SILENT_TAIL

Row = dict[str, Any]
Work = tuple[Row, Callable[[], object], float]
"""A row that names the measurement, the function to run, and the seconds of speech in it (0: none)."""


def ask(task: Task, timeout: float) -> dict[str, Any]:
    """Measure `task` in a process of its own. A failure is a text in `failures` and ends nothing else."""
    try:
        # Here and not there: what making a model leaves in the allocator would hide what loading it takes.
        made = replace(task, folder=str(_made(task)))
    except (OSError, ValueError, MemoryError) as error:
        return {"rows": [], "failures": [f"{task.title}: the model was not made: {error}"]}
    command = [sys.executable, "-m", "bench.engine_cost.own_process", json.dumps(made.plain())]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=True)
        told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no word"])[-1]
        return {"rows": [], "failures": [f"{task.title}: ended with {error.returncode}: {last}"]}
    except (subprocess.TimeoutExpired, ValueError, IndexError) as error:
        return {"rows": [], "failures": [f"{task.title}: {type(error).__name__}: {error}"]}
    return told


def main() -> None:
    task = Task.of(json.loads(sys.argv[1]))
    works = {"stt": _stt, "mt": _mt, "tts": _tts}[task.kind](task)
    rows: list[Row] = []
    failures: list[str] = []
    single: dict[str, float] = {}
    told: Row = next(works)[0]
    for row, work, seconds in works:
        what, batch = str(row["what"]), int(row["batch"])
        if task.kind == "stt" and _too_long(what, batch, single, task.longest_s):
            continue  # the table has a gap there
        try:
            took = timed(work, task.budget_s, task.longest_s)
        except Exception as error:  # noqa: BLE001 - a library may raise what it likes: it is counted
            traceback.print_exc()
            failures.append(f"{task.title}: {what}, batch {batch}: {type(error).__name__}: {error}")
            continue
        single.setdefault(what, took.median / batch)
        times = {"ms": took.median, "best": took.quickest, "cpuMs": took.cpu}
        rows.append(row | {name: round(1000 * value, 2) for name, value in times.items()} | {"runs": took.runs})
        if seconds:
            rows[-1]["rtf"] = round(took.median / seconds, 4)
    print(json.dumps({**told, "rows": rows, "failures": failures, "peakMb": round(peak_mb() - told["before"], 1)}))


def _too_long(what: str, batch: int, single: Mapping[str, float], longest_s: float) -> bool:
    """True if a batch would take too long. So does a padded utterance, nearly all of which is the encoder's 30 s."""
    if what == "engine, padded" and single.get("encoder 30 s", 0.0) > longest_s:
        return True
    return batch > 1 and batch * single.get(what, 0.0) > longest_s


def _loaded(load: Callable[[], Any]) -> tuple[Any, Row]:
    before = memory_mb()
    made = load()
    return made, {"before": before, "modelMb": round(memory_mb() - before, 1)}


def _stt(task: Task) -> Iterator[Work]:
    import ctranslate2

    options: dict[str, Any] = {"device": task.device, "compute_type": task.compute}
    model, told = _loaded(
        lambda: ctranslate2.models.Whisper(task.folder, intra_threads=task.threads, inter_threads=1, **options)
    )
    yield told, bool, 0.0
    yield from _parts(task, model)
    del model
    from pipeline.engine_contract.transcriber import babble
    from pipeline.engines.whisper.transcriber import Whisper
    from pipeline.speech import Transcribe

    job = Transcribe(babble(3.0, 1), "en")
    engine = Whisper.of(task.folder, threads=task.threads, margin=MARGIN, silent_tail=SILENT_TAIL, **options)
    for batch in task.batches:
        yield {"what": "engine, short", "batch": batch}, partial(engine.transcribe, [job] * batch), 3.0 * batch
    if 30 in task.windows:
        engine = Whisper.of(task.folder, threads=task.threads, margin=None, **options)
        for batch in (1, 8):
            yield {"what": "engine, padded", "batch": batch}, partial(engine.transcribe, [job] * batch), 3.0 * batch


def _parts(task: Task, model: Any) -> Iterator[Work]:
    """Yield the measurements of the model's encoder and decoder, each alone."""
    import ctranslate2
    import numpy as np

    from bench import weights

    size = weights.WHISPER[task.name]
    prompt = weights.prompt(size, "en")
    mels = np.random.default_rng(3).standard_normal((max(task.batches), size.mels, 3000), np.float32)

    def encode(features: Any) -> object:
        return np.asarray(model.encode(features, to_cpu=True))  # which waits until it is done, on a GPU too

    def decode(encoded: Any, batch: int) -> object:
        return model.generate(
            encoded,
            [prompt] * batch,
            beam_size=1,
            max_length=len(prompt) + TOKENS,
            suppress_tokens=[size.text],
            suppress_blank=False,
        )

    def features(window: int, batch: int) -> Any:
        return ctranslate2.StorageView.from_array(np.ascontiguousarray(mels[:batch, :, : window * 100]))

    for window in task.windows:
        for batch in task.batches:
            given = features(window, batch)
            yield {"what": f"encoder {window} s", "batch": batch}, partial(encode, given), window * batch
    for batch in task.batches:
        # It sees 1500 positions in both ways, padded or with a silent tail.
        heard = np.asarray(model.encode(features(min(task.windows), batch), to_cpu=True)).astype(np.float32)
        tail = np.zeros((batch, SILENT_TAIL // 2 - heard.shape[1], heard.shape[2]), np.float32)
        encoded = ctranslate2.StorageView.from_array(np.concatenate([heard, tail], axis=1))
        yield {"what": f"decoder {TOKENS} tokens", "batch": batch}, partial(decode, encoded, batch), 0.0


def _mt(task: Task) -> Iterator[Work]:
    from pipeline.engines.translation.ctranslate import CTranslate
    from pipeline.speech import Translate

    engine, told = _loaded(
        lambda: CTranslate(task.folder, device=task.device, compute_type=task.compute, threads=task.threads)
    )
    yield told, bool, 0.0
    source, target = ("en", "es") if ("en", "es") in engine.pairs else min(engine.pairs)
    numbers = itertools.count()  # other texts of the same length each time: an engine may remember what it was asked

    def translate(batch: int) -> object:
        texts = [f"{TEXT[:-1]} {next(numbers) % 10_000:04}." for _ in range(batch)]
        return engine.translate([Translate(text, source, target) for text in texts])

    for batch in task.batches:
        yield {"what": "engine, 12 words", "batch": batch}, partial(translate, batch), SPEECH_S * batch


def _tts(task: Task) -> Iterator[Work]:
    from pipeline.engines import registry
    from pipeline.speech import Synthesize

    engine: Any
    options = {"path": task.folder} if task.path else {}
    engine, told = _loaded(lambda: registry.make(registry.EngineSpec("tts", task.name, options)))
    yield told, bool, 0.0
    numbers = itertools.count()

    def speak(batch: int) -> Any:
        return engine.synthesize([Synthesize(f"{TEXT[:-1]} {next(numbers) % 10}.", "en") for _ in range(batch)])

    seconds = speak(1)[0].duration_ms / 1000
    for batch in task.batches:
        yield {"what": "engine, 12 words", "batch": batch}, partial(speak, batch), seconds * batch


def _made(task: Task) -> Path:
    """Return the model's folder: real weights as they are, or random ones, made if they aren't there."""
    if task.path or task.kind == "tts":
        return Path(task.path)
    from bench import weights

    folder = Path(task.folder)
    if task.kind == "stt":
        return weights.whisper(task.name, folder, says=TOKENS)
    if task.name == "opus":
        return weights.opus(folder, says=TOKENS)
    return {"m2m100": weights.m2m100, "nllb": weights.nllb}[task.name](folder, says=TOKENS)


if __name__ == "__main__":
    main()
