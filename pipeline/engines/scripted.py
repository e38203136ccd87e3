"""Scripted engines for tests: tones in place of speech, with delays, faults and crashes on demand.

By default they carry a tone through the pipeline: the transcriber measures the strongest frequency of the
utterance and writes it down ("tone 440"), the translator keeps the text, and the synthesizer speaks the
number that it finds in the text as a pure tone, `shift_hz` higher, so that an ear can tell the interpreter
from the speaker. All of it is deterministic.

Options common to the three, plain JSON values:

- `delay_s`: seconds that every job takes.
- `raise_on`, `hang_on`, `crash_on`: a text; a job that contains it (a `Transcribe`: whose transcript does)
  raises, never returns, or ends the process.
- `raise_every`: every nth job raises.
- `languages`: list of primary subtags (transcriber, synthesizer); `pairs`: list of [source, target].

`ScriptedTranscriber`: `texts` {language: text, or a list that is gone through again and again} instead of
tones; `grid_hz` rounds measured tones; `confidence`. Near-silence is not understood.
`ScriptedTranslator`: `texts` {source text: target text}; `pattern` for all others, with `{text}`, `{source}`
and `{target}`.
`ScriptedSynthesizer`: `shift_hz`, `seconds` of each tone, `word_seconds` more for each word, `tone_hz` where
the text holds no number, `silent` for no audio at all.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from pipeline.engines import EngineError
from pipeline.speech import (
    SAMPLE_RATE,
    VOICE_RATE,
    Speech,
    Synthesize,
    Transcribe,
    Transcript,
    Translate,
    Translation,
)
from pipeline.text.language import primary

LANGUAGES = ("en", "es")
_NEAR_SILENCE = 60.0  # RMS of int16 samples, about -55 dBFS
_AMPLITUDE = 4600  # a sine of -20 dBFS RMS
_FOR_EVER = 1e8  # seconds; time.sleep takes no infinity


class Script:
    """The delays and faults of a scripted engine."""

    def __init__(
        self,
        delay_s: float = 0.0,
        raise_on: str | None = None,
        raise_every: int | None = None,
        hang_on: str | None = None,
        crash_on: str | None = None,
    ) -> None:
        self.delay_s = delay_s
        self._raise_on, self._hang_on, self._crash_on = raise_on, hang_on, crash_on
        self._raise_every = raise_every
        self._jobs = itertools.count(1)

    def wait_s(self, text: str) -> float:
        """Return the time that this job takes, in seconds. `inf` if it hangs."""
        return float("inf") if self._hang_on is not None and self._hang_on in text else self.delay_s

    def act(self, text: str) -> None:
        """Raise or crash if it is this job's turn."""
        number = next(self._jobs)
        if self._crash_on is not None and self._crash_on in text:
            os._exit(3)
        if self._raise_on is not None and self._raise_on in text:
            raise RuntimeError(f"scripted to fail on {text!r}")
        if self._raise_every and number % self._raise_every == 0:
            raise RuntimeError(f"scripted to fail on job {number}")


class _Scripted(ABC):
    script: Script

    @abstractmethod
    def result(self, job: Any) -> tuple[Any, str]:
        """The answer, and the text by which the script decides."""

    def run(self, jobs: Sequence[Any]) -> list[Any]:
        return [self._one(job) for job in jobs]

    def _one(self, job: Any) -> Any:
        result, text = self.result(job)
        wait = self.script.wait_s(text)
        time.sleep(min(wait, _FOR_EVER))
        self.script.act(text)
        return result


def in_loop(
    engine: ScriptedTranscriber | ScriptedTranslator | ScriptedSynthesizer,
) -> Callable[[Any], Awaitable[Any]]:
    """The engine as a coroutine function for a `DirectLane`: it waits on the loop's clock, not in a sleep."""

    async def run(job: Any) -> Any:
        result, text = engine.result(job)
        wait = engine.script.wait_s(text)
        await (asyncio.sleep(wait) if wait != float("inf") else asyncio.get_running_loop().create_future())
        engine.script.act(text)
        return result

    run.languages = getattr(engine, "languages", frozenset())  # type: ignore[attr-defined]
    run.pairs = getattr(engine, "pairs", frozenset())  # type: ignore[attr-defined]
    return run


