"""Which language somebody speaks, judged from what they have said, and never flapping. Pure.

Only settled speech counts: an utterance that is over, long enough to be judged and judged clearly. One utterance in
another language is a quotation, a name or a mistake; several in a row are a change. Each change makes the next one
harder, so that who mixes two languages is not thrown to and fro: they are heard in one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pipeline.text.language import primary


@dataclass(frozen=True, slots=True)
class DetectionOptions:
    """When a language is believed to be another."""

    least_voice_ms: int = 1200
    """An utterance with less voice is not judged."""
    least_probability: float = 0.75
    """Of the likeliest language, for the utterance to count at all."""
    utterances: int = 2
    """So many in a row, each in the same other language, are a change,"""
    voice_ms: int = 4000
    """if there is so much voice in them together."""
    dearer: int = 2
    """Utterances more that each change asks for after the one before it,"""
    most: int = 8
    """up to so many in a row;"""
    cheaper_after: int = 10
    """after so many utterances in the language as it is, a change asks for what it asked for at first."""


@dataclass(slots=True)
class LanguageDetector:
    """The language of one speaker. `heard` is told of each utterance that is over; `language` is what they speak.

    A tag is kept as it was given while its primary subtag is what is spoken: `es-MX` stays `es-MX`.
    """

    language: str
    settings: DetectionOptions = field(default_factory=DetectionOptions)
    changes: int = 0
    """How often it has changed since it was last set."""
    _other: str = ""
    _in_a_row: int = 0
    _voice_ms: float = 0.0
    _dearer: int = 0
    _kept: int = 0

    def set(self, language: str) -> None:
        """The speaker has said what they speak: all that was gathered is forgotten."""
        self.language = language
        self.changes = self._dearer = self._kept = 0
        self._start_over()

    def heard(self, spoken: Sequence[tuple[str, float]], voice_ms: float, allowed: Collection[str]) -> str | None:
        """An utterance with so much voice is over, and is in these languages, (primary subtag, probability). Returns
        the new language if this changes it. Languages that are not `allowed` are never believed."""
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
