"""Sound of the load generator, encoded beforehand by libopus with in-band FEC: 32 kb/s, mono, 20 ms.

Delay and loss are measured on a *code*: a tone of another pitch in each 20 ms slot, so that any slot can be
told from all around it in whatever audio comes back. (libopus spends the same on it as on speech, within a
tenth.) Words are espeak-ng's.
"""

from __future__ import annotations

import subprocess
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from clients.sound.wav import load
from media.rtp.opus import Encoder

RATE = 48_000
SLOT = RATE // 50
BITRATE = 32_000
LOUD, QUIET = 30, 70  # -dBov, RFC 6464
PITCHES = np.arange(300, 1501, 50)
APART = 150  # Hz between a slot's pitch and those of the two before it
VOICE, TEMPO = "en-us+m5", "155"
CYCLE, TALK = 250, 175  # slots

Pcm = NDArray[np.int16]

SENTENCES = (
    "My name is David and I am from Berlin.",
    "I would like an orange juice, please.",
    "Excuse me, where is the embassy?",
    "I have an appointment on Monday at eight twenty.",
    "I want to visit the museum next week.",
    "A table for two people, please.",
    "The room costs forty euros per night.",
    "Breakfast is at nine twenty.",
    "The hotel is next to the bank.",
    "The train leaves at five thirty.",
    "The church is next to the park.",
    "That is fifty two euros.",
)
"""Sentences of the bundled phrasebook, kept out of its training."""


@dataclass(frozen=True, slots=True)
class Stimulus:
    """Packets of 20 ms and their RFC 6464 levels; sent again from the start when they are over."""

    packets: list[bytes]
    levels: list[int]


@dataclass(frozen=True, slots=True)
class Code(Stimulus):
    """`pitches` in Hz of each slot, NaN in a pause; `audio` at 48 kHz."""

    pitches: NDArray[np.float64]
    audio: Pcm

    def turned(self, slots: int) -> Code:
        """Return the same code, begun `slots` later, so that not everybody pauses at once."""
        return Code(
            self.packets[slots:] + self.packets[:slots],
            self.levels[slots:] + self.levels[:slots],
            np.roll(self.pitches, -slots),
            np.roll(self.audio, -slots * SLOT),
        )


def encode(audio: Pcm) -> Stimulus:
    """Encode 48 kHz mono into packets, as a client would beforehand."""
    encoder = Encoder(RATE, bitrate=BITRATE, complexity=10)
    slots = audio[: len(audio) // SLOT * SLOT].reshape(-1, SLOT)
    loud = np.sqrt((slots.astype(np.float32) ** 2).mean(axis=1)) > 200
    return Stimulus(
        [encoder.encode(slot.tobytes()) for slot in slots], [LOUD if is_loud else QUIET for is_loud in loud]
    )


@cache
def code(slots: int, seed: int = 7, *, pauses: bool = False) -> Code:
    """A sequence of tones, phase-continuous; a slot's pitch differs from the two before it.

    With `pauses` the last 1.5 s of every 5 s are faint noise, which is sent all the same.
    """
    chance = np.random.default_rng(seed)
    pitches: list[float] = []
    while len(pitches) < slots:
        pitch = float(chance.choice(PITCHES))
        if all(abs(pitch - other) >= APART for other in pitches[-2:]):
            pitches.append(pitch)
    phase = 2 * np.pi * np.cumsum(np.repeat(pitches, SLOT)) / RATE
    audio = np.sin(phase) * 9000
    heard = np.array(pitches)
    if pauses:
        quiet = np.arange(slots) % CYCLE >= TALK
        heard[quiet] = np.nan
        audio[np.repeat(quiet, SLOT)] = chance.normal(0, 25, int(quiet.sum()) * SLOT)
    samples = audio.astype(np.int16)
    encoded = encode(samples)
    return Code(encoded.packets, encoded.levels, heard, samples)


@cache
def silence(slots: int) -> Stimulus:
    """Return faint noise, as a microphone sends it while nobody speaks."""
    noise = np.random.default_rng(7).normal(0, 25, slots * SLOT)
    return encode(noise.astype(np.int16))


@cache
def say(sentence: str) -> Pcm:
    """Return a sentence by espeak-ng at 48 kHz, without the silence around it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "said.wav"
        command = ["espeak-ng", "-v", VOICE, "-s", TEMPO, "--stdin", "-w", str(file)]
        subprocess.run(command, input=sentence.encode(), check=True, timeout=30)
        audio = load(file)
    loud = np.flatnonzero(np.abs(audio) > 100)
    return audio[loud[0] : loud[-1] + 1]


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence and its start, in seconds."""

    text: str
    begins: float
    audio: Pcm


@cache
def sayings(part: int, parts: int) -> tuple[Stimulus, tuple[Saying, ...]]:
    """A part of the sentences with pauses between, over faint noise; nothing sounds in the first second."""
    said: list[Saying] = []
    pieces: list[Pcm] = []
    length = RATE
    for text in SENTENCES[part::parts]:
        audio = say(text)
        said.append(Saying(text, length / RATE, audio))
        pieces.append(audio)
        length += len(audio) + RATE
    whole = np.random.default_rng(part).normal(0, 25, length)
    for saying in said:
        first = round(saying.begins * RATE)
        whole[first : first + len(saying.audio)] += saying.audio
    return encode(np.clip(whole, -32768, 32767).astype(np.int16)), tuple(said)
