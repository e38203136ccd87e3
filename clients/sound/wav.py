"""WAV files: reading of a whole clip, and a recording that is written at any place of its timeline."""

from __future__ import annotations

import struct
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import av.error
import numpy as np

from clients.sound.opus import RATE, Samples

HEADER_BYTES = 44


def load(path: Path) -> Samples:
    """Return an audio file of any rate and channel count as 48 kHz mono. Raises ValueError when it cannot be read."""
    pieces: list[Samples] = []
    try:
        with av.open(str(path)) as container:
            resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            for frame in [*container.decode(audio=0), None]:
                planes = (out.to_ndarray().reshape(-1) for out in resampler.resample(frame))
                pieces.extend(plane.astype(np.int16, copy=False) for plane in planes)
    except (av.error.FFmpegError, OSError, IndexError) as error:
        raise ValueError(f"cannot read {path}: {error}") from error
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int16)


class Recording:
    """A 48 kHz mono WAV file that is silent wherever nothing was written.

    Pieces are written straight to their place in a sparse file: an hour of silence costs neither memory nor disk.
    Without a path nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._file = path.open("wb") if path else None
        self._length = 0
        self._write_header()

    def write(self, start: int, samples: Samples) -> None:
        """Write samples at sample number `start`. Samples before 0 are left out."""
        samples = samples[max(0, -start) :]
        start = max(0, start)
        if self._file is None or not len(samples):
            return
        self._file.seek(HEADER_BYTES + 2 * start)
        self._file.write(samples.astype("<i2", copy=False).tobytes())
        self._length = max(self._length, start + len(samples))

    def extend(self, length: int) -> None:
        """Let the recording last at least `length` samples."""
        self._length = max(self._length, length)

    def close(self) -> None:
        if self._file is None:
            return
        self._file.truncate(HEADER_BYTES + 2 * self._length)
        self._write_header()
        self._file.close()
        self._file = None

    def _write_header(self) -> None:
        if self._file is None:
            return
        data = 2 * self._length
        self._file.seek(0)
        self._file.write(struct.pack("<4sI4s", b"RIFF", HEADER_BYTES - 8 + data, b"WAVE"))
        self._file.write(struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16))
        self._file.write(struct.pack("<4sI", b"data", data))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
