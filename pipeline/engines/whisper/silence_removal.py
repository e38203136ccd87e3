"""Shortens long silence within a window before recognition, and maps word times back.

A recogniser takes a long pause for an end, and invents what it misses; who hesitates is better understood without
the hesitation (the voice filter of WhisperX, Bain et al. 2023, arXiv:2303.00747, has the same reason). Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.speech import SAMPLE_RATE

INNER_MS = 280
"""Rest of a silence between voices, ms: half behind the one, half before the other."""
EDGE_MS = 300
"""Silence left before the first voice and behind the last, ms."""
_BYTES_PER_MS = SAMPLE_RATE // 1000 * 2


@dataclass(frozen=True, slots=True)
class ShortenedAudio:
    """`audio` consists of the `kept` spans of another, ms from its first sample."""

    audio: bytes
    kept: tuple[tuple[int, int], ...]

    def original_ms(self, ms: int) -> int:
        """Return the time in the original audio for a time in the shortened one, ms."""
        for start, end in self.kept:
            if ms <= end - start:
                return start + ms
            ms -= end - start
        return self.kept[-1][1] + ms if self.kept else ms


def shortened(audio: bytes, voice: Sequence[tuple[int, int]]) -> ShortenedAudio:
    """Mono s16 audio at `SAMPLE_RATE` without most of its silence. `voice` are the spans of voice in it, in order, ms
    from its first sample; where none is known all is kept."""
    length = len(audio) // _BYTES_PER_MS
    kept: list[tuple[int, int]] = []
    for number, (start, end) in enumerate(voice):
        since = max(0, start - (INNER_MS // 2 if number else EDGE_MS))
        until = min(length, end + (INNER_MS // 2 if number < len(voice) - 1 else EDGE_MS))
        if kept and since <= kept[-1][1]:
            since = kept.pop()[0]
        if since < until:
            kept.append((since, until))
    if not kept:
        return ShortenedAudio(audio, ((0, length),))
    return ShortenedAudio(
        b"".join(audio[start * _BYTES_PER_MS : end * _BYTES_PER_MS] for start, end in kept), tuple(kept)
    )
