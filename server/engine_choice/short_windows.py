"""Switches short windows on for a Whisper folder whose weights were judged to bear them, and orders the judgement."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.engines.registry import EngineSpec, parse
from pipeline.text.language import primary
from server.engine_choice.environment import engine_environment
from server.settings import Settings
from server.short_windows.judgement import Outcome, fault
from server.short_windows.kept import Kept, basis
from server.short_windows.order import SECONDS, Order

RECORDINGS = "recordings"
"""Folder of recordings to judge by, in the data folder: `de/first.wav` with its text in `de/first.txt`."""
_BY_HAND = ("margin", "silent_tail")
_BY_LANGUAGE = "by_language"


@dataclass(frozen=True, slots=True)
class ShortWindows:
    """Decision for one recogniser. `spec` is the engine with it, `why` the reason in words, empty for an engine that
    has no short windows to decide about. `order` is the judgement that is still to be made, or None."""

    spec: EngineSpec
    why: str = ""
    order: Order | None = None


def decided(spec: EngineSpec, settings: Settings) -> ShortWindows:
    """Decide by the judgement that is kept. Options that name a margin or a tail stay as they are.

    Where each language has a recogniser of its own, each one is decided about.
    """
    if (spec.kind, spec.name) == ("stt", _BY_LANGUAGE):
        return _of_each(spec, settings)
    path = spec.options.get("path")
    if (spec.kind, spec.name) != ("stt", "whisper") or not isinstance(path, str) or not Path(path).is_dir():
        return ShortWindows(spec)
    if any(name in spec.options for name in _BY_HAND):
        return ShortWindows(spec, f"short windows of {path}: as its options say")
    wanted = tuple(sorted({primary(tag) for tag in settings.languages}))
    try:
        facts = basis(Path(path), spec.options)
    except OSError as error:
        return ShortWindows(spec, f"short windows of {path} are off: {error}")
    kept = Kept(Path(path), settings.data).read(facts.weights)
    if missing := fault(kept, facts, wanted):
        reason = f"{missing}: {kept.why}" if kept is not None and kept.outcome is Outcome.UNFINISHED else missing
        return ShortWindows(spec, f"short windows of {path} are off: {reason}", order(spec, settings))
    assert kept is not None, "what is not there has a fault"
    if kept.outcome is not Outcome.BORNE:
        return ShortWindows(spec, f"short windows of {path} are off: {kept.outcome}: {kept.why}")
    way = {"margin": facts.margin, "silent_tail": facts.silent_tail}
    return ShortWindows(replace(spec, options={**spec.options, **way}), f"short windows of {path} are on: {kept.why}")


def _of_each(spec: EngineSpec, settings: Settings) -> ShortWindows:
    parts = [decided(parse("stt", str(one)), settings) for one in spec.options.get("engines", ())]
    engines = [f"{part.spec.name}:{json.dumps(dict(part.spec.options))}" for part in parts]
    waiting = next((part.order for part in parts if part.order is not None), None)
    why = "; ".join(part.why for part in parts if part.why)
    return ShortWindows(replace(spec, options={**spec.options, "engines": engines}), why, waiting)


def order(spec: EngineSpec, settings: Settings, *, seconds: float = SECONDS, idle: bool = False) -> Order:
    """Return the order to judge the weights of a recogniser that has a `path`."""
    return Order(
        path=str(spec.options["path"]),
        options={name: value for name, value in spec.options.items() if name not in ("path", *_BY_HAND)},
        languages=tuple(sorted({primary(tag) for tag in settings.languages})),
        data=str(settings.data.resolve()),
        recordings=str((settings.data / RECORDINGS).resolve()),
        seconds=seconds,
        idle=idle,
        environment=engine_environment(spec),
    )
