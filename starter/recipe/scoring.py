"""Runs trials through the engines that Dragoman runs, and counts."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pipeline.engines.translation.ctranslate import CTranslate
from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe, Transcript, Translate
from pipeline.text.word_errors import word_errors
from starter.recipe.trials import Trial, as_int16
from testing.words import words

Show = Callable[[int], None]


@dataclass(frozen=True)
class Result:
    trial: Trial
    heard: Transcript

    @property
    def right(self) -> bool:
        """True if the result is right word for word, also in case and marks."""
        return self.heard.text == self.trial.said

    @property
    def refused(self) -> bool:
        """True if nothing of the result would be spoken."""
        return not self.heard.understood or not self.heard.text.strip()

    @property
    def logprob(self) -> float:
        """Mean log probability of the result's tokens; very low where there are none."""
        return math.log(self.heard.confidence) if self.heard.text.strip() and self.heard.confidence > 0 else -99.0


def listen(whisper: Whisper, trials: Sequence[Trial], show: Show = lambda _done: None) -> list[Result]:
    results = []
    for number, trial in enumerate(trials):
        (heard,) = whisper.transcribe([Transcribe(as_int16(trial.audio).tobytes(), trial.language)])
        results.append(Result(trial, heard))
        show(number + 1)
    return results


def word_error_rate(results: Sequence[Result]) -> float:
    """Return the share of wrong words, case and marks aside. A refused text counts as it was written down."""
    errors = sum(word_errors(words(one.trial.said), words(one.heard.text)) for one in results)
    return errors / sum(len(words(one.trial.said)) for one in results)


def share(marks: Sequence[bool]) -> float:
    return sum(marks) / max(1, len(marks))


def translated(translator: CTranslate, texts: Sequence[str], source: str, target: str) -> list[str]:
    translations: list[str] = []
    for start in range(0, len(texts), 32):
        jobs = [Translate(text, source, target) for text in texts[start : start + 32]]
        translations += [one.text for one in translator.translate(jobs)]
    return translations


def interpreted_right(translator: CTranslate, results: Sequence[Result]) -> float:
    """Return the share of recordings whose translation came out word for word, with marks: from sound to text."""
    right = []
    for one in results:
        target = "es" if one.trial.language == "en" else "en"
        (text,) = translated(translator, [one.heard.text], one.trial.language, target)
        right.append(text == one.trial.wanted and not one.refused)
    return share(right)
