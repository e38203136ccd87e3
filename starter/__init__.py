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
"""What the recogniser needs of `pipeline.engines.whisper.transcriber.Whisper` beyond its defaults: the thresholds that
`recipe/thresholds.py` chose, a margin, since it was trained with any padding or none, and timestamps, since it was
trained to say one sentence and where the next begins."""
