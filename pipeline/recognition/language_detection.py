"""Spoken-language detection: decides from final speech when a speaker has changed language. Pure.

Only final text counts: an utterance that is over, long enough to be judged and judged clearly. One utterance in
another language is a quotation, a name or a mistake; several in a row are a change. Each change makes the next one
harder, so that who mixes two languages is not thrown to and fro: they are heard in one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pipeline.text.language import primary


@dataclass(frozen=True, slots=True)
class DetectionOptions:
    """Evidence that makes a change of language believed."""

    least_voice_ms: int = 1200
    """Voice below which an utterance is not judged."""
    least_probability: float = 0.75
    """Probability of the likeliest language below which an utterance does not count, 0..1."""
    utterances: int = 2
    """Utterances in a row, each in the same other language, that make the first change."""
    voice_ms: int = 4000
    """Voice that these utterances must have together."""
    dearer: int = 2
    """Utterances by which each change makes the row longer that the next change needs."""
    most: int = 8
    """Longest row that a change ever needs."""
    cheaper_after: int = 10
    """Utterances in the present language after which the next change needs the shortest row again."""


@dataclass(slots=True)
class LanguageDetector:
    """The language of one speaker: `judge` each utterance that is over.

    A tag is kept as it was given while its primary subtag is what is spoken: `es-MX` stays `es-MX`.
    """

    language: str
    settings: DetectionOptions = field(default_factory=DetectionOptions)
    changes: int = 0
    """Number of changes since it was last set."""
    _other: str = ""
    _in_a_row: int = 0
    _voice_ms: float = 0.0
    _dearer: int = 0
    _kept: int = 0

    def set(self, language: str) -> None:
        """Hold the speaker to be in this language, and forget all that was gathered."""
        self.language = language
        self.changes = self._dearer = self._kept = 0
        self._start_over()

    def judge(self, spoken: Sequence[tuple[str, float]], voice_ms: float, allowed: Collection[str]) -> str | None:
        """Judge an utterance with `voice_ms` of voice. Returns the new language if this changes it, or else None.

        `spoken` are its likely languages as (primary subtag, probability). Only those in `allowed` are ever believed.
        """
        if voice_ms < self.settings.least_voice_ms or not spoken:
            return None
        likeliest, probability = max(spoken, key=lambda one: one[1])
        if probability < self.settings.least_probability:
            return None
        if likeliest == primary(self.language) or likeliest not in allowed:
            self._start_over()
            self._keep()
            return None
        if likeliest != self._other:
            self._start_over()
            self._other = likeliest
        self._kept = 0
        self._in_a_row += 1
        self._voice_ms += voice_ms
        if self._in_a_row < self._needed or self._voice_ms < self.settings.voice_ms:
            return None
        self.language = likeliest
        self.changes += 1
        self._dearer += self.settings.dearer
        self._start_over()
        return likeliest

    @property
    def _needed(self) -> int:
        return min(self.settings.most, self.settings.utterances + self._dearer)

    def _keep(self) -> None:
        self._kept += 1
        if self._kept >= self.settings.cheaper_after:
            self._dearer = 0

    def _start_over(self) -> None:
        self._other, self._in_a_row, self._voice_ms = "", 0, 0.0
