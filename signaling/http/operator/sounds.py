"""WAV files in base64, as the operator's calls carry them. Raises Refusal `bad_request` for what can't be read."""

from __future__ import annotations

import base64
import binascii
import io
import wave

import av
import numpy as np

from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Speech
from signaling.refusal import Code, Refusal

LONGEST_S = 20
"""Seconds of one recording: as long as the longest utterance of a call that is recognised at once."""
_RATES = range(8_000, 48_001)


def heard(text: str) -> bytes:
    """Return the mono s16 samples at `SAMPLE_RATE` of a WAV file: 16 bit, one or two channels, 8 to 48 kHz."""
    try:
        data = base64.b64decode(text, validate=True)
        with wave.open(io.BytesIO(data)) as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            if channels not in (1, 2) or width != 2 or rate not in _RATES:
                raise _unreadable("must be 16-bit PCM with one or two channels at 8 to 48 kHz")
            if not 0 < file.getnframes() <= LONGEST_S * rate:
                raise _unreadable(f"must be longer than 0 and not longer than {LONGEST_S} s")
            pcm = file.readframes(file.getnframes())
    except (binascii.Error, ValueError, wave.Error, EOFError):
        raise _unreadable("must be a WAV file in base64") from None
    samples = np.frombuffer(pcm[: len(pcm) // (2 * channels) * 2 * channels], np.int16).reshape(-1, channels)
    if not samples.size:
        raise _unreadable("must be longer than 0")
    mono = samples.mean(axis=1).astype(np.int16)
    return _resampled(mono, rate)


def spoken(speech: Speech) -> bytes:
    """Return the base64 of a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(VOICE_RATE)
        file.writeframes(speech.pcm)
    return base64.b64encode(buffer.getvalue())


def _resampled(mono: np.ndarray[tuple[int], np.dtype[np.int16]], rate: int) -> bytes:
    if rate == SAMPLE_RATE:
        return mono.tobytes()
    frame = av.AudioFrame.from_ndarray(mono.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate = rate
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    return b"".join(one.to_ndarray().tobytes() for given in (frame, None) for one in resampler.resample(given))


def _unreadable(why: str) -> Refusal:
    return Refusal(Code.BAD_REQUEST, f"audio {why}", {"field": "audio"})
