"""Voice activity detection: decides for each frame whether it is speech or noise (webrtcvad, then Silero)."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import webrtcvad
from numpy.typing import NDArray

from pipeline.hearing.energy import Energy
from pipeline.hearing.voice_activity_options import VoiceActivityOptions
from pipeline.speech import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE

# The model hears 512 samples, with the 64 before them (as faster_whisper.vad feeds it).
_WINDOW = 512
_WINDOW_BYTES = 2 * _WINDOW
_CONTEXT = 64
_STATE = (1, 1, 128)
_SILENCE = bytes(FRAME_BYTES)


@cache
def _silero() -> Any:
    """One session for all calls: it holds no state between runs, and its one thread is the caller's."""
    package = importlib.util.find_spec("faster_whisper")
    assert package is not None and package.origin is not None
    options = onnxruntime.SessionOptions()
    options.inter_op_num_threads = options.intra_op_num_threads = 1
    options.enable_cpu_mem_arena = False
    options.log_severity_level = 3
    model = Path(package.origin).parent / "assets" / "silero_vad_v6.onnx"
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


class Silero:
    """The probability of speech, window by window. State of one call."""

    def __init__(self) -> None:
        self._session = _silero()
        self.reset()

    def reset(self) -> None:
        self._h = self._c = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    def probability(self, window: NDArray[np.float32]) -> float:
        """0..1 for 512 samples in -1..1 that follow the last ones given."""
        samples = np.concatenate((self._context, window))[np.newaxis]
        out, self._h, self._c = self._session.run(None, {"input": samples, "h": self._h, "c": self._c})
        self._context = window[-_CONTEXT:]
        return float(out.ravel()[0])


class VoiceActivity:
    """Two opinions in turn: Silero is asked only while webrtcvad has heard something lately."""

    def __init__(self, options: VoiceActivityOptions | None = None) -> None:
        options = options or VoiceActivityOptions()
        self._gate = webrtcvad.Vad(options.aggressiveness)
        self._silero = Silero()
        self._on, self._off = options.on, options.off
        self._floor = (32768 * 10 ** (options.floor_dbfs / 20)) ** 2
        self._gate_frames = options.gate_ms // FRAME_MS
        self._energy = Energy(FRAME_SAMPLES)
        self.reset()

    def reset(self) -> None:
        """Forgets all that was heard: a new stream, or a long gap in this one."""
        self._silero.reset()
        self._pending = b""
        """Sound that Silero has not heard, s16: it is scaled when its turn comes, and silence's never does."""
        self._open_for = 0
        self._speech = False

    def is_speech(self, frame_pcm: bytes) -> bool:
        """`frame_pcm`: 20 ms, mono s16, 16 kHz; empty is silence. Raises `ValueError` for another length.

        The answer is that of the last whole window of Silero's, so it lags by up to 32 ms. Silence within a word (the
        stop of a consonant, on a microphone that cuts off noise) is heard by Silero as it is: forgetting all before
        it, Silero would be deaf to the soft sounds that follow.
        """
        if not frame_pcm:
            if not self._open_for:
                return self._close()
            frame_pcm = _SILENCE
        if len(frame_pcm) != FRAME_BYTES:
            raise ValueError(f"{len(frame_pcm)} bytes are not a frame of {FRAME_BYTES}")
        loud = self._energy.of(frame_pcm) > self._floor * FRAME_SAMPLES
        if loud and self._gate.is_speech(frame_pcm, SAMPLE_RATE):
            self._open_for = self._gate_frames
        elif self._open_for:
            self._open_for -= 1
        self._pending += frame_pcm
        if not self._open_for:
            return self._close()
        while len(self._pending) >= _WINDOW_BYTES:
            heard, self._pending = self._pending[:_WINDOW_BYTES], self._pending[_WINDOW_BYTES:]
            window = np.frombuffer(heard, np.int16).astype(np.float32) / np.float32(32768)
            self._speech = self._silero.probability(window) >= (self._off if self._speech else self._on)
        return self._speech and loud

    def _close(self) -> bool:
        """The gate is shut: keep one window, so that the next onset is judged with what came before it."""
        if self._speech or self._open_for:
            self._silero.reset()
        self._open_for = 0
        self._speech = False
        self._pending = self._pending[-_WINDOW_BYTES:]
        return False


class Loudness:
    """Is this frame loud? The same interface with no idea of speech: for tests that send tones."""

    def __init__(self, *, floor_dbfs: float = -45.0) -> None:
        self._floor = (32768 * 10 ** (floor_dbfs / 20)) ** 2
        self._energy = Energy(FRAME_SAMPLES)

    def reset(self) -> None:
        """There is nothing to forget."""

    def is_speech(self, frame_pcm: bytes) -> bool:
        """`frame_pcm`: any length, mono s16; empty is silence."""
        if not frame_pcm:
            return False
        return self._energy.of(frame_pcm) > self._floor * (len(frame_pcm) // 2)
