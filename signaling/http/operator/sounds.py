"""Reads and writes WAV files in base64, as the operator's calls carry them, in steps of a few milliseconds.

Between two steps the event loop is free: the calls' slots come every 20 ms. Refusals are `bad_request`.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import io
import wave
from collections.abc import AsyncIterator

import av
import numpy as np

from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Speech
from signaling.refusal import Code, Refusal

LONGEST_S = 20
"""Seconds of one recording: as long as the longest utterance of a call that is recognised at once."""
_RATES = range(8_000, 48_001)
_STEP_CHARACTERS = 1 << 18
"""Characters of base64 that are read in one step, a multiple of four."""
Samples = np.ndarray[tuple[int, int], np.dtype[np.int16]]
"""Samples by time and channel."""


async def heard(text: str) -> bytes:
    """Return the mono s16 samples at `SAMPLE_RATE` of a WAV file: 16 bit, one or two channels, 8 to 48 kHz."""
    try:
        data = b"".join([part async for part in _decoded(text)])
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
    return b"".join([part async for part in _resampled(samples, rate)])


def spoken(speech: Speech) -> bytes:
    """Return the base64 of a WAV file."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(VOICE_RATE)
        file.writeframes(speech.pcm)
    return base64.b64encode(buffer.getvalue())


async def _decoded(text: str) -> AsyncIterator[bytes]:
    """Yield the bytes of a base64 text. Raises ValueError."""
    for start in range(0, len(text), _STEP_CHARACTERS):
        yield base64.b64decode(text[start : start + _STEP_CHARACTERS], validate=True)
        await asyncio.sleep(0)


async def _resampled(samples: Samples, rate: int) -> AsyncIterator[bytes]:
    """Yield the mean of the channels at `SAMPLE_RATE`."""
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    for start in range(0, len(samples), rate):
        part = samples[start : start + rate]
        mono = part[:, 0] if part.shape[1] == 1 else (part[:, 0].astype(np.int32) + part[:, 1]) // 2
        if rate == SAMPLE_RATE:
            yield mono.astype(np.int16).tobytes()
        else:
            frame = av.AudioFrame.from_ndarray(mono.astype(np.int16).reshape(1, -1), format="s16", layout="mono")
            frame.sample_rate = rate
            yield b"".join(one.to_ndarray().tobytes() for one in resampler.resample(frame))
        await asyncio.sleep(0)
    if rate != SAMPLE_RATE:
        yield b"".join(one.to_ndarray().tobytes() for one in resampler.resample(None))


def _unreadable(why: str) -> Refusal:
    return Refusal(Code.BAD_REQUEST, f"audio {why}", {"field": "audio"})
