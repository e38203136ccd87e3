"""Says what noise suppression costs this machine, and where its library is missing."""

from __future__ import annotations

import time

import numpy as np

from pipeline.hearing.noise_suppression import NoiseSuppressor
from pipeline.speech import FRAME_BYTES, FRAME_MS, Frame
from server.cli.finding import Finding

_FRAMES = 500
_ROUNDS = 3


def suppression_cost(level: int) -> Finding:
    """Return the finding on `DRAGOMAN_NOISE_SUPPRESSION`, for a level above 0."""
    try:
        cost_ms = processor_ms(level)
    except ImportError:
        return Finding("noise suppression", "its library is missing; pip install 'dragoman[denoise]'")
    share = cost_ms / FRAME_MS
    return Finding(
        f"noise suppression at level {level} costs {cost_ms:.3f} ms of processor for each {FRAME_MS} ms of each "
        f"microphone, {share:.1%} of a core"
    )


def processor_ms(level: int) -> float:
    """Return the processor time of one frame in ms, the least of a few rounds. Raises ImportError."""
    noise = np.random.default_rng(1).normal(0, 1000, _FRAMES * FRAME_BYTES // 2).astype(np.int16).tobytes()
    frames = [Frame(0, noise[at : at + FRAME_BYTES]) for at in range(0, len(noise), FRAME_BYTES)]
    suppressor, rounds = NoiseSuppressor(level), list[float]()
    for _ in range(_ROUNDS):
        began = time.thread_time()
        for frame in frames:
            suppressor.clean(frame)
        rounds.append((time.thread_time() - began) * 1000 / _FRAMES)
    return min(rounds)
