"""The bundled recogniser, apart from any server."""

from __future__ import annotations

from typing import cast

import numpy as np

from pipeline.engines import Transcriber
from pipeline.engines.registry import EngineSpec, make
from pipeline.speech import Transcribe
from testing.recordings import Samples


class BundledRecogniser:
    """Recognises recordings in this process after a call, so that the server has no part in the verdict."""

    def __init__(self) -> None:
        self._engine = cast(Transcriber, make(EngineSpec("stt", "starter")))

    def words_in(self, sound: Samples, language: str) -> str:
        """Return the transcript of audio at `SAMPLE_RATE`, -1..1."""
        pcm = (np.clip(sound, -1, 1) * 32767).astype(np.int16).tobytes()
        return self._engine.transcribe([Transcribe(pcm, language)])[0].text
