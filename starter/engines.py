"""Registry entries of the bundled models (entry points of the group `dragoman.engines`, see pyproject.toml)."""

from __future__ import annotations

from typing import Any

import starter
from pipeline.engines.registry import Engine, Entry


def _transcriber(**options: Any) -> Engine:
    from pipeline.engines.whisper.transcriber import Whisper

    return Whisper.of(**{"path": str(starter.STT), **starter.STT_OPTIONS, **options})


def _translator(**options: Any) -> Engine:
    from pipeline.engines.translation.ctranslate import CTranslate

    return CTranslate(**{"path": str(starter.MT), **options})


STT = Entry("stt", "starter", _transcriber, "bundled phrasebook recogniser, synthetic voices", "Apache-2.0")
MT = Entry("mt", "starter", _translator, "bundled phrasebook translator, en↔es", "Apache-2.0", batch=8)
