"""`python -m bench.engine_cost`: what each engine and size costs, in time and in memory, and how many calls that is.

Whisper, OPUS-MT, M2M100 and NLLB by our own classes and by their parts, batches of 1 to 16, one thread and two; with
random weights of true size unless `--model KIND:NAME=FOLDER` names real ones (`stt:small=/models/small`,
`mt:opus=…`, `tts:piper=…`). On a GPU as well, where there is one. Each is measured in a process of its own; a
measurement that fails is counted, and fails the bench.

Writes `bench/results/engines.json` and `.md`; the last line of output is one JSON object, the exit status says whether
batches gain what they must. `--quick`: two sizes, two minutes, results under `build/bench/`. Sixteen minutes else, on
a quiet machine; the models that it makes stay in `build/bench/models` (6 GB) for the next time, unless `--no-keep`.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import os
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.engine_cost import own_process, plan
from bench.engine_cost.capacity import capacity
from bench.engine_cost.table import markdown
from bench.engine_cost.targets import batches
from bench.report.machine import Watch
from bench.report.publishing import RESULTS, publish

FOLDER = Path("build/bench/models")
QUICK = Path("build/bench/engines")
LONGEST_S = 900.0  # for one engine


def main(arguments: Sequence[str] | None = None) -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="two sizes; the results in the repository stay")
    options.add_argument("--model", action="append", default=[], type=_real, metavar="KIND:NAME=FOLDER")
    options.add_argument("--no-keep", action="store_true", help="remove each model once it is measured")
    options.add_argument("--only", default="", help="only models named so; the results in the repository stay")
    options.add_argument("--out", type=Path, help="the folder of the results")
    given = options.parse_args(arguments)
    began, rows, models, failures = time.monotonic(), list[dict[str, Any]](), list[dict[str, Any]](), list[str]()
    with Watch() as watch:
        every = plan.tasks(FOLDER.resolve(), dict(given.model), quick=given.quick, gpus=gpus())
        chosen = [task for task in every if given.only in task.name]
        for number, task in enumerate(chosen):
            print(f"{time.monotonic() - began:4.0f} s  {task.title}", file=sys.stderr, flush=True)
            told = own_process.ask(task, LONGEST_S)
            about: dict[str, Any] = {"kind": task.kind, "name": task.name}
            about |= {"device": task.device, "compute": task.compute}
            about["threads"] = task.threads
            rows += [about | row for row in told["rows"]]
            failures += told["failures"]
            models.append(about | {"real": bool(task.path)} | {k: told[k] for k in ("modelMb", "peakMb") if k in told})
            last = all(other.folder != task.folder for other in chosen[number + 1 :])
            if given.no_keep and last and not task.path:
                shutil.rmtree(task.folder, ignore_errors=True)
    targets = batches(rows)
    report: dict[str, Any] = {
        "passed": not failures and bool(targets) and all(target["met"] for target in targets),
        "quick": given.quick,
        "seconds": round(time.monotonic() - began, 1),
        "others": watch.others,
        "machine": machine(),
        "targets": targets,
        "failures": failures,
        "capacity": capacity(rows),
        "models": models,
        "rows": rows,
    }
    folder = given.out or (QUICK if given.quick or given.only else RESULTS)
    return publish("engines", report, markdown(report), folder, unprinted=("rows", "models"))


def gpus() -> int:
    """GPUs that CTranslate2 can use."""
    import ctranslate2

    return int(ctranslate2.get_cuda_device_count())


def machine() -> dict[str, Any]:
    """Return the processor, its cores, the GPUs and the versions of the libraries."""
    about = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    names = [line.partition(":")[2].strip() for line in about if line.startswith("model name")]
    libraries = {name: importlib.metadata.version(name) for name in ("ctranslate2", "faster-whisper")}
    return {"processor": (names or ["?"])[0], "cores": os.cpu_count(), "gpus": gpus(), **libraries}


def _real(text: str) -> tuple[tuple[str, str], str]:
    where, _, folder = text.partition("=")
    kind, _, name = where.partition(":")
    known = {"stt": plan.STT, "mt": plan.MT}
    if kind not in ("stt", "mt", "tts") or not name or not folder or name not in known.get(kind, (name,)):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not KIND:NAME=FOLDER; stt: {', '.join(plan.STT)}; mt: {', '.join(plan.MT)}; tts: any engine"
        )
    return (kind, name), str(Path(folder).resolve())


if __name__ == "__main__":
    sys.exit(main())
