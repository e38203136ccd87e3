"""Reads a recording of any format that FFmpeg knows."""

from __future__ import annotations

from pathlib import Path

import av

from pipeline.speech import SAMPLE_RATE


def read_recording(path: Path) -> bytes:
    """Any audio file that FFmpeg reads, as mono s16 at `SAMPLE_RATE`. Raises ValueError naming the file."""
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
            chunks = [
                frame.to_ndarray().tobytes()
                for decoded in [*container.decode(audio=0), None]
                for frame in resampler.resample(decoded)
            ]
    except (av.FFmpegError, OSError, IndexError) as error:
        raise ValueError(f"{path} can't be read as audio: {error}") from None
    return b"".join(chunks)
