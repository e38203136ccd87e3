"""Tones as Opus packets before a call, and what an ear received as tones after it: no codec runs meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from clients.sound.opus import FRAME, RATE, Decoder, Encoder
from clients.webrtc.rtp import Packet, signed16, signed32

Samples = NDArray[np.int16]
VOICED = 400.0  # RMS of int16 samples, about -38 dBFS
TAIL = 8  # frames of encoded silence after a sound, as the protocol has it
WINDOW = RATE // 5  # in which frequencies are told apart by 5 Hz


def packets(hz: float, seconds: float, *, level: float = 0.25) -> list[bytes]:
    """One Opus packet for each 20 ms of a sine with soft edges, and a tail of silence."""
    return list(_sine(hz, seconds, level))


@cache
def _sine(hz: float, seconds: float, level: float) -> tuple[bytes, ...]:
    time_s = np.arange(int(seconds * RATE) // FRAME * FRAME) / RATE
    edge = np.clip(np.minimum(time_s, time_s[-1] - time_s) / 0.01, 0, 1)
    sound = (np.sin(2 * np.pi * hz * time_s) * edge * level * 32767).astype(np.int16)
    return tuple(encoded(sound))


def encoded(sound: Samples) -> list[bytes]:
    """One Opus packet for each 20 ms of 48 kHz audio, and a tail of silence."""
    whole = np.concatenate([sound, np.zeros(-len(sound) % FRAME + TAIL * FRAME, np.int16)])
    encoder = Encoder()
    return [encoder.encode(frame) for frame in whole.reshape(-1, FRAME)]


def decoded(heard: Sequence[Packet]) -> Samples:
    """One stream's packets in the order of their numbers, each at the place that its timestamp gives it."""
    if not heard:
        return np.zeros(0, np.int16)
    first = heard[0]
    in_order = sorted(heard, key=lambda packet: signed16(packet.sequence - first.sequence))
    start = in_order[0].timestamp
    decoder = Decoder()
    pieces = [(signed32(packet.timestamp - start), decoder.decode(packet.payload)) for packet in in_order]
    whole = np.zeros(max(place + len(piece) for place, piece in pieces), np.int16)
    for place, piece in pieces:
        whole[place : place + len(piece)] = piece
    return whole


def tones(sound: Samples) -> list[float]:
    """The strongest frequency (Hz) of each fifth of a second that is sounding throughout."""
    found = []
    for start in range(0, len(sound) - WINDOW + 1, WINDOW // 2):
        window = sound[start : start + WINDOW].astype(np.float64)
        if min(rms(part) for part in np.split(window, 10)) > VOICED:
            spectrum = np.abs(np.fft.rfft(window * np.hanning(WINDOW), 4 * WINDOW))
            found.append(float(np.argmax(spectrum)) * RATE / (4 * WINDOW))
    return found


def strength(sound: Samples, hz: float, others: Iterable[float]) -> float:
    """Return the level in dB of the strongest of `others` below `hz`, in the whole of a sound."""
    spectrum = np.abs(np.fft.rfft(sound.astype(np.float64) * np.hanning(len(sound))))

    def peak(at: float) -> float:
        middle, width = round(at * len(sound) / RATE), max(2, round(8 * len(sound) / RATE))
        return float(spectrum[middle - width : middle + width + 1].max())

    return float(20 * np.log10(peak(hz) / max(1e-9, max(peak(other) for other in others))))


def rms(samples: NDArray[np.float64] | Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples.astype(np.float64)))))


def voiced_seconds(sound: Samples) -> float:
    frames = sound[: len(sound) // FRAME * FRAME].reshape(-1, FRAME)
    return sum(rms(frame) > VOICED for frame in frames) * FRAME / RATE
