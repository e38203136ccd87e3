"""Recogniser by faster-whisper: decides which text counts as understood, and which as certain.

Greedy and without the text of earlier utterances, so nothing leaks between calls. A job alone is heard by
faster-whisper's own `transcribe`; several at once go through the model together (`whisper_windows`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.engines.whisper.batched import Task, WindowBatch
from pipeline.engines.whisper.model import load
from pipeline.engines.whisper.prompt import Hints, PromptOptions, Words
from pipeline.engines.whisper.silence_removal import ShortenedAudio, shortened
from pipeline.speech import SAMPLE_RATE, Transcribe, Transcript, Word
from pipeline.text.language import primary
from pipeline.text.segmenter import joined

_SHORTEST_S = 0.1
_LEVEL_WINDOW = SAMPLE_RATE // 50


@dataclass(frozen=True, slots=True)
class _Heard:
    """A job that is loud and long enough to be looked at."""

    job: Transcribe
    language: str
    short: ShortenedAudio
    audio: NDArray[np.float32]
    hints: Hints


class Whisper:
    """A `Transcriber` over a Whisper model folder in CTranslate2's format.

    `device` is cpu, cuda or auto, `compute_type` a type of CTranslate2's that the device computes (None: int8 on a
    CPU, float16 on a GPU), `threads` for a CPU.
    `margin`: frames of padding (10 ms each) left to the encoder, None for the usual 30 s. Whisper always pads an
    utterance to 30 s; without, it costs a twentieth for a short one. Weights that were trained on padded input must
    be shown to bear it first: `dragoman models check-trim` does. `stretch`: how many frames of padding more a job may
    get than it has alone, so that it goes with longer ones; None: any number. With 0 several jobs come out exactly as
    each alone; with more, about as sure, and where the model is in doubt not always the same. Without a margin all are
    as long, and it makes no difference.
    `hotwords` (a list of words, or one for each language) and `prompt` (a text, or one for each language) are what the
    model is told before each job, and `Transcribe.hotwords` before its own: see `prompt`.
    `lead_s` and `tail_s`: silence put before and after an utterance. `shorten`: whether long silence in it is left
    out (`silence_removal`), where the job says where voice is. `min_level_dbfs`: utterances whose loudest 20 ms are
    below are not looked at. A transcript is not `understood` below `min_logprob` (mean log probability of its
    tokens) or above `max_compression` (repetition); it is no text at all if, below `min_logprob`, the model gives more
    than `max_no_speech` to there being no speech. It is `certain` from `certain_logprob` on: a sentence that was
    cut short is less likely than one that is whole. These depend on the model, as does `suppress_tokens`, ids
    that are never decoded (-1: Whisper's own list of non-speech symbols). `word_timestamps` costs a second pass of the
    decoder. `timestamps`: the model marks where a sentence ends, and what follows is heard as a window of its own; for
    models that were trained to say no more than the marks bound. Word timestamps bring it with them.
    Raises `EngineError` for a folder, a device or hints that don't fit.
    """

    def __init__(
        self,
        path: str,
        *,
        device: str = "cpu",
        compute_type: str | None = None,
        threads: int = 1,
        margin: int | None = None,
        stretch: int | None = 0,
        hotwords: Words = (),
        prompt: str | Mapping[str, str] = "",
        lead_s: float = 0.0,
        tail_s: float = 0.5,
        shorten: bool = True,
        min_level_dbfs: float = -60.0,
        min_logprob: float = -1.0,
        certain_logprob: float = -0.35,
        max_no_speech: float = 0.6,
        max_compression: float = 2.4,
        suppress_tokens: Sequence[int] = (-1,),
        timestamps: bool = False,
        word_timestamps: bool = False,
    ) -> None:
        self._model = load(
            path, device=device, compute_type=compute_type, threads=threads, word_timestamps=word_timestamps
        )
        self.margin = margin
        self._prompting = PromptOptions(self._model.hf_tokenizer, hotwords, prompt)
        self._timestamps = timestamps or word_timestamps
        self._windows = WindowBatch(
            self._model,
            timestamps=self._timestamps,
            word_timestamps=word_timestamps,
            suppress_tokens=suppress_tokens,
            stretch=stretch,
        )
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

    @property
    def margin(self) -> int | None:
        """Frames of padding left to the encoder, None for the usual 30 s."""
        return self._model.margin

    @margin.setter
    def margin(self, frames: int | None) -> None:
        if frames is not None and frames < 0:
            raise EngineError(f"margin: {frames} frames of padding; 0 or more, or none for Whisper's usual 30 s")
        self._model.margin = frames

    def warm_up(self) -> None:
        """The first run allocates; nobody should wait for that."""
        noise = np.random.default_rng(0).normal(0, 1000, SAMPLE_RATE).astype(np.int16)
        self.transcribe([Transcribe(noise.tobytes(), min(self.languages))])

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        prepared = [self._prepare(job) for job in jobs]
        heard = [one for one in prepared if isinstance(one, _Heard)]
        if len(heard) == 1 and not heard[0].job.candidates:
            transcripts = [self._alone(heard[0])]
        else:
            transcripts = self._together(heard)
        told = iter(transcripts)
        return [next(told) if isinstance(one, _Heard) else one for one in prepared]

    def _prepare(self, job: Transcribe) -> _Heard | Transcript:
        """The audio as the model takes it, or the transcript of what is none."""
        language = primary(job.language)
        if language not in self.languages:
            raise EngineError(f"the recogniser doesn't know the language {job.language!r}")
        short = shortened(job.audio, job.voice if self._shorten else ())
        pcm = short.audio[: len(short.audio) // 2 * 2]
        audio = np.frombuffer(pcm, np.int16).astype(np.float32) / np.float32(32768)
        if audio.size < _SHORTEST_S * SAMPLE_RATE or _loudest(audio) < self._min_level:
            return _nothing(job)
        whole = np.concatenate((self._lead, audio, self._tail))
        return _Heard(job, language, short, whole, self._prompting.hints(language, job.hotwords))

    def _alone(self, heard: _Heard) -> Transcript:
        segments, _ = self._model.transcribe(
            heard.audio,
            language=heard.language,
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
            hotwords=heard.hints.hotwords,
            initial_prompt=heard.hints.initial_prompt,
            suppress_tokens=self._suppress_tokens,
            without_timestamps=not self._timestamps,
            word_timestamps=self._word_timestamps,
            # Judged below, over the whole utterance.
            no_speech_threshold=None,
            log_prob_threshold=None,
            compression_ratio_threshold=None,
        )
        return self._transcript(heard, segments, ())

    def _together(self, heard: Sequence[_Heard]) -> list[Transcript]:
        tasks = [
            Task(one.audio, one.language, one.hints, self.languages & set(map(primary, one.job.candidates)))
            for one in heard
        ]
        self._windows.transcribe(tasks)
        return [self._transcript(one, task.segments, task.spoken) for one, task in zip(heard, tasks, strict=True)]

    def _transcript(self, heard: _Heard, segments: Any, spoken: tuple[tuple[str, float], ...]) -> Transcript:
        said = [segment for segment in segments if segment.text.strip() and not self._is_noise(segment)]
        if not said:
            return _nothing(heard.job)
        weights = [len(segment.tokens) + 1 for segment in said]
        logprob = float(np.average([segment.avg_logprob for segment in said], weights=weights))
        understood = logprob >= self._min_logprob and all(
            segment.compression_ratio <= self._max_compression for segment in said
        )
        return Transcript(
            joined((segment.text.strip() for segment in said), heard.language),
            heard.job.language,
            min(1.0, math.exp(logprob)),
            understood,
            understood and logprob >= self._certain_logprob,
            tuple(self._word(word, heard.short) for segment in said for word in segment.words or ()),
            spoken,
        )

    def _is_noise(self, segment: Any) -> bool:
        return bool(segment.no_speech_prob > self._max_no_speech and segment.avg_logprob < self._min_logprob)

    def _word(self, word: Any, short: ShortenedAudio) -> Word:
        lead_ms = self._lead.size * 1000 / SAMPLE_RATE
        heard = (max(0, round(seconds * 1000 - lead_ms)) for seconds in (word.start, word.end))
        start, end = map(short.original_ms, heard)
        return Word(word.word, start, end, float(word.probability))


def _nothing(job: Transcribe) -> Transcript:
    return Transcript("", job.language, 0.0, understood=False)


def _loudest(audio: NDArray[np.float32]) -> float:
    """RMS of the loudest 20 ms, 1.0 being full scale."""
    windows = audio[: audio.size // _LEVEL_WINDOW * _LEVEL_WINDOW].reshape(-1, _LEVEL_WINDOW)
    return float(np.sqrt(np.max(np.mean(windows**2, axis=1))))
