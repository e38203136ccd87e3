"""Hears prompts by one Whisper in several ways of padding, and compares word errors and processor time with padding."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.short_windows.conditions import clean
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.recognition.hallucination import unlooped
from pipeline.speech import SAMPLE_RATE, Transcribe
from pipeline.text.word_errors import word_errors
from server.short_windows.material import words
from testing.percentiles import percentile
from testing.real_material import LANGUAGE, Prompt

CUTS = (0.35, 0.6, 0.8)
"""Shares of a prompt at which it is cut, as an interim pass would hear it."""
_DRAWS, _SEED = 10_000, 19


@dataclass(frozen=True, slots=True)
class Way:
    """A margin and a silent tail, frames of 10 ms; the padded encoder where the margin is None."""

    margin: int | None
    tail: int = 0

    @classmethod
    def of(cls, text: str) -> Way:
        """`100:3000`. Raises ValueError."""
        margin, _, tail = text.partition(":")
        return cls(int(margin), int(tail or 0))

    def __str__(self) -> str:
        return "padded" if self.margin is None else f"{self.margin}:{self.tail}"


PADDED = Way(None)


@dataclass(slots=True)
class Heard:
    """Results of one way, prompt by prompt. `cpu_ms` is the processor time of all threads."""

    way: Way
    texts: list[str] = field(default_factory=list)
    errors: list[int] = field(default_factory=list)
    cpu_ms: list[float] = field(default_factory=list)


def hear(
    whisper: Whisper,
    way: Way,
    prompts: Sequence[Prompt],
    say: Callable[[str], None] = lambda _: None,
    sound: Callable[[Prompt], bytes] = clean,
) -> Heard:
    """Hear each prompt as a final job of its own, as it comes out of `sound`."""
    heard = Heard(way)
    for prompt in prompts:
        text, cpu_ms = _one(whisper, way, sound(prompt), final=True)
        heard.texts.append(text)
        heard.errors.append(word_errors(words(prompt.text, LANGUAGE), words(text, LANGUAGE)))
        heard.cpu_ms.append(cpu_ms)
    say(f"{way}: {sum(heard.errors)} words wrong, {sum(heard.cpu_ms) / max(1, len(prompts)):.0f} ms a prompt")
    return heard


def interims(whisper: Whisper, way: Way, prompts: Sequence[Prompt]) -> dict[str, float]:
    """Return the share of words in which cut prompts agree with what the padded encoder hears, and processor time.

    A text that goes round in circles is cut as recognition cuts it.
    """
    differing = total = 0
    ms: dict[Way, float] = {PADDED: 0.0, way: 0.0}
    looped = dict.fromkeys(ms, 0)
    for prompt in prompts:
        audio = prompt.audio
        for cut in CUTS:
            part = audio[: int(len(audio) * cut) // 2 * 2]
            texts = {}
            for one in (PADDED, way):
                text, took = _one(whisper, one, part, final=False)
                texts[one] = unlooped(text)
                looped[one] += texts[one] != text
                ms[one] += took
            wanted = words(texts[PADDED], LANGUAGE)
            differing += word_errors(wanted, words(texts[way], LANGUAGE))
            total += len(wanted)
    count = max(1, len(prompts) * len(CUTS))
    return {
        "count": count,
        "words": total,
        "differing": differing,
        "paddedLooped": looped[PADDED],
        "looped": looped[way],
        "agree": round(1 - differing / max(1, total), 4),
        "paddedCpuMs": round(ms[PADDED] / count, 1),
        "cpuMs": round(ms[way] / count, 1),
    }


def _one(whisper: Whisper, way: Way, audio: bytes, *, final: bool) -> tuple[str, float]:
    """Return the text and the processor time of all threads, ms."""
    whisper.margin, whisper.silent_tail = way.margin, way.tail
    began = time.process_time()
    (transcript,) = whisper.transcribe([Transcribe(audio, LANGUAGE, final)])
    return transcript.text, (time.process_time() - began) * 1000


def row(heard: Heard, padded: Heard, prompts: Sequence[Prompt], of: Iterable[int]) -> dict[str, object]:
    """Return the figures of one way over the prompts numbered `of`, beside the padded one's."""
    numbers = list(of)
    counts = [len(words(prompts[n].text, LANGUAGE)) for n in numbers]
    mine, theirs = ([one.errors[n] for n in numbers] for one in (heard, padded))
    said = max(1, sum(counts))
    low, high = interval(mine, theirs, counts)
    three = [n for n in numbers if 2.5 <= len(prompts[n].audio) / 2 / SAMPLE_RATE <= 3.5]
    return {
        "way": str(heard.way),
        "prompts": len(numbers),
        "words": sum(counts),
        "errors": sum(mine),
        "wer": round(sum(mine) / said, 4),
        "morePoints": round(100 * (sum(mine) - sum(theirs)) / said, 2),
        "interval95": [low, high],
        "differ": sum(heard.texts[n] != padded.texts[n] for n in numbers),
        "cpuMs": _round(percentile([heard.cpu_ms[n] for n in numbers], 0.5)),
        "cpuOfPadded": _share([heard.cpu_ms[n] for n in numbers], [padded.cpu_ms[n] for n in numbers]),
        "cpuOfPaddedAt3s": _share([heard.cpu_ms[n] for n in three], [padded.cpu_ms[n] for n in three]),
    }


def interval(mine: Sequence[int], theirs: Sequence[int], counts: Sequence[int]) -> tuple[float, float]:
    """Return the 95 % interval of the difference in points, by a paired bootstrap over prompts (Bisani & Ney 2004)."""
    if not counts:
        return 0.0, 0.0
    more = np.asarray(mine, float) - np.asarray(theirs, float)
    said = np.asarray(counts, float)
    drawn = np.random.default_rng(_SEED).integers(0, len(counts), (_DRAWS, len(counts)))
    points = 100 * more[drawn].sum(axis=1) / np.maximum(1, said[drawn].sum(axis=1))
    low, high = np.percentile(points, [2.5, 97.5])
    return round(float(low), 2), round(float(high), 2)


def _share(mine: Sequence[float], theirs: Sequence[float]) -> float | None:
    return round(sum(mine) / sum(theirs), 3) if sum(theirs) else None


def _round(value: float | None) -> float | None:
    return None if value is None else round(value, 1)
