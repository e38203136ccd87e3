"""Which engines a server runs: a profile by name, and one stage instead of the profile's where it is set."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipeline import glossary
from pipeline.registry import EngineSpec, Kind, entries
from pipeline.remembering import Memory
from server.settings import BadSetting, Settings

PROFILES: Mapping[str, Mapping[Kind, str]] = {
    "starter": {"stt": "starter", "mt": "starter", "tts": "espeak"},
    "scripted": {"stt": "scripted", "mt": "scripted", "tts": "scripted"},
}
KINDS: tuple[Kind, ...] = ("stt", "mt", "tts")


def specs(settings: Settings) -> dict[Kind, EngineSpec]:
    """One engine for each stage. Raises BadSetting for a profile or an engine that doesn't exist."""
    try:
        profile = PROFILES[settings.models]
    except KeyError:
        known = ", ".join(sorted(PROFILES))
        raise BadSetting(f"DRAGOMAN_MODELS: {settings.models!r} is not one of {known}") from None
    chosen: dict[Kind, str | None] = {"stt": settings.stt, "mt": settings.mt, "tts": settings.tts}
    found = {kind: _spec(kind, chosen[kind] or profile[kind]) for kind in KINDS}
    if settings.glossary is not None:
        found["mt"] = _with_glossary(found["mt"], settings.glossary)
    return found


def lane_options(settings: Settings) -> dict[Kind, dict[str, Any]]:
    """Options of the lanes (`pipeline.stages.open_stages`)."""
    return {"mt": {"memory": Memory(settings.mt_memory)}}


def _with_glossary(spec: EngineSpec, path: Path) -> EngineSpec:
    """Read here too, so that a bad one stops the start and not every sentence."""
    try:
        glossary.read(path)
    except glossary.GlossaryError as error:
        raise BadSetting(f"DRAGOMAN_GLOSSARY: {error}") from None
    return replace(spec, options={**spec.options, "glossary": str(path.resolve())})


def _spec(kind: Kind, text: str) -> EngineSpec:
    """`name`, `name:/path/to/model`, or `name:{json options}`."""
    name, _, rest = text.partition(":")
    if (kind, name) not in entries():
        known = ", ".join(sorted(other for of, other in entries() if of == kind))
        raise BadSetting(f"DRAGOMAN_{kind.upper()}: there is no engine {name!r}; there are {known}")
    if not rest:
        return EngineSpec(kind, name)
    if not rest.startswith("{"):
        return EngineSpec(kind, name, {"path": str(Path(rest).expanduser())})
    try:
        options = json.loads(rest)
    except ValueError as error:
        raise BadSetting(f"DRAGOMAN_{kind.upper()}: the options are not JSON: {error}") from None
    return EngineSpec(kind, name, options)
