"""Two microphones as samples: voices, their copies in the other one, noise, rooms, gain control; and verdicts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from clients.sound.opus import FRAME, Decoder, Encoder
from pipeline.hearing.band_levels import BandLevels
from pipeline.hearing.crosstalk import compare
from pipeline.hearing.endpointer import EndpointingOptions
from pipeline.hearing.likeness import Likeness, Sound
from pipeline.hearing.voice_activity import VoiceActivity
from pipeline.recognition.utterance import Utterance
from pipeline.recognition.utterance_builder import Ended, SpeechDetector, UtteranceBuilder
from pipeline.speech import FRAME_BYTES, FRAME_MS, SAMPLE_RATE, Frame
from testing.resampling import resampled
from testing.spoken_turns import RATE, speak

Wave = NDArray[np.float32]
PER_MS = SAMPLE_RATE // 1000
ZERO_MS = 40
"""Media time of the first frame."""


@cache
def said(text: str, voice: str) -> Wave:
    """Return a text by espeak-ng at 16 kHz, at a common level (RMS 2300)."""
    return resampled(speak(text, voice), RATE).astype(np.float32)


def length_ms(sound: Wave) -> int:
    return len(sound) // PER_MS


def scaled(sound: Wave, db: float) -> Wave:
    return sound * np.float32(10 ** (db / 20))


def in_a_room(sound: Wave, reverberation_ms: int, seed: int = 3) -> Wave:
    """Return the sound as at 2 m in a room: half of it comes from the walls, and fades by 60 dB in that time."""
    length = reverberation_ms * PER_MS
    fading = 10 ** (-3 * np.arange(length) / length)
    walls = np.random.default_rng(seed).normal(0, 1, length) * fading
    response = np.concatenate(([1.0], np.zeros(5 * PER_MS), walls / np.linalg.norm(walls)))
    size = 1 << (len(sound) + len(response)).bit_length()
    heard = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response, size), size)
    return heard[: len(sound) + length].astype(np.float32)


def through_a_loudspeaker(sound: Wave) -> Wave:
    """Return the sound without what a telephone's loudspeaker leaves out, and with a few dB more here and there."""
    spectrum = np.fft.rfft(sound)
    hz = np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE)
    colour = 1 / (1 + (350 / np.maximum(hz, 1)) ** 4) * 10 ** (6 * np.sin(hz / 400) / 20)
    return np.fft.irfft(spectrum * colour, len(sound)).astype(np.float32)


