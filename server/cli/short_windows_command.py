"""Judges short windows at the command line: of recognisers that were just fetched, and by `check-trim --keep`."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Iterable
from dataclasses import replace

from models.catalogue import Model
from models.store import ModelStore
from pipeline.engines.registry import EngineSpec
from server.engine_choice.installed import spec
from server.engine_choice.short_windows import decided, order
from server.settings import Settings
from server.short_windows.judgement import Outcome
from server.short_windows.order import SECONDS, carried_out, in_words

BORNE, NOT_BORNE, FAILED = 0, 1, 2
"""Exit statuses of `check-trim --keep`: short windows are on; they are off; nothing was judged."""
AS_LONG_AS_IT_TAKES_S = 6 * 3600.0


async def judge_fetched(models: Iterable[Model], store: ModelStore, settings: Settings) -> None:
    """Judge those that are recognisers and have no judgement that stands. Whatever comes of it, they are fetched."""
    for model in models:
        if model.engine == "whisper" and store.installed(model):
            waiting = decided(spec(store, model), settings).order
            if waiting is not None:
                print(f"{model.name}: judging short windows, {SECONDS / 60:.0f} minutes at most", flush=True)
                print(f"{model.name}: short windows are {in_words(await carried_out(waiting, _show))}")


def keep(folder: str, options: argparse.Namespace, settings: Settings) -> int:
    """Judge a folder for the wanted languages, as long as it takes, and keep the judgement for the server."""
    given = {name: value for name in ("device", "threads") if (value := getattr(options, name)) not in ("cpu", 1)}
    asked = order(EngineSpec("stt", "whisper", {"path": folder, **given}), settings, seconds=AS_LONG_AS_IT_TAKES_S)
    if options.data is not None:
        asked = replace(asked, recordings=str(options.data.resolve()))
    if options.language is not None:
        asked = replace(asked, languages=(options.language,))
    found = asyncio.run(carried_out(asked, _show))
    print(f"short windows of {folder} are {in_words(found)}")
    print(json.dumps({"model": folder, "languages": list(asked.languages), **found}, ensure_ascii=False))
    if "failed" in found:
        return FAILED
    return BORNE if found["outcome"] == Outcome.BORNE else NOT_BORNE


def _show(text: str) -> None:
    """Show progress on a terminal, on one line."""
    if sys.stderr.isatty():
        print(f"\r{text}", end="", file=sys.stderr, flush=True)
