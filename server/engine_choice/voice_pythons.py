"""Choice of the Python that runs a voice's library, from the settings `piper` and `coqui`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from pipeline.engines.registry import EngineSpec
from server.settings import Settings


def with_python(spec: EngineSpec, settings: Settings) -> EngineSpec:
    """Return `spec` with the Python that the settings name for its engine. An option of the spec counts first."""
    named: Mapping[str, str | None] = {"piper": settings.piper, "coqui": settings.coqui}
    python = named.get(spec.name) if spec.kind == "tts" else None
    return spec if python is None else replace(spec, options={"python": python, **spec.options})
