"""Speech to text by faster-whisper, with an encoder that is spared the padding.

Whisper always pads an utterance to 30 s; CTranslate2's encoder takes fewer frames, and costs a twentieth for
a short utterance then. Greedy and without the text of earlier utterances, so nothing leaks between calls.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.language import primary
from pipeline.silence import Shortened, shortened
from pipeline.speech import SAMPLE_RATE, Hearing, Transcript, Word

_SHORTEST_S = 0.1
_LEVEL_WINDOW = SAMPLE_RATE // 50


class TrimmedWhisper(WhisperModel):  # type: ignore[misc]
    """A WhisperModel whose encoder sees the utterance, `margin` frames (10 ms each) of padding, no more."""

    margin: int | None = 30

    def encode(self, features: NDArray[np.float32]) -> Any:
        """`features` is [mels, 3000] or [1, mels, 3000]; trailing columns that are all zero are padding."""
        if features.ndim == 2:
            features = features[np.newaxis]
        if self.margin is not None:
            used = np.flatnonzero(features[0].any(axis=0))
            wanted = (int(used[-1]) + 1 if used.size else 0) + self.margin
            frames = min(features.shape[-1], max(100, math.ceil(wanted / 50) * 50))
            features = np.ascontiguousarray(features[:, :, :frames])
        return super().encode(features)


class Whisper:
    """A `Transcriber` over a Whisper model folder in CTranslate2's format.

    `margin`: frames of padding left to the encoder, None for the usual 30 s. `lead_s` and `tail_s`: silence
    put before and after an utterance. `shorten`: whether long silence in it is left out (`pipeline.silence`), where
    the job says where voice is. `min_level_dbfs`: utterances whose loudest 20 ms are below are not
    looked at. A transcript is not `understood` below `min_logprob` (mean log probability of its tokens) or
    above `max_compression` (repetition); it is no text at all if, below `min_logprob`, the model gives more
    than `max_no_speech` to there being no speech. It is `certain` from `certain_logprob` on: a sentence that was
    cut short is less likely than one that is whole. These depend on the model, as does `suppress_tokens`, ids
    that are never decoded (-1: Whisper's own list of non-speech symbols).
    """

    def __init__(
        self,
        path: str,
        *,
        device: str = "cpu",
        compute_type: str = "int8",
        threads: int = 1,
        margin: int | None = 30,
        lead_s: float = 0.0,
        tail_s: float = 0.5,
        shorten: bool = True,
        min_level_dbfs: float = -60.0,
        min_logprob: float = -1.0,
        certain_logprob: float = -0.35,
        max_no_speech: float = 0.6,
        max_compression: float = 2.4,
        suppress_tokens: Sequence[int] = (-1,),
        word_timestamps: bool = False,
    ) -> None:
        self._model = TrimmedWhisper(
            path, device=device, compute_type=compute_type, cpu_threads=threads, local_files_only=True
        )
        self._model.margin = margin
        self._lead, self._tail = (np.zeros(int(seconds * SAMPLE_RATE), np.float32) for seconds in (lead_s, tail_s))
        self._shorten = shorten
        self._min_level = 10 ** (min_level_dbfs / 20)
        self._min_logprob = min_logprob
        self._certain_logprob = certain_logprob
        self._max_no_speech = max_no_speech
        self._max_compression = max_compression
        self._suppress_tokens = list(suppress_tokens)
        self._word_timestamps = word_timestamps
        vocabulary = self._model.hf_tokenizer
        self.languages = frozenset(
            code
            for code in self._model.supported_languages
            if not self._model.model.is_multilingual or vocabulary.token_to_id(f"<|{code}|>") is not None
        )

    def warm_up(self) -> None:
        """The first run allocates; nobody should wait for that."""
        noise = np.random.default_rng(0).normal(0, 1000, SAMPLE_RATE).astype(np.int16)
        self.transcribe([Hearing(noise.tobytes(), min(self.languages))])

    def transcribe(self, jobs: Sequence[Hearing]) -> Sequence[Transcript]:
        return [self._one(job) for job in jobs]

    def _one(self, job: Hearing) -> Transcript:
        language = primary(job.language)
        if language not in self.languages:
            raise EngineError(f"the recogniser doesn't know the language {job.language!r}")
        nothing = Transcript("", job.language, 0.0, understood=False)
        short = shortened(job.audio, job.voice if self._shorten else ())
        pcm = short.audio[: len(short.audio) // 2 * 2]
        audio = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
        if audio.size < _SHORTEST_S * SAMPLE_RATE or _loudest(audio) < self._min_level:
            return nothing
        segments, _ = self._model.transcribe(
            np.concatenate((self._lead, audio, self._tail)),
            language=language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            suppress_tokens=self._suppress_tokens,
            without_timestamps=not self._word_timestamps,
            word_timestamps=self._word_timestamps,
            # Judged below, over the whole utterance.
            no_speech_threshold=None,
            log_prob_threshold=None,
            compression_ratio_threshold=None,
        )
        heard = [segment for segment in segments if segment.text.strip() and not self._is_noise(segment)]
        if not heard:
            return nothing
        weights = [len(segment.tokens) + 1 for segment in heard]
        logprob = float(np.average([segment.avg_logprob for segment in heard], weights=weights))
        understood = logprob >= self._min_logprob and all(
            segment.compression_ratio <= self._max_compression for segment in heard
        )
        return Transcript(
            " ".join(segment.text.strip() for segment in heard),
            job.language,
            min(1.0, math.exp(logprob)),
            understood,
            understood and logprob >= self._certain_logprob,
            tuple(self._word(word, short) for segment in heard for word in segment.words or ()),
        )

    def _is_noise(self, segment: Any) -> bool:
        return bool(segment.no_speech_prob > self._max_no_speech and segment.avg_logprob < self._min_logprob)

    def _word(self, word: Any, short: Shortened) -> Word:
        lead_ms = self._lead.size * 1000 / SAMPLE_RATE
        heard = (max(0, round(seconds * 1000 - lead_ms)) for seconds in (word.start, word.end))
        start, end = map(short.original_ms, heard)
        return Word(word.word, start, end, float(word.probability))


def _loudest(audio: NDArray[np.float32]) -> float:
    """RMS of the loudest 20 ms, 1.0 being full scale."""
    windows = audio[: audio.size // _LEVEL_WINDOW * _LEVEL_WINDOW].reshape(-1, _LEVEL_WINDOW)
    return float(np.sqrt(np.max(np.mean(windows**2, axis=1))))
