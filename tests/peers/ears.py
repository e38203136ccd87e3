"""Recordings of the lines of a peer, on the clock, cut where a sentence was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.speech import SAMPLE_RATE
from testing.recordings import VOICED, Samples, find
from testing.resampling import as_float, resampled

from .process import Process

RATE = 48_000
AROUND = SAMPLE_RATE // 5  # samples kept before and after a voice
PIECE = SAMPLE_RATE * 3 // 10
Recognise = Callable[[Samples, str], str]
"""The type of the fixture `recognise`."""


def for_recognition(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> Samples:
    """Return 48 kHz, 16 bit as the recogniser wants it: `SAMPLE_RATE`, -1..1."""
    return as_float(resampled(samples, RATE))


@dataclass(frozen=True)
class Ear:
    """One line of one connection: `path` holds 48 kHz mono samples without a hole, from `began` on, ms since 1970."""

    kind: str
    path: Path
    began: int

    def between(self, since: float, until: float) -> Samples:
        """Return the sound in a span of ms since 1970; less where the recording begins later or ends earlier."""
        samples = np.fromfile(self.path, np.int16)
        first, last = (round(max(0.0, at - self.began) * RATE / 1000) for at in (since, until))
        return (
            for_recognition(samples[first:last]) if last > first and first < len(samples) else np.zeros(0, np.float32)
        )


async def ears_of(peer: Process) -> list[Ear]:
    """The ears of the connection that carries the call now."""
    told: dict[str, dict[str, Any]] = await peer.do("ears")
    return [Ear(kind, Path(ear["path"]), ear["began"]) for kind, ear in told.items()]


def trimmed(sound: Samples) -> Samples:
    """From a little before the first voice to a little after the last one."""
    loud = np.flatnonzero(np.abs(sound) > VOICED)
    return sound[max(0, loud[0] - AROUND) : loud[-1] + AROUND] if len(loud) else np.zeros(0, np.float32)


def likeness(sound: Samples, within: Samples) -> float:
    """Return the share of `sound` that is in `within`, 0..1: the median over pieces of 0.3 s.

    A jitter buffer stretches and shortens speech, so that the whole is nowhere in it as it was.
    """
    pieces = [sound[at : at + PIECE] for at in range(0, len(sound) - PIECE + 1, PIECE)]
    return float(np.median([find(piece, within)[1] for piece in pieces]))