def gain_controlled(sound: Wave, target: float = 2300.0) -> Wave:
    """Return the sound raised to `target` RMS by a slow automatic gain, at most 30 dB."""
    steps = np.array_split(sound, max(1, len(sound) // (100 * PER_MS)))
    level, gains = 0.0, []
    for step in steps:
        loud = float(np.sqrt(np.mean(step**2)))
        if loud > 15:
            level = loud if not level else 0.9 * level + 0.1 * loud
        gains.append(min(31.6, target / level) if level else 1.0)
    places = np.cumsum([len(step) for step in steps])
    return (sound * np.interp(np.arange(len(sound)), places, gains)).astype(np.float32)


def coded(sound: Wave) -> Wave:
    """Return the sound as Opus brings it."""
    raised = resampled(np.clip(sound, -32768, 32767).astype(np.int16), SAMPLE_RATE, RATE)
    whole = np.concatenate([raised, np.zeros(-len(raised) % FRAME, np.int16)])
    encoder, decoder = Encoder(), Decoder()
    heard = np.concatenate([decoder.decode(encoder.encode(frame)) for frame in whole.reshape(-1, FRAME)])
    return resampled(heard, RATE).astype(np.float32)


def narrow(sound: Wave) -> Wave:
    """Return the sound as a headset's telephone profile brings it: up to 3.4 kHz."""
    spectrum = np.fft.rfft(sound)
    spectrum[np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE) > 3400] = 0
    return np.fft.irfft(spectrum, len(sound)).astype(np.float32)


def with_holes(sound: Wave, each_ms: int = 260) -> Wave:
    """Return the sound without 20 ms of each `each_ms`."""
    holed = sound.copy()
    for at in range(100 * PER_MS, len(sound), each_ms * PER_MS):
        holed[at : at + 20 * PER_MS] = 0
    return holed


def stretched(sound: Wave, by: float = 1.01) -> Wave:
    """Return the sound slower, as a jitter buffer stretches it."""
    places = np.arange(int(len(sound) * by)) / by
    return np.interp(places, np.arange(len(sound)), sound).astype(np.float32)


def overdriven(sound: Wave) -> Wave:
    """Return the sound as a loudspeaker does that is driven too hard."""
    return (3000 * np.tanh(sound / 2000)).astype(np.float32)


def half_cancelled(sound: Wave, seed: int = 4) -> Wave:
    """Return what an echo canceller leaves that lowers now this and now that fifth of a second by 12 dB."""
    steps = np.array_split(sound, max(1, length_ms(sound) // 200))
    chance = np.random.default_rng(seed)
    return np.concatenate([step * np.float32(0.25 if chance.random() < 0.4 else 1.0) for step in steps])


@dataclass
class Microphone:
    """Sound of `ms`, to which voices are added."""

    sound: Wave
    _found: dict[Callable[[], SpeechDetector], list[Utterance]] = field(default_factory=dict)
    """Utterances of the sound, by the detector that finds them."""

    @classmethod
    def of(cls, ms: int, noise_rms: float = 0.0, seed: int = 0) -> Microphone:
        return cls(np.random.default_rng(seed).normal(0, max(noise_rms, 1e-9), ms * PER_MS).astype(np.float32))

    def add(self, sound: Wave, at_ms: float, db: float = 0.0) -> Microphone:
        """Add a sound at a place, which need not be a frame's; what reaches over the end is left out."""
        at = round(at_ms * PER_MS)
        part = sound[: max(0, len(self.sound) - at)]
        self.sound[at : at + len(part)] += scaled(part, db)
        self._found.clear()
        self.__dict__.pop("frames", None)
        self.__dict__.pop("levels", None)
        return self

    @property
    def pcm(self) -> bytes:
        whole = self.sound[: len(self.sound) // (PER_MS * FRAME_MS) * PER_MS * FRAME_MS]
        return np.clip(np.round(whole), -32768, 32767).astype(np.int16).tobytes()

    @cached_property
    def frames(self) -> list[Frame]:
        pcm = self.pcm
        places = range(0, len(pcm), FRAME_BYTES)
        return [Frame(ZERO_MS + n * FRAME_MS, pcm[at : at + FRAME_BYTES]) for n, at in enumerate(places)]

    @cached_property
    def levels(self) -> BandLevels:
        """Levels of the whole sound. A case is judged from both sides, and both compare the same levels."""
        return levels(self.frames)

    def utterances(self, activity: Callable[[], SpeechDetector]) -> list[Utterance]:
        """Return what `utterances` finds."""
        if activity not in self._found:
            self._found[activity] = utterances(self.frames, activity)
        return self._found[activity]


def utterances(frames: Sequence[Frame], activity: Callable[[], SpeechDetector]) -> list[Utterance]:
    """Return the utterances that a voice detector and the product's endpointer find."""
    now = [0.0]
    builder = UtteranceBuilder(
        "ann",
        "en",
        activity=activity(),
        endpointing=EndpointingOptions(),
        least_voice_ms=100,
        now=lambda: now[0],
    )
    silence = [Frame(frames[-1].start_ms + n * FRAME_MS) for n in range(1, 80)]
    found = []
    for frame in [*frames, *silence]:
        now[0] = frame.start_ms / 1000
        found += [change.utterance for change in builder.hear(frame) if isinstance(change, Ended)]
    return found


def levels(frames: Sequence[Frame]) -> BandLevels:
    measured = BandLevels()
    for frame in frames:
        measured.hear(frame)
    return measured


@dataclass(frozen=True)
class Verdict:
    """One utterance of a microphone, in ms of its sound, and its likeness to the other microphone."""

    start_ms: int
    end_ms: int
    likeness: Likeness

    @property
    def sound(self) -> Sound:
        return self.likeness.sound

    def covers(self, start_ms: float, end_ms: float) -> float:
        """Return the share of a stretch of the sound that lies in this utterance."""
        return max(0.0, min(self.end_ms, end_ms) - max(self.start_ms, start_ms)) / (end_ms - start_ms)


def verdicts(
    mine: Microphone, theirs: Microphone, activity: Callable[[], SpeechDetector] = VoiceActivity
) -> list[Verdict]:
    """Return the verdict on each utterance of `mine`, found by `activity`."""
    return [
        Verdict(one.voice_ms[0][0] - ZERO_MS, one.end_ms - ZERO_MS, compare(mine.levels, theirs.levels, one.voice_ms))
        for one in mine.utterances(activity)
    ]
