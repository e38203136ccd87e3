"""Recogniser by faster-whisper: decides which text counts as understood, and which as certain.

At temperature 0, and with no earlier text but what a job brings, so nothing leaks between calls. A job alone is heard
by faster-whisper's own `transcribe`; several at once, windows with a silent tail, and those of which the words before
them are known go through the model together (`batched`).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.engines.whisper.batched import WindowBatch
from pipeline.engines.whisper.loudness import levelled
from pipeline.engines.whisper.model import load
from pipeline.engines.whisper.options import AcceptanceOptions, DecodingOptions, WindowOptions, grouped
from pipeline.engines.whisper.prompt import Hints, PromptOptions
from pipeline.engines.whisper.second_opinion import Guard
from pipeline.engines.whisper.silence_removal import ShortenedAudio, shortened
from pipeline.engines.whisper.speech_filter import speech_in, within
from pipeline.engines.whisper.windows import Task
from pipeline.speech import SAMPLE_RATE, Transcribe, Transcript, Word
from pipeline.text.language import primary
from pipeline.text.segmenter import joined

_SHORTEST_S = 0.1
_LEVEL_WINDOW = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class _Voiced:
    """A job that is loud and long enough to be looked at."""

    job: Transcribe
    language: str
    short: ShortenedAudio
    audio: NDArray[np.float32]
    hints: Hints


class Whisper:
    """A `Transcriber` over a Whisper model folder in CTranslate2's format."""

    def __init__(
        self,
        path: str,
        *,
        decoding: DecodingOptions | None = None,
        acceptance: AcceptanceOptions | None = None,
        window: WindowOptions | None = None,
    ) -> None:
        """Load the model in the folder `path`.

        Raises `EngineError` for a folder, a device, a beam or hints that don't fit.
        """
        self._decoding = decoding = decoding or DecodingOptions()
        self._acceptance = accepted = acceptance or AcceptanceOptions()
        self._window = window = window or WindowOptions()
        if decoding.beam < 1:
            raise EngineError(f"beam: {decoding.beam} texts side by side; it must be 1 or more")
        self._model = load(
            path,
            device=decoding.device,
            compute_type=decoding.compute_type,
            threads=decoding.threads,
            word_timestamps=decoding.word_timestamps,
        )
        self.margin = window.margin
        self.silent_tail = window.silent_tail
        self._prompting = PromptOptions(self._model.hf_tokenizer, decoding.hotwords, decoding.prompt)
        self._timestamps = decoding.timestamps or decoding.word_timestamps
        self._windows = WindowBatch(
            self._model,
            timestamps=self._timestamps,
            word_timestamps=decoding.word_timestamps,
            suppress_tokens=decoding.suppress_tokens,
            stretch=window.stretch,
            beam=decoding.beam,
            guard=Guard(accepted.min_logprob, accepted.max_compression, accepted.max_no_speech),
        )
        self._lead, self._tail = _silence(window.lead_s), _silence(window.tail_s)
        self._min_level = 10 ** (self._acceptance.min_level_dbfs / 20)
        vocabulary = self._model.hf_tokenizer
        self.languages = frozenset(
            code
            for code in self._model.supported_languages
            if not self._model.model.is_multilingual or vocabulary.token_to_id(f"<|{code}|>") is not None
        )

    @classmethod
    def of(cls, path: str, **options: Any) -> Whisper:
        """Load the model in the folder `path` with flat `options`, as settings write them.

        Raises TypeError for an option that is not known, and what the constructor raises.
        """
        decoding, acceptance, window = grouped(options)
        return cls(path, decoding=decoding, acceptance=acceptance, window=window)

    @property
    def margin(self) -> int | None:
        """Frames of padding left to the encoder, None for the usual 30 s."""
        return self._model.margin

    @margin.setter
    def margin(self, frames: int | None) -> None:
        if frames is not None and frames < 0:
            raise EngineError(f"margin: {frames} frames of padding; 0 or more, or none for Whisper's usual 30 s")
        self._model.margin = frames

    @property
    def silent_tail(self) -> int:
        """Frames of encoded silence that the decoder sees behind a shortened window."""
        return self._model.silent_tail

    @silent_tail.setter
    def silent_tail(self, frames: int) -> None:
        if frames < 0:
            raise EngineError(f"silent_tail: {frames} frames of silence; 0 for none, 3000 for all of 30 s")
        self._model.show_silence(frames)

    def warm_up(self) -> None:
        """The first run allocates; nobody should wait for that."""
        noise = np.random.default_rng(0).normal(0, 1000, SAMPLE_RATE).astype(np.int16)
        self.transcribe([Transcribe(noise.tobytes(), min(self.languages))])

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        prepared = [self._prepare(job) for job in jobs]
        voiced = [one for one in prepared if isinstance(one, _Voiced)]
        alone = len(voiced) == 1 and not voiced[0].job.candidates and not voiced[0].hints.before
        transcripts = [self._alone(voiced[0])] if alone and not self.silent_tail else self._together(voiced)
        results = iter(transcripts)
        return [next(results) if isinstance(one, _Voiced) else one for one in prepared]

    def _prepare(self, job: Transcribe) -> _Voiced | Transcript:
        """The audio as the model takes it, or the transcript of what is none."""
        language = primary(job.language)
        if language not in self.languages:
            raise EngineError(f"the recogniser doesn't know the language {job.language!r}")
        voice = job.voice if self._window.shorten else ()
        if self._window.vad_filter and not (voice := within(voice, speech_in(_samples(job.audio)))):
            return _nothing(job)
        short = shortened(job.audio, voice)
        audio = _samples(short.audio)
        if audio.size < _SHORTEST_S * SAMPLE_RATE or _loudest(audio) < self._min_level:
            return _nothing(job)
        if self._window.loudness_dbfs is not None:
            audio = levelled(audio, self._window.loudness_dbfs)
        whole = np.concatenate((self._lead, audio, self._tail))
        before = job.before if self._decoding.context else ""
        return _Voiced(job, language, short, whole, self._prompting.hints(language, job.hotwords, before))

    def _alone(self, voiced: _Voiced) -> Transcript:
        segments, _ = self._model.transcribe(
            voiced.audio,
            language=voiced.language,
            beam_size=self._decoding.beam,
            temperature=0.0,
            condition_on_previous_text=False,
            hotwords=voiced.hints.hotwords,
            initial_prompt=voiced.hints.initial_prompt,
            suppress_tokens=list(self._decoding.suppress_tokens),
            without_timestamps=not self._timestamps,
            word_timestamps=self._decoding.word_timestamps,
            # Judged below, over the whole utterance.
            no_speech_threshold=None,
            log_prob_threshold=None,
            compression_ratio_threshold=None,
        )
        return self._transcript(voiced, segments)

    def _together(self, voiced: Sequence[_Voiced]) -> list[Transcript]:
        tasks = [
            Task(
                one.audio,
                one.language,
                one.hints,
                self.languages & set(map(primary, one.job.candidates)),
                one.job.final,
            )
            for one in voiced
        ]
        self._windows.transcribe(tasks)
        return [
            self._transcript(one, task.segments, task.spoken, task.doubted)
            for one, task in zip(voiced, tasks, strict=True)
        ]

    def _transcript(
        self, voiced: _Voiced, segments: Any, spoken: tuple[tuple[str, float], ...] = (), doubted: bool = False
    ) -> Transcript:
        said = [segment for segment in segments if segment.text.strip() and not self._is_noise(segment)]
        if not said:
            return _nothing(voiced.job)
        weights = [len(segment.tokens) + 1 for segment in said]
        logprob = float(np.average([segment.avg_logprob for segment in said], weights=weights))
        understood = (
            not doubted
            and logprob >= self._acceptance.min_logprob
            and all(segment.compression_ratio <= self._acceptance.max_compression for segment in said)
        )
        return Transcript(
            joined((segment.text.strip() for segment in said), voiced.language),
            voiced.job.language,
            min(1.0, math.exp(logprob)),
            understood,
            understood and logprob >= self._acceptance.certain_logprob,
            tuple(self._word(word, voiced.short) for segment in said for word in segment.words or ()),
            spoken,
        )

    def _is_noise(self, segment: Any) -> bool:
        return bool(
            segment.no_speech_prob > self._acceptance.max_no_speech
            and segment.avg_logprob < self._acceptance.noise_logprob
        )

    def _word(self, word: Any, short: ShortenedAudio) -> Word:
        lead_ms = self._lead.size * 1000 / SAMPLE_RATE
        times = (max(0, round(seconds * 1000 - lead_ms)) for seconds in (word.start, word.end))
        start, end = map(short.original_ms, times)
        return Word(word.word, start, end, float(word.probability))


def _nothing(job: Transcribe) -> Transcript:
    return Transcript("", job.language, 0.0, understood=False)


def _samples(pcm: bytes) -> NDArray[np.float32]:
    """Return mono s16 as samples of -1..1, without half a sample at the end."""
    return np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16).astype(np.float32) / np.float32(32768)


def _silence(seconds: float) -> NDArray[np.float32]:
    return np.zeros(int(seconds * SAMPLE_RATE), np.float32)


def _loudest(audio: NDArray[np.float32]) -> float:
    """RMS of the loudest 20 ms, 1.0 being full scale."""
    windows = audio[: audio.size // _LEVEL_WINDOW * _LEVEL_WINDOW].reshape(-1, _LEVEL_WINDOW)
    return float(np.sqrt(np.max(np.mean(windows**2, axis=1))))
