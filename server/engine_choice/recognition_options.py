"""Gives the recogniser the options that the settings of recognition fill: beam, voice filter, loudness."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pipeline.engines.registry import EngineSpec, parse
from pipeline.engines.whisper.options import DecodingOptions, WindowOptions
from server.settings import BadSetting, Settings, changed

WHISPERS = ("whisper", "starter")
"""Recognisers that have these options."""
_BY_LANGUAGE = "by_language"


def with_recognition(spec: EngineSpec, settings: Settings) -> EngineSpec:
    """Return the recogniser `spec` with the options that are set. An option of the spec counts first.

    Where each language has a recogniser of its own, each one that has these options gets them.
    Raises BadSetting where one is set and no recogniser here has it.
    """
    given = changed(settings, DecodingOptions, WindowOptions)
    if not given or spec.kind != "stt":
        return spec
    options = {option: value for option, value in given.values()}
    found = _of_each(spec, options) if spec.name == _BY_LANGUAGE else _with(spec, options)
    if found is spec:
        raise BadSetting(f"{min(given)} is for Whisper only, and the recogniser is {spec.name}: leave it out")
    return found


def _with(spec: EngineSpec, options: Mapping[str, Any]) -> EngineSpec:
    return replace(spec, options={**options, **spec.options}) if spec.name in WHISPERS else spec


def _of_each(spec: EngineSpec, options: Mapping[str, Any]) -> EngineSpec:
    parts = [parse("stt", str(one)) for one in spec.options.get("engines", ())]
    filled = [_with(part, options) for part in parts]
    if filled == parts:
        return spec
    engines = [f"{one.name}:{json.dumps(dict(one.options))}" for one in filled]
    return replace(spec, options={**spec.options, "engines": engines})
