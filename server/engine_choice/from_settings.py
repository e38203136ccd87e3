"""Chooses the engines of a server: a profile, a set of models, or one engine for one stage."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from models import ModelError
from models.catalogue import catalogue
from pipeline.engines.registry import EngineSpec, Kind, parse
from pipeline.errors import EngineError
from pipeline.lanes.engine_set import EngineSet, open_stages
from pipeline.lanes.translation_cache import TranslationCache
from pipeline.text import glossary
from server.engine_choice import installed
from server.engine_choice.environment import engine_environment
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


def specs(settings: Settings) -> dict[Kind, EngineSpec]:
    """Return one engine for each stage, the recogniser with short windows where they are judged to be borne.

    Raises BadSetting for a profile, an engine or a model that isn't there.
    """
    chosen = plain_specs(settings)
    found = decided(chosen["stt"], settings)
    if found.why:
        log.info("%s", found.why)
    return {**chosen, "stt": found.spec}


def plain_specs(settings: Settings) -> dict[Kind, EngineSpec]:
    """Return one engine for each stage as it is named. Raises BadSetting as `specs` does."""
    given: dict[Kind, str | None] = {"stt": settings.stt, "mt": settings.mt, "tts": settings.tts}
    chosen = {kind: _spec(kind, text) for kind, text in given.items() if text}
    missing = tuple(kind for kind in KINDS if kind not in chosen)
    if missing:
        chosen |= _of_profile(settings, missing)
    if settings.glossary is not None:
        chosen["mt"] = _with_glossary(chosen["mt"], settings.glossary)
    return {kind: with_recognition(with_python(chosen[kind], settings), settings) for kind in KINDS}


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
    options: dict[Kind, dict[str, Any]] = {
        kind: {"environment": engine_environment(spec), "processes": getattr(settings, f"{kind}_processes")}
        for kind, spec in chosen.items()
    }
    options["mt"]["memory"] = TranslationCache(settings.mt_memory)
    return open_stages(chosen, options)


def _with_glossary(spec: EngineSpec, path: Path) -> EngineSpec:
    """Read here too, so that a bad one stops the start and not every sentence."""
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
