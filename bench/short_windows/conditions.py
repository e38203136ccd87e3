"""Prompts as they are, under noise, and as they come out of a line that loses packets: the same for every way."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import numpy as np

from media.rtp.opus import Decoder, Encoder
from pipeline.speech import SAMPLE_RATE
from testing.disturbances import pink
from testing.lossy_wire import LossyWire
from testing.real_material import Prompt

SNR_DB = 10.0
LOSS = 0.02
_PACKET = SAMPLE_RATE // 50
_CALM = 5
"""Packets at the beginning of a line that are never lost: a call has begun before somebody speaks."""


def clean(prompt: Prompt) -> bytes:
    """Return the prompt as it was recorded."""
    return prompt.audio


def noisy(prompt: Prompt) -> bytes:
    """Return the prompt with pink noise, `SNR_DB` below the RMS of all of it."""
    voice = np.frombuffer(prompt.audio, np.int16).astype(np.float32)
    level = 20 * np.log10(max(1.0, float(np.sqrt(np.mean(voice**2)))) / 32768)
    noise = pink(level - SNR_DB)(np.random.default_rng(_seed(prompt)), voice.size / SAMPLE_RATE)[: voice.size]
    return bytes(np.clip(voice + noise, -32768, 32767).astype(np.int16).tobytes())


def lossy(prompt: Prompt) -> bytes:
    """Return the prompt through Opus as a client sends it, with `LOSS` of its packets lost.

    A single lost packet comes back by in-band FEC and others are concealed, as `media.rtp.receiver` does it.
    """
    audio = prompt.audio + bytes(-len(prompt.audio) % (2 * _PACKET))
    encoder, decoder = Encoder(SAMPLE_RATE), Decoder(SAMPLE_RATE)
    packets = [encoder.encode(audio[at : at + 2 * _PACKET]) for at in range(0, len(audio), 2 * _PACKET)]
    fates = LossyWire(LOSS, calm=_CALM).journey(len(packets), _seed(prompt))
    heard, missing = bytearray(), 0
    for packet, fate in zip(packets, fates, strict=True):
        if fate is None:
            missing += 1
            continue
        for left in range(missing, 0, -1):
            heard += decoder.recover(packet, _PACKET) if left == 1 else decoder.conceal(_PACKET)
        missing = 0
        heard += decoder.decode(packet)
    return bytes(heard)


CONDITIONS: Mapping[str, Callable[[Prompt], bytes]] = {"clean": clean, "noise": noisy, "opus": lossy}


def _seed(prompt: Prompt) -> int:
    return zlib.crc32(prompt.name.encode())
