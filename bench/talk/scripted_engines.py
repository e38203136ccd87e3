"""Engines that know the script: without cost for our own overhead, or with the cost of models of true size.

They are found by the server as any third party's are, as entry points of `dragoman.engines` (`scripting.py`).
Text comes from the script, which answers an interim with the words that it could have heard (`script.py`). Those of
true size run their whole computation first: features, encoder, as many tokens as the words would have.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.talk import tone_language
from bench.talk.sound_script import Script, Spoken
from pipeline.engines.registry import Engine, Entry
from pipeline.speech import SAMPLE_RATE, Speech, Synthesize, Transcribe, Transcript, Translate, Translation, Word
from pipeline.text.language import primary
from server.short_windows.padding import MARGIN, SILENT_TAIL
from testing.words import words

TOKENS_PER_WORD = 1.4
TAIL_S = 0.5  # as in pipeline.engines.whisper.transcriber
LONGEST_S = 20  # as in pipeline.hearing.endpointer
MOST_WORDS = 4 * LONGEST_S  # more than are said in it
PAIRS = frozenset({("en", "es"), ("es", "en")})


class ScriptedRecogniser:
    """A `Transcriber`: the script's words, at once."""

    languages = frozenset({"en", "es"})

    def __init__(self, script: str) -> None:
        self._scripts = {language: Script(Path(script), language) for language in _known(script)}

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        return [self._one(job) for job in jobs]

    def _one(self, job: Transcribe) -> Transcript:
        spoken = self._scripts[primary(job.language)].words(job.audio)
        self._work(job, spoken)
        if not spoken:
            return Transcript("", job.language, 0.0, understood=False)
        heard = tuple(Word(one.text, one.start_ms, one.end_ms, 0.95) for one in spoken)
        return Transcript(" ".join(one.text for one in spoken), job.language, 0.95, words=heard)

    def _work(self, job: Transcribe, spoken: Sequence[Spoken]) -> None:
        """Do the computation of a model; none here."""


