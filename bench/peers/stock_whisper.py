"""faster-whisper as it comes, for bots of others: its own defaults, each piece of speech padded to 30 s."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.speech import SAMPLE_RATE, Transcribe, Transcript

MOST_NO_SPEECH = 0.4
"""Probability above which a piece of text is left out: the default of Pipecat's own service."""


class StockWhisper:
    """A `Transcriber` over a model folder. Of its defaults only `int8` differs, which is quicker on a CPU."""

    languages = frozenset({"en"})

    def __init__(self, path: str) -> None:
        from faster_whisper import WhisperModel

        self._model = WhisperModel(path, device="cpu", compute_type="int8")

    def warm_up(self) -> None:
        """Run once, since the first run allocates."""
        self.transcribe([Transcribe(bytes(2 * SAMPLE_RATE), "en")])

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        """Return what is heard of each job."""
        return [self._one(job) for job in jobs]

    def _one(self, job: Transcribe) -> Transcript:
        samples = np.frombuffer(job.audio[: len(job.audio) // 2 * 2], np.int16).astype(np.float32) / np.float32(32768)
        segments, _ = self._model.transcribe(samples, language=job.language)
        texts = [one.text.strip() for one in segments if one.no_speech_prob < MOST_NO_SPEECH]
        return Transcript(" ".join(texts), job.language, 1.0, understood=bool(texts))
