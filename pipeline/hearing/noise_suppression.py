"""Takes noise out of what recognition hears of one speaker, by WebRTC's suppressor (the extra `[denoise]`).

It works at frame rate, on frames of 16 kHz: as long as the delay of its filter bank, a few ms, and without a model.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.speech import FRAME_BYTES, Frame

LEVELS = 4
"""Levels of WebRTC's suppressor: 1 takes out the least, 4 the most."""
LIBRARY = "webrtc_noise_gain"
_STEP_BYTES = FRAME_BYTES // 2
"""The library takes 10 ms at a time."""


class NoiseSuppressor:
    """Suppression for one microphone. Steady noise is known after a second or two."""

    def __init__(self, level: int) -> None:
        """`level`: 1 to `LEVELS`. Raises ImportError where the library is missing, ValueError for another level."""
        if not 1 <= level <= LEVELS:
            raise ValueError(f"the level is 1 to {LEVELS}")
        from webrtc_noise_gain import AudioProcessor

        self._processor: Any = AudioProcessor(0, level)  # without its gain: loudness is the recogniser's own affair

    def clean(self, frame: Frame) -> Frame:
        """Return the frame with less noise. One that its sender marked as silence stays as it is."""
        if len(frame.pcm) != FRAME_BYTES:
            return frame
        process, pcm = self._processor.Process10ms, frame.pcm
        return replace(frame, pcm=process(pcm[:_STEP_BYTES]).audio + process(pcm[_STEP_BYTES:]).audio)