class TrueSizeRecogniser(ScriptedRecogniser):
    """A `Transcriber`: the script's words, after the time of a Whisper of that size.

    With `short` its encoder is spared the padding; the decoder sees as many positions in both ways.
    """

    def __init__(self, script: str, model: str, threads: int = 1, short: bool = False) -> None:
        import ctranslate2
        from faster_whisper.feature_extractor import FeatureExtractor
        from tokenizers import Tokenizer

        super().__init__(script)
        self._short = short
        self._storage = ctranslate2.StorageView
        self._model = ctranslate2.models.Whisper(model, compute_type="int8", intra_threads=threads, inter_threads=1)
        self._features = FeatureExtractor(feature_size=self._model.n_mels)
        self._token = Tokenizer.from_file(str(Path(model) / "tokenizer.json")).token_to_id

    def warm_up(self) -> None:
        """Run once, since the first run allocates.

        The window is the longest there is, with as many words. Any later growth is no buffer: neither the model's, nor
        that of the search in the script.
        """
        noise = np.random.default_rng(0).normal(0, 1000, SAMPLE_RATE * LONGEST_S).astype(np.int16).tobytes()
        for script in self._scripts.values():
            script.words(noise)
        self._compute(Transcribe(bytes(2 * SAMPLE_RATE * LONGEST_S), "en"), MOST_WORDS)

    def _work(self, job: Transcribe, spoken: Sequence[Spoken]) -> None:
        self._compute(job, len(spoken))

    def _compute(self, job: Transcribe, words_in_it: int) -> None:
        samples = np.frombuffer(job.audio[: len(job.audio) // 2 * 2], np.int16).astype(np.float32) / np.float32(32768)
        features = self._features(np.concatenate([samples, np.zeros(int(TAIL_S * SAMPLE_RATE), np.float32)]))
        used = math.ceil((features.shape[-1] + MARGIN) / 50) * 50 if self._short else SILENT_TAIL
        frames = min(SILENT_TAIL, used)
        padded = np.zeros((1, self._model.n_mels, frames), np.float32)
        padded[0, :, : min(frames, features.shape[-1])] = features[:, :frames]
        heard = np.asarray(self._model.encode(self._storage.from_array(padded)))
        tail = np.zeros((1, SILENT_TAIL // 2 - heard.shape[1], heard.shape[2]), np.float32)
        encoded = self._storage.from_array(np.concatenate([heard, tail], axis=1))
        names = ("startoftranscript", primary(job.language), "transcribe", "notimestamps")
        prompt = [self._token(f"<|{name}|>") for name in names]
        count = 1 + math.ceil(TOKENS_PER_WORD * words_in_it)
        self._model.generate(
            encoded, [prompt], beam_size=1, max_length=len(prompt) + count,
            suppress_tokens=[self._token("<|endoftext|>")], suppress_blank=False,
        )  # fmt: skip


class ToneTranslator:
    """A `Translator` into tones."""

    pairs = PAIRS

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation]:
        return [Translation(tone_language.translation(job.text), job.source, job.target, kept=True) for job in jobs]


class ToneVoice:
    """A `Synthesizer` of tones."""

    languages = frozenset({"en", "es"})

    def synthesize(self, jobs: Sequence[Synthesize]) -> Sequence[Speech]:
        return [Speech(tone_language.speech(job.text)) for job in jobs]


class Phrasebook:
    """Translations of sentences and of parts of them."""

    @classmethod
    def of(cls, script: str) -> Phrasebook:
        """Return the phrasebook of a script's folder."""
        return cls(json.loads((Path(script) / "translations.json").read_text(encoding="utf-8")))

    def __init__(self, told: Sequence[tuple[str, str]]) -> None:
        self._clauses = [(words(source), target.split()) for source, target in told]

    def translation(self, text: str) -> str:
        """Translate `text` piece by piece, each the longest that is part of a sentence. Unknown words are left out."""
        source, done = words(text), list[str]()
        at = 0
        while at < len(source):
            length, start, clause = max(
                ((_same(source, at, of[0], start), start, of) for of in self._clauses for start in range(len(of[0]))),
                key=lambda found: (found[0], -found[1]),
            )
            if not length:
                at += 1
                continue
            share = len(clause[1]) / len(clause[0])
            done += clause[1][round(start * share) : round((start + length) * share)]
            at += length
        return " ".join(done)


class TrueSizeTranslator:
    """A `Translator`: the phrasebook's translations, after the time of an OPUS-MT.

    A part of a sentence becomes the part of the translation at the same place.
    """

    pairs = PAIRS

    def __init__(self, script: str, model: str, threads: int = 1) -> None:
        import ctranslate2

        self._phrasebook = Phrasebook.of(script)
        self._model = ctranslate2.Translator(model, compute_type="int8", intra_threads=threads, inter_threads=1)

    def warm_up(self) -> None:
        """Run once for the longest turn, since the first run allocates."""
        self._work("one " * MOST_WORDS, "uno " * MOST_WORDS)

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation]:
        done = []
        for job in jobs:
            text = self._phrasebook.translation(job.text)
            self._work(job.text, text)
            done.append(Translation(text, job.source, job.target))
        return done

    def _work(self, source: str, target: str) -> None:
        count = max(1, math.ceil(TOKENS_PER_WORD * len(target.split())))
        tokens = [f"t{number + 10}" for number in range(max(1, math.ceil(TOKENS_PER_WORD * len(source.split()))))]
        self._model.translate_batch(
            [tokens], beam_size=1, min_decoding_length=count, max_decoding_length=count, disable_unk=True
        )


def _same(source: list[str], at: int, clause: list[str], start: int) -> int:
    """Return the number of words that are the same in both from there on."""
    length = 0
    while at + length < len(source) and start + length < len(clause) and source[at + length] == clause[start + length]:
        length += 1
    return length


def _known(script: str) -> list[str]:
    return [language for language in ("en", "es") if (Path(script) / f"{language}.npy").is_file()]


def _entry(kind: Any, name: str, make: Any, summary: str) -> Entry:
    def build(**options: Any) -> Engine:
        engine: Engine = make(**options)
        return engine

    return Entry(kind, name, build, summary, "Apache-2.0")


SCRIPTED_RECOGNISER = _entry("stt", "bench-script", ScriptedRecogniser, "what is said, from the bench's script")
TRUE_SIZE_RECOGNISER = _entry("stt", "bench-true-size", TrueSizeRecogniser, "the same after a true model's time")
TONE_TRANSLATOR = _entry("mt", "bench-tones", ToneTranslator, "words into numbers")
TRUE_TRANSLATOR = _entry("mt", "bench-true-size", TrueSizeTranslator, "the phrasebook after a true model's time")
TONE_VOICE = _entry("tts", "bench-tones", ToneVoice, "numbers as tones")
