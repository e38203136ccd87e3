"""`DRAGOMAN_MODELS=auto`: picks the best installed models that this machine is fast enough for.

Kept beside the models (`speed.json`), by machine and by the model's pinned files: another machine, another library or
another revision is measured anew.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import replace
from typing import Any

from models.catalogue import Model
from models.store import ModelStore
from pipeline.engines import EngineError
from pipeline.engines.registry import EngineSpec, Kind
from server.cli.model_selection.machine import machine
from server.cli.model_selection.trial import Trial, tried
from server.engine_choice.installed import engines, present, spec, store_of
from server.engine_choice.short_windows import decided
from server.engine_choice.voice_pythons import with_python
from server.settings import Settings

LIMITS: dict[Kind, float] = {"stt": 0.3, "mt": 0.25, "tts": 0.25}
"""Seconds of work for a second of speech that an engine may take, alone on the machine: two people who talk at once
and interims that are heard again must fit in as well."""
FILE = "speed.json"

Measure = Callable[[EngineSpec, Collection[str], int], Awaitable[Trial]]

log = logging.getLogger(__name__)


async def choose_by_speed(settings: Settings, measure: Measure = tried) -> Settings:
    """Return the settings with an engine for each stage: the bundled one where no installed model fits."""
    store = store_of(settings)
    choice = present(store)
    speeds = Speeds(store, settings)
    wanted = settings.languages
    pairs = {pair for tag in wanted if tag != "en" for pair in ((tag, "en"), ("en", tag))}
    recognisers = [model for model in choice.stt if set(wanted) <= set(model.languages)]
    translators = [model for model in choice.mt if pairs & set(model.pairs)]
    voices = [model for model in choice.tts if set(wanted) & set(model.languages)]
    chosen: dict[str, Any] = {}
    if settings.stt is None:
        best = await _best("stt", [[model] for model in recognisers], speeds, wanted, measure)
        chosen["stt"] = _text(spec(store, best[0])) if best else "starter"
    if settings.mt is None:
        best = await _best("mt", _families(translators, pairs), speeds, wanted, measure)
        chosen["mt"] = _text(engines(store, replace(choice, mt=tuple(best)), ["mt"])["mt"]) if best else "starter"
    if settings.tts is None:
        best = await _best("tts", _families(voices, ()), speeds, wanted, measure, floor=True)
        chosen["tts"] = _text(engines(store, replace(choice, tts=tuple(best)), ["tts"])["tts"]) if best else "espeak"
    for kind, text in chosen.items():
        if ":" not in text:
            log.info("auto: %s %s, the bundled one: no installed model is fast enough or fits", kind, text)
    return replace(settings, **chosen)


def _text(one: EngineSpec) -> str:
    return f"{one.name}:{json.dumps(dict(one.options))}"


def _families(models: Sequence[Model], pairs: Collection[tuple[str, str]]) -> list[list[Model]]:
    """Models that would be used together: those of a family, and from worse families what it can't do."""
    families = list(dict.fromkeys(model.family for model in models))
    groups = []
    for first in range(len(families)):
        group: list[Model] = []
        for family in families[first:]:
            for model in (model for model in models if model.family == family):
                able: set[Any] = (set(model.pairs) & set(pairs)) or set(model.languages)
                if able - {one for other in group for one in (*other.pairs, *other.languages)}:
                    group.append(model)
        groups.append(group)
    return groups


async def _best(
    kind: Kind,
    groups: Sequence[Sequence[Model]],
    speeds: Speeds,
    wanted: Sequence[str],
    measure: Measure,
    floor: bool = False,
) -> list[Model]:
    """The first group (they come best first) whose slowest model is fast enough; else the fastest, unless there is a
    `floor` below it."""
    factors: list[tuple[float, Sequence[Model]]] = []
    for group in groups:
        slowest = 0.0
        for model in group:
            factor = await speeds.of(model, wanted, measure)
            log.info("auto: %s takes %.3f s for a second of speech, allowed %.2f", model.name, factor, LIMITS[kind])
            slowest = max(slowest, factor)
        if slowest <= LIMITS[kind]:
            log.info("auto: %s is %s: the best that is fast enough", kind, ", ".join(model.name for model in group))
            return list(group)
        factors.append((slowest, group))
    usable = [entry for entry in factors if entry[0] != float("inf")]
    if not usable or floor:
        return []
    fastest = min(usable, key=lambda entry: entry[0])[1]
    names = ", ".join(model.name for model in fastest)
    log.warning("auto: %s is %s: too slow here, but nothing is faster", kind, names)
    return list(fastest)


class Speeds:
    """Speeds of models on this machine: measured once, and kept in a file beside the models."""

    def __init__(self, store: ModelStore, settings: Settings) -> None:
        self._settings = settings
        self._store = store
        self._path = store.folder / FILE
        self._machine = json.dumps(machine(), sort_keys=True)
        self._known = self._read()

    async def of(self, model: Model, wanted: Sequence[str], measure: Measure) -> float:
        """Return the seconds of work for a second of speech; infinite, and not kept, for one that does not run."""
        one = decided(with_python(spec(self._store, model), self._settings), self._settings).spec
        key = self._key(model, one, wanted)
        if key in self._known:
            return self._known[key]
        try:
            trial = await measure(one, wanted, 3)
        except EngineError as error:
            log.warning("auto: %s does not run: %s", model.name, error)
            return float("inf")
        self._known[key] = trial.factor
        self._write()
        return trial.factor

    def _key(self, model: Model, one: EngineSpec, wanted: Sequence[str]) -> str:
        pin = self._store.pins().get(model.name)
        files = sorted((name, one.sha256) for name, one in pin.files.items()) if pin is not None else []
        options = {name: value for name, value in one.options.items() if name != "path"}
        made = json.dumps([self._machine, model.name, files, options, sorted(wanted)], sort_keys=True)
        return hashlib.sha256(made.encode()).hexdigest()

    def _read(self) -> dict[str, float]:
        try:
            document: Any = json.loads(self._path.read_text("utf-8"))
            return {str(key): float(value) for key, value in document["factors"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError):
            return {}  # it is measured again

    def _write(self) -> None:
        new = self._path.with_name(FILE + ".new")
        new.write_text(json.dumps({"factors": self._known}, indent=1) + "\n", "utf-8")
        os.replace(new, self._path)
