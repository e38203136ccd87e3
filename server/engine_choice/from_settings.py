"""Chooses the engines of a server: a profile, a set of models, or one engine for one stage."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models import ModelError
from models.catalogue import catalogue
from pipeline.engines.registry import EngineSpec, Kind, find, parse
from pipeline.errors import EngineError
from pipeline.lanes.engine_set import EngineSet, open_lane
from pipeline.lanes.lane import Lane
from pipeline.lanes.translation_cache import TranslationCache
from pipeline.text import glossary
from server.engine_choice import installed
from server.engine_choice.environment import engine_environment
from server.engine_choice.places import WORKERS, Place, place
from server.engine_choice.recognition_options import with_recognition
from server.engine_choice.short_windows import decided
from server.engine_choice.voice_pythons import with_python
from server.settings import BadSetting, Settings

PROFILES: Mapping[str, Mapping[Kind, str]] = {
    "starter": {"stt": "starter", "mt": "starter", "tts": "espeak"},
    "scripted": {"stt": "scripted", "mt": "scripted", "tts": "scripted"},
}
AUTO = "auto"
KINDS: tuple[Kind, ...] = ("stt", "mt", "tts")

log = logging.getLogger(__name__)


def specs(settings: Settings, kinds: tuple[Kind, ...] = KINDS) -> dict[Kind, EngineSpec]:
    """Return one engine for each stage, the recogniser with short windows where they are judged to be borne.

    Raises BadSetting for a profile, an engine or a model that isn't there.
    """
    chosen = plain_specs(settings, kinds)
    if "stt" not in chosen:
        return chosen
    found = decided(chosen["stt"], settings)
    if found.why:
        log.info("%s", found.why)
    return {**chosen, "stt": found.spec}


def plain_specs(settings: Settings, kinds: tuple[Kind, ...] = KINDS) -> dict[Kind, EngineSpec]:
    """Return one engine for each stage as it is named. Raises BadSetting as `specs` does."""
    places = places_of(settings, kinds)
    chosen = {kind: EngineSpec(kind, WORKERS) for kind, place in places.items() if not place.here}
    chosen |= {kind: _spec(kind, place.engine) for kind, place in places.items() if place.engine}
    missing = tuple(kind for kind in kinds if kind not in chosen)
    if missing:
        chosen |= _of_profile(settings, missing)
    if settings.glossary is not None and "mt" in chosen:
        chosen["mt"] = _with_glossary(chosen["mt"], settings.glossary)
    return {kind: with_recognition(with_python(chosen[kind], settings), settings) for kind in kinds}


def places_of(settings: Settings, kinds: tuple[Kind, ...] = KINDS) -> dict[Kind, Place]:
    """Return for each stage where its engine runs. Raises BadSetting for workers without a Redis."""
    places: dict[Kind, Place] = {kind: place(getattr(settings, kind)) for kind in kinds}
    for kind, one in places.items():
        if one.workers and settings.redis_url is None:
            raise BadSetting(f"DRAGOMAN_{kind.upper()} names workers, so DRAGOMAN_REDIS_URL must be set")
    return places


def _of_profile(settings: Settings, kinds: tuple[Kind, ...]) -> dict[Kind, EngineSpec]:
    name = settings.models
    if name in PROFILES:
        return {kind: _spec(kind, PROFILES[name][kind]) for kind in kinds}
    try:
        if name in catalogue().sets:
            return installed.of_set(settings, kinds)
        if "/" in name or name.startswith((".", "~")):
            return installed.of_folder(settings, kinds)
    except ModelError as error:
        raise BadSetting(f"DRAGOMAN_MODELS is {name}: {error}") from None
    if name == AUTO:
        raise BadSetting("DRAGOMAN_MODELS is auto, which was not resolved: only serve, interpret and doctor know it")
    known = ", ".join(sorted({*PROFILES, *catalogue().sets, AUTO}))
    raise BadSetting(f"DRAGOMAN_MODELS: {name!r} is not one of {known}, nor a folder such as /srv/models")


def engine_set(settings: Settings) -> EngineSet:
    """Return the lanes of a server's engines, not yet entered, each with its environment. Raises BadSetting."""
    chosen = specs(settings)
    stt, mt, tts = (_lane(chosen[kind], place, settings) for kind, place in places_of(settings).items())
    return EngineSet(stt, mt, tts)


def _lane(spec: EngineSpec, place: Place, settings: Settings) -> Lane[Any, Any]:
    if not place.workers:
        return lane_here(spec, settings)
    try:
        from remote.lane import RemoteLane
        from remote.mixed import First, MixedLane
    except ModuleNotFoundError:
        raise BadSetting("workers need the extra `redis`: pip install 'dragoman[redis]'") from None
    url = settings.redis_url or ""
    if not place.here:
        return RemoteLane(spec.kind, url)
    first = First.WORKERS if place.workers_first else First.HERE
    workers: RemoteLane[Any, Any] = RemoteLane(spec.kind, url, holds=False)
    return MixedLane(lane_here(spec, settings), workers, first=first, room=width_of(spec, settings))


def lane_here(spec: EngineSpec, settings: Settings, **more: Any) -> Lane[Any, Any]:
    """Return the lane of an engine in processes here, not yet entered. `more` are options of `LocalLane`."""
    options = {"environment": engine_environment(spec), "processes": processes_of(spec, settings), **more}
    if spec.kind == "mt":
        options["memory"] = TranslationCache(settings.mt_memory)
    return open_lane(spec, options)


def width_of(spec: EngineSpec, settings: Settings) -> int:
    """Return the number of jobs that the processes of an engine take at once."""
    return processes_of(spec, settings) * batch_of(spec)


def batch_of(spec: EngineSpec) -> int:
    """Return the number of jobs that one process of an engine takes at once."""
    return find(spec).batching(spec.options).batch


def processes_of(spec: EngineSpec, settings: Settings) -> int:
    """Return the number of an engine's processes here."""
    return int(getattr(settings, f"{spec.kind}_processes"))


def _with_glossary(spec: EngineSpec, path: Path) -> EngineSpec:
    """Read here too, so that a bad one stops the start and not every sentence."""
    if spec.name == WORKERS:
        raise BadSetting("DRAGOMAN_GLOSSARY is for a translator here, and DRAGOMAN_MT is redis: set it at the workers")
    try:
        glossary.read(path)
    except glossary.GlossaryError as error:
        raise BadSetting(f"DRAGOMAN_GLOSSARY: {error}") from None
    return replace(spec, options={**spec.options, "glossary": str(path.resolve())})


def _spec(kind: Kind, text: str) -> EngineSpec:
    """`name`, `name:/path/to/model`, or `name:{json options}`."""
    try:
        return parse(kind, text)
    except EngineError as error:
        raise BadSetting(f"DRAGOMAN_{kind.upper()}: {error}") from None
