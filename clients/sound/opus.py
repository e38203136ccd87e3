"""Opus encoding and decoding, one 20 ms packet at a time, by the libopus that PyAV contains."""

from __future__ import annotations

import math

import av
import av.error
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from numpy.typing import NDArray

RATE = 48000
FRAME = 960  # samples in 20 ms

Samples = NDArray[np.int16]


class Encoder:
    """Mono voice at 32 kbit/s with in-band FEC, as a browser sends it."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "w")
        assert isinstance(codec, AudioCodecContext)
        codec.bit_rate = 32000
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = RATE
        codec.options = {"application": "voip", "fec": "1", "packet_loss": "10"}
        self._codec = codec
        self._position = 0

    def encode(self, samples: Samples) -> bytes:
        """Encode FRAME samples, 48 kHz mono, into one Opus packet."""
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = RATE
        frame.pts = self._position
        self._position += len(samples)
        return b"".join(bytes(packet) for packet in self._codec.encode(frame))


class Decoder:
    """Decoder of Opus packets of any duration to 48 kHz mono."""

    def __init__(self) -> None:
        codec = av.CodecContext.create("libopus", "r")
        assert isinstance(codec, AudioCodecContext)
        codec.format = "s16"
        codec.layout = "mono"
        codec.sample_rate = RATE
        self._codec = codec

    def decode(self, payload: bytes) -> Samples:
        """Decode one packet. Raises ValueError when the payload is no Opus packet."""
        try:
            frames = self._codec.decode(av.Packet(payload)) if payload else []
        except av.error.FFmpegError as error:
            raise ValueError(f"not an Opus packet: {error}") from error
        planes = [frame.to_ndarray().reshape(-1).astype(np.int16, copy=False) for frame in frames]
        return np.concatenate(planes) if planes else np.zeros(0, np.int16)


def level(samples: Samples) -> float:
    """Return the root mean square in dB relative to full scale, -127 for silence (RFC 6464's scale, negative)."""
    if not len(samples):
        return -127.0
    values = samples.astype(np.float32)
    power = float(np.dot(values, values)) / len(values) / 32767.0**2
    return max(-127.0, min(0.0, 10 * math.log10(power))) if power > 0 else -127.0
