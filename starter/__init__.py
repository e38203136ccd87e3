"""The bundled models: a phrasebook's recogniser and translator, English and Spanish. See README.md here."""

import json
from pathlib import Path
from typing import Any

STT = Path(__file__).parent / "stt"
"""A Whisper in CTranslate2's format, 2 M parameters."""

MT = Path(__file__).parent / "mt"
"""A Transformer in CTranslate2's format, both directions."""

STT_OPTIONS: dict[str, Any] = {"margin": 30, "timestamps": True} | json.loads(
    (Path(__file__).parent / "options.json").read_text("utf-8")
)
"""Options of `pipeline.engines.whisper.transcriber.Whisper` that the bundled recogniser needs beyond the defaults.

`recipe/thresholds.py` chose the thresholds. A margin is set, since the model was trained with any padding or none.
Timestamps are on, since the model was trained to say one sentence and where the next begins.
"""