def strongest_hz(pcm: bytes, rate: int = SAMPLE_RATE) -> float | None:
    """The dominant frequency of mono s16 audio, to a few Hz for 0.2 s or more; None for near-silence."""
    samples = np.frombuffer(pcm[: len(pcm) // 2 * 2], np.int16).astype(np.float32)
    if samples.size < rate // 50 or np.sqrt(np.mean(samples**2)) < _NEAR_SILENCE:
        return None
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(samples.size)))
    spectrum[: int(60 * samples.size / rate)] = 0
    return float(np.argmax(spectrum) * rate / samples.size)


def tone(hz: float, seconds: float, rate: int = VOICE_RATE) -> bytes:
    """A sine at -20 dBFS with 5 ms fades, mono s16."""
    time_s = np.arange(int(seconds * rate)) / rate
    edge = np.clip(np.minimum(time_s, seconds - time_s) / 0.005, 0, 1)
    return (np.sin(2 * np.pi * hz * time_s) * edge * _AMPLITUDE).astype(np.int16).tobytes()


class ScriptedTranscriber(_Scripted):
    def __init__(
        self,
        texts: Mapping[str, str | Sequence[str]] | None = None,
        grid_hz: float = 10.0,
        confidence: float = 0.9,
        languages: Iterable[str] = LANGUAGES,
        **script: Any,
    ) -> None:
        self.languages = frozenset(languages)
        self.script = Script(**script)
        self._grid_hz = grid_hz
        self._confidence = confidence
        self._texts = {
            language: itertools.cycle([text] if isinstance(text, str) else text)
            for language, text in (texts or {}).items()
        }

    def transcribe(self, jobs: Sequence[Transcribe]) -> Sequence[Transcript]:
        return self.run(jobs)

    def result(self, job: Transcribe) -> tuple[Transcript, str]:
        if primary(job.language) not in self.languages:
            raise EngineError(f"nothing is scripted in {job.language!r}")
        hz = strongest_hz(job.audio)
        if hz is None:
            return Transcript("", job.language, 0.0, understood=False), ""
        texts = self._texts.get(primary(job.language))
        text = next(texts) if texts else f"tone {round(hz / self._grid_hz) * self._grid_hz:g}"
        return Transcript(text, job.language, self._confidence), text


class ScriptedTranslator(_Scripted):
    def __init__(
        self,
        texts: Mapping[str, str] | None = None,
        pattern: str = "{text}",
        pairs: Iterable[Sequence[str]] = tuple(itertools.permutations(LANGUAGES, 2)),
        **script: Any,
    ) -> None:
        self.pairs = frozenset((source, target) for source, target in pairs)
        self.script = Script(**script)
        self._texts = dict(texts or {})
        self._pattern = pattern

    def translate(self, jobs: Sequence[Translate]) -> Sequence[Translation]:
        return self.run(jobs)

    def result(self, job: Translate) -> tuple[Translation, str]:
        if (primary(job.source), primary(job.target)) not in self.pairs:
            raise EngineError(f"nothing is scripted for {job.source!r} → {job.target!r}")
        text = self._texts.get(job.text)
        kept = text is None and self._pattern == "{text}"
        if text is None and job.text.strip():
            text = self._pattern.format(text=job.text, source=job.source, target=job.target)
        sendable = (text or "").encode("utf-8", "replace").decode()
        return Translation(sendable.strip(), job.source, job.target, kept), job.text


class ScriptedSynthesizer(_Scripted):
    def __init__(
        self,
        shift_hz: float = 1000.0,
        seconds: float = 1.0,
        word_seconds: float = 0.0,
        tone_hz: float = 300.0,
        silent: bool = False,
        languages: Iterable[str] = LANGUAGES,
        **script: Any,
    ) -> None:
        self.languages = frozenset(languages)
        self.script = Script(**script)
        self._shift_hz, self._tone_hz = shift_hz, tone_hz
        self._seconds, self._word_seconds = seconds, word_seconds
        self._silent = silent

    def synthesize(self, jobs: Sequence[Synthesize]) -> Sequence[Speech]:
        return self.run(jobs)

    def result(self, job: Synthesize) -> tuple[Speech, str]:
        if primary(job.language) not in self.languages:
            raise EngineError(f"nothing is scripted in {job.language!r}")
        if self._silent or not any(char.isalnum() for char in job.text):
            return Speech(b""), job.text
        number = re.search(r"\d+(\.\d+)?", job.text)
        hz = float(number[0]) if number else self._tone_hz
        seconds = (self._seconds + self._word_seconds * len(job.text.split())) / job.rate
        return Speech(tone(hz + self._shift_hz, seconds)), job.text
