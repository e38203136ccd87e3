"""The bundled models: a phrasebook's recogniser and translator, English and Spanish. See README.md here."""

from pathlib import Path

STT = Path(__file__).parent / "stt"
"""A Whisper in CTranslate2's format, 2 M parameters."""

MT = Path(__file__).parent / "mt"
"""A Transformer in CTranslate2's format, both directions."""

STT_OPTIONS = {"min_logprob": -0.2, "certain_logprob": -0.0726, "max_no_speech": 0.5, "margin": 30}
"""What the recogniser needs of `pipeline.engines.whisper.Whisper` beyond its defaults."""
