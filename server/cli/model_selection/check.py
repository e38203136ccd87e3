"""`dragoman models check` and `bench`: checks that installed models are whole, work, and are fast enough."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from models.catalogue import Model
from models.store import ModelStore
from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec
from server.cli.model_selection.machine import machine
from server.cli.model_selection.trial import Trial, tried
from server.engine_choice.installed import spec
from server.engine_choice.voice_pythons import with_python
from server.settings import Settings

BUNDLED = (EngineSpec("stt", "starter"), EngineSpec("mt", "starter"), EngineSpec("tts", "espeak"))
"""Bundled engines, which are always there and are measured beside the models."""
RUNS = 3


async def check(store: ModelStore, models: Sequence[Model], settings: Settings) -> int:
    """Check each model's files against the lock, then its engine on one job. Returns 0 if all is well."""
    wrong = 0
    for model in models:
        amiss = store.amiss(model)
        if not amiss:
            try:
                trial = await tried(with_python(spec(store, model), settings), settings.languages)
            except EngineError as error:
                amiss = [f"its files are as pinned, but {error}"]
        wrong += bool(amiss)
        if amiss:
            print(f"BAD  {model.name}: {'; '.join(amiss)}; fetch it again: {_again(store, model)}")
        else:
            print(f"ok   {model.name}: as pinned; loads in {trial.load_s:.1f} s; {trial.result}")
    print("all is well" if not wrong else f"{wrong} to mend")
    return 1 if wrong else 0


def _again(store: ModelStore, model: Model) -> str:
    return f"rm -r {store.path(model)} && dragoman models pull {model.name}"


async def bench(store: ModelStore, models: Sequence[Model], settings: Settings) -> int:
    """A table of each engine on one utterance; the last line is JSON."""
    rows: list[dict[str, Any]] = []
    print(f"{'':32}{'load s':>8}{'job s':>8}{'of s':>7}{'factor':>8}")
    for name, one in [
        *((f"{one.kind} {one.name} (bundled)", one) for one in BUNDLED),
        *((f"{model.kind} {model.name}", with_python(spec(store, model), settings)) for model in models),
    ]:
        try:
            trial = await tried(one, settings.languages, RUNS)
        except EngineError as error:
            print(f"{name:32}  {error}")
            rows.append({"kind": one.kind, "name": name.split()[1], "error": str(error)})
            continue
        print(f"{name:32}{trial.load_s:8.2f}{trial.seconds:8.3f}{trial.audio_s:7.1f}{trial.factor:8.3f}")
        rows.append({"kind": one.kind, "name": name.split()[1], **_numbers(trial)})
    print(json.dumps({"machine": machine(), "runs": RUNS, "engines": rows}))
    return 1 if any("error" in row for row in rows) else 0


def _numbers(trial: Trial) -> dict[str, float]:
    return {
        "loadSeconds": round(trial.load_s, 3),
        "seconds": round(trial.seconds, 4),
        "audioSeconds": round(trial.audio_s, 3),
        "realTimeFactor": round(trial.factor, 4),
    }
