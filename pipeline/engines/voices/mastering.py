"""Mastering of synthesized audio: trimmed, brought to one loudness (ITU-R BS.1770), faded at the edges.

Loudness is that of ITU-R BS.1770-5 (K-weighting, 400 ms blocks, both gates) and not RMS: a deep voice and a thin one
of equal RMS are not equally loud, and one sentence may be said by two voices when one engine stands in for another.
"""

from __future__ import annotations

from functools import lru_cache

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.engines import EngineError
from pipeline.speech import VOICE_RATE

LEVEL_LUFS = -20.0
"""Loudness of all speech, if its peaks leave room for it."""

_QUIET = 0.003  # of the peak (-50 dB): what is below it at either end is silence or as good
_INAUDIBLE = 1e-4  # a peak of -80 dBFS
_LEAD_S, _TAIL_S = 0.01, 0.05  # kept of the silence
_FADE_S = 0.005
_PEAK = 0.9
_RATES = range(4_000, 192_001)  # Hz that a synthesizer may have

_BLOCK_S, _STEP_S = 0.4, 0.1
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0  # LUFS; LU
_OFFSET = -0.691  # what makes a sine of 997 Hz and 0 dBFS measure -3.01 LUFS


def finished(samples: NDArray[np.float32], rate: int, *, level: float = LEVEL_LUFS) -> bytes:
    """Mono samples (full scale ±1) at `rate` Hz as s16 at `VOICE_RATE`: `level` LUFS, no offset, silence cut from
    both ends.

    Inaudible audio is none. Raises `EngineError` where the samples are not mono audio.
    """
    if samples.ndim != 1 or rate not in _RATES:
        raise EngineError(f"the voice gave audio of {samples.ndim} dimensions at {rate} Hz")
    if not np.isfinite(samples).all():
        raise EngineError("the voice gave samples that are no numbers")
    if samples.size >= _BLOCK_S * rate:  # a click has no mean worth the name
        samples = samples - np.mean(samples)  # an offset costs room below full scale, and is a thump at either end
    samples = _trimmed(resampled(samples, rate))
    if not samples.size:
        return b""
    room = _PEAK / float(np.max(np.abs(samples)))
    samples = samples * min(10 ** ((level - loudness(samples)) / 20), room)
    fade = np.linspace(0, 1, min(int(_FADE_S * VOICE_RATE), samples.size // 2), dtype=np.float32)
    if fade.size:
        samples[: fade.size] *= fade
        samples[-fade.size :] *= fade[::-1]
    return (samples * 32767).astype(np.int16).tobytes()


def resampled(samples: NDArray[np.float32], rate: int) -> NDArray[np.float32]:
    """Return the samples at `VOICE_RATE`; none for a few samples, of which the resampler makes nothing."""
    if rate == VOICE_RATE or not samples.size:
        return samples
    frame = av.AudioFrame.from_ndarray(samples[np.newaxis].astype(np.float32), format="flt", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler(format="flt", layout="mono", rate=VOICE_RATE)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return np.concatenate([samples[:0], *(part.to_ndarray()[0] for part in parts)])


def loudness(samples: NDArray[np.float32]) -> float:
    """Integrated loudness in LUFS of mono samples at `VOICE_RATE`; what is shorter than a block is one block."""
    powers = _block_powers(samples)
    audible = powers[powers > _power(_ABSOLUTE_GATE)]
    if not audible.size:
        return _ABSOLUTE_GATE
    loud = audible[audible > np.mean(audible) * 10 ** (_RELATIVE_GATE / 10)]
    return _OFFSET + 10 * float(np.log10(np.mean(loud)))


def _power(lufs: float) -> float:
    return float(10 ** ((lufs - _OFFSET) / 10))


def _block_powers(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean square of each block, K-weighted. The filter is applied as a product of spectra: it has feedback, and a
    loop over samples would cost more than the synthesis."""
    step = VOICE_RATE // 2  # few different lengths, all easy ones; and room for the filter to ring out
    size = -(-(samples.size + VOICE_RATE // 4) // step) * step
    weighted = np.fft.irfft(np.fft.rfft(samples, size) * _k_weighting(size), size)[: samples.size]
    energy = np.concatenate(([0.0], np.cumsum(weighted**2)))
    block = min(samples.size, int(_BLOCK_S * VOICE_RATE))
    starts = np.arange(0, samples.size - block + 1, int(_STEP_S * VOICE_RATE))
    powers: NDArray[np.float64] = (energy[starts + block] - energy[starts]) / block
    return powers


def _filters() -> tuple[tuple[NDArray[np.float64], NDArray[np.float64]], ...]:
    """(numerator, denominator) of BS.1770's two filters. The recommendation tabulates them for 48 kHz; these are the
    analogue filters behind that table, taken to our rate by the bilinear transform."""
    shelf_hz, shelf_q, gain = 1681.974450955533, 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    k = np.tan(np.pi * shelf_hz / VOICE_RATE)
    middle = gain**0.4996667741545416
    shelf = (
        np.array([gain + middle * k / shelf_q + k * k, 2 * (k * k - gain), gain - middle * k / shelf_q + k * k]),
        np.array([1 + k / shelf_q + k * k, 2 * (k * k - 1), 1 - k / shelf_q + k * k]),
    )
    low_hz, low_q = 38.13547087602444, 0.5003270373238773
    k = np.tan(np.pi * low_hz / VOICE_RATE)
    low = np.array([1 + k / low_q + k * k, 2 * (k * k - 1), 1 - k / low_q + k * k])
    return shelf, (np.array([1.0, -2.0, 1.0]), low / low[0])


@lru_cache(16)
def _k_weighting(size: int) -> NDArray[np.complex128]:
    """The response of both filters at the frequencies of a real spectrum of `size` samples."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    response = np.ones(z.size, np.complex128)
    for numerator, denominator in _filters():
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return response


def _trimmed(samples: NDArray[np.float32]) -> NDArray[np.float32]:
    """Without the silence at both ends, but for a little of it."""
    if not samples.size or (peak := float(np.max(np.abs(samples)))) < _INAUDIBLE:
        return samples[:0]
    loud = np.flatnonzero(np.abs(samples) > _QUIET * peak)
    start = max(0, int(loud[0]) - int(_LEAD_S * VOICE_RATE))
    return samples[start : int(loud[-1]) + int(_TAIL_S * VOICE_RATE)]
