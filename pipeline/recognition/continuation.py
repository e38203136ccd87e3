"""Decides whether an utterance goes on the sentence that its speaker's last one left open. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.recognition.utterance import Utterance
from pipeline.text.language import same
from pipeline.text.segmenter import is_sentence

WITHIN_MS = 3_000
"""Silence between two utterances after which the later one is a sentence of its own."""


@dataclass(frozen=True, slots=True)
class LeftOpen:
    """An utterance whose final text ended without the end of a sentence."""

    utterance: str
    language: str
    end_ms: int
    """Media time at which its last voice ended."""


def left_open(utterance: Utterance, text: str, *, marks: bool) -> LeftOpen | None:
    """Return what an utterance with this final text leaves open, or None.

    `marks`: the recogniser is known to write marks. Without, a missing one tells nothing. Typed text is whole.
    """
    if not marks or not text or utterance.text is not None or is_sentence(text, utterance.language):
        return None
    return LeftOpen(utterance.id, utterance.language, utterance.end_ms)


def continued(utterance: Utterance, before: LeftOpen | None) -> str | None:
    """Return the utterance that a later one goes on, or None if that begins a sentence."""
    if before is None or utterance.text is not None or not same(utterance.language, before.language):
        return None
    return before.utterance if utterance.start_ms - before.end_ms <= WITHIN_MS else None
