"""`python -m bench.costing.own_process TASK`: measures one engine in a process that has nothing else in it.

The last line of output is JSON: `rows`, each with what was run, `ms` (median), `runs` and, where sound or text went
through, `rtf`; `modelMb`, by which loading it made the process grow; `peakMb`, by which it grew in all; `failures`.
"""

from __future__ import annotations

import json
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from bench.costing.clocks import memory_mb, peak_mb, timed
from bench.costing.plan import SPEECH_S, TEXT, TOKENS, Task

Row = dict[str, Any]
Work = tuple[Row, Callable[[], object], float]
"""What is measured, how it is run, and the seconds of speech in it, 0 for none."""


def ask(task: Task, timeout: float) -> dict[str, Any]:
    """Measure it. What goes wrong is in `failures`, and no more than that."""
    command = [sys.executable, "-m", "bench.costing.own_process", json.dumps(task.plain())]
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
        if batch * single.get(what, 0.0) > task.longest_s and batch > 1:
            continue  # it would take too long: the table has a gap there
        try:
            took = timed(work, task.budget_s)
        except Exception as error:  # noqa: BLE001 - a library may raise what it likes: it is counted
            traceback.print_exc()
            failures.append(f"{task.title}: {what}, batch {batch}: {type(error).__name__}: {error}")
            continue
        single.setdefault(what, took.median / batch)
        rows.append(row | {"ms": round(took.median * 1000, 2), "runs": took.runs})
        if seconds:
            rows[-1]["rtf"] = round(took.median / seconds, 4)
    print(json.dumps({**told, "rows": rows, "failures": failures, "peakMb": round(peak_mb() - told["before"], 1)}))


def _loaded(load: Callable[[], Any]) -> tuple[Any, Row]:
    before = memory_mb()
    made = load()
    return made, {"before": before, "modelMb": round(memory_mb() - before, 1)}


def _stt(task: Task) -> Iterator[Work]:
    import ctranslate2
    import numpy as np

    from bench import weights
    from pipeline.contract.transcriber import babble
    from pipeline.engines.whisper import Whisper
    from pipeline.speech import Hearing

    size = weights.WHISPER[task.name]
    path = task.path or str(weights.whisper(task.name, _folder(task), says=TOKENS))
    options: dict[str, Any] = {"device": task.device, "compute_type": task.compute}
    model, told = _loaded(
        lambda: ctranslate2.models.Whisper(path, intra_threads=task.threads, inter_threads=1, **options)
    )
    yield told, bool, 0.0
    prompt = weights.prompt(size, "en")
    mels = np.random.default_rng(3).standard_normal((max(task.batches), size.mels, 3000), np.float32)

    def features(window: int, batch: int) -> Any:
        return ctranslate2.StorageView.from_array(np.ascontiguousarray(mels[:batch, :, : window * 100]))

    def decode(encoded: Any, batch: int) -> object:
        return model.generate(
            encoded, [prompt] * batch, beam_size=1, max_length=len(prompt) + TOKENS, suppress_tokens=[size.text],
            suppress_blank=False,
        )  # fmt: skip

    for window in task.windows:
        for batch in task.batches:
            given = features(window, batch)
            yield (
                {"what": f"encoder {window} s", "batch": batch},
                lambda given=given: np.asarray(model.encode(given, to_cpu=True)),  # type: ignore[misc]
                window * batch,
            )
    encoded = None
    for batch in task.batches:
        encoded = model.encode(features(5, batch))
        yield (
            {"what": f"decoder {TOKENS} tokens", "batch": batch},
            lambda encoded=encoded, batch=batch: decode(encoded, batch),  # type: ignore[misc]
            0.0,
        )
    del model, encoded
    for what, margin in (("engine, trimmed", 30), ("engine, padded", None)):
        if margin is None and 30 not in task.windows:
            continue
        engine = Whisper(path, threads=task.threads, margin=margin, **options)
        job = Hearing(babble(3.0, 1), "en")
        for batch in task.batches:
            yield (
                {"what": what, "batch": batch},
                lambda engine=engine, batch=batch: engine.transcribe([job] * batch),  # type: ignore[misc]
                3.0 * batch,
            )


def _mt(task: Task) -> Iterator[Work]:
    from bench import weights
    from pipeline.engines.ctranslate import CTranslate
    from pipeline.speech import Phrase

    make = {"opus": weights.opus, "m2m100": weights.m2m100, "nllb": weights.nllb}[task.name]
    path = task.path or str(make(_folder(task), says=TOKENS))
    engine, told = _loaded(
        lambda: CTranslate(path, device=task.device, compute_type=task.compute, threads=task.threads)
    )
    yield told, bool, 0.0
    # Different texts of the same length: a translator may know what it has translated before.
    numbers = iter(range(10**9))
    for batch in task.batches:
        yield (
            {"what": "engine, 12 words", "batch": batch},
            lambda batch=batch: engine.translate(  # type: ignore[misc]
                [Phrase(f"{TEXT[:-1]} {next(numbers) % 10_000:04}.", "en", "es") for _ in range(batch)]
            ),
            SPEECH_S * batch,
        )


def _tts(task: Task) -> Iterator[Work]:
    from pipeline import registry
    from pipeline.speech import Line

    options = {"path": task.path, "threads": task.threads} if task.path else {}
    engine: Any
    engine, told = _loaded(lambda: registry.make(registry.EngineSpec("tts", task.name, options)))
    yield told, bool, 0.0
    numbers = iter(range(10**9))

    def lines(batch: int) -> list[Line]:
        return [Line(f"{TEXT[:-1]} {next(numbers) % 10}.", "en") for _ in range(batch)]

    seconds = engine.synthesize(lines(1))[0].duration_ms / 1000
    for batch in task.batches:
        yield (
            {"what": "engine, 12 words", "batch": batch},
            lambda batch=batch: engine.synthesize(lines(batch)),  # type: ignore[misc]
            seconds * batch,
        )


def _folder(task: Task) -> Any:
    from pathlib import Path

    return Path(task.folder)


if __name__ == "__main__":
    main()
