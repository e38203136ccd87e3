"""Sounds at a microphone besides speech, made from seeds: noises, tones, breath, keys. Nobody speaks in any of it.

Every sound is mono at `SAMPLE_RATE`, float32 in int16's range; levels are RMS in dBFS of the sounding parts.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pipeline.speech import SAMPLE_RATE

Sound = NDArray[np.float32]
Make = Callable[[np.random.Generator, float], Sound]
ROOM = 8.0  # RMS: about -72 dBFS, a quiet room
_SCALE = (262, 294, 330, 392, 440, 523, 587, 659)  # Hz, pentatonic from c'


def level(sound: Sound, dbfs: float) -> Sound:
    """Return the same sound at this RMS."""
    rms = float(np.sqrt(np.mean(np.square(sound, dtype=np.float64)))) or 1.0
    return (sound * (32768 * 10 ** (dbfs / 20) / rms)).astype(np.float32)


def room(chance: np.random.Generator, seconds: float) -> Sound:
    return chance.normal(0, ROOM, round(seconds * SAMPLE_RATE)).astype(np.float32)


def muted(chance: np.random.Generator, seconds: float) -> Sound:
    return np.zeros(round(seconds * SAMPLE_RATE), np.float32)


def white(dbfs: float) -> Make:
    return lambda chance, seconds: level(_coloured(chance, seconds, 0.0), dbfs)


def pink(dbfs: float) -> Make:
    return lambda chance, seconds: level(_coloured(chance, seconds, 0.5), dbfs)


def hum(chance: np.random.Generator, seconds: float) -> Sound:
    """A transformer: 50 Hz and its harmonics, with the noise of a fan."""
    time = _time(seconds)
    tones = sum(np.sin(2 * np.pi * 50 * n * time + chance.uniform(0, 6)) / n for n in range(1, 12))
    return level(np.asarray(tones, np.float32), -35) + level(_coloured(chance, seconds, 1.0), -45)


def wind(chance: np.random.Generator, seconds: float) -> Sound:
    """Gusts at a microphone: noise below 300 Hz whose level comes and goes."""
    points = np.arange(0, seconds + 0.7, 0.7)
    gusts = np.interp(_time(seconds), points, chance.uniform(0, 1, len(points)))
    return level(_band(chance, seconds, 20, 300) * gusts.astype(np.float32) ** 2, -28)


def melody(chance: np.random.Generator, seconds: float) -> Sound:
    """Single notes like a piano's: harmonics that die away."""
    return _notes(chance, seconds, every=0.3, voices=1, last=0.9)


def chords(chance: np.random.Generator, seconds: float) -> Sound:
    """Three notes at once, held like an organ's."""
    return _notes(chance, seconds, every=1.2, voices=3, last=4.0)


def flute(chance: np.random.Generator, seconds: float) -> Sound:
    """Legato notes with vibrato and little breath: the nearest to a voice that sings no words."""
    time, out = _time(seconds), np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    steps = np.repeat(chance.choice(_SCALE, int(seconds / 0.5) + 1), SAMPLE_RATE // 2)[: len(out)]
    phase = 2 * np.pi * np.cumsum(steps * (1 + 0.012 * np.sin(2 * np.pi * 5.5 * time))) / SAMPLE_RATE
    for harmonic, share in ((1, 1.0), (2, 0.4), (3, 0.15)):
        out += (share * np.sin(harmonic * phase)).astype(np.float32)
    return level(out, -26) + level(_band(chance, seconds, 1500, 5000), -50)


def beat(chance: np.random.Generator, seconds: float) -> Sound:
    """Drums and a bass, 110 beats a minute."""
    out = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    for number, at in enumerate(np.arange(0, seconds, 60 / 110 / 2)):
        kick = np.sin(2 * np.pi * np.cumsum(np.linspace(120, 45, 2400)) / SAMPLE_RATE) * np.exp(-np.arange(2400) / 700)
        hat = chance.normal(0, 0.4, 800) * np.exp(-np.arange(800) / 120)
        _add(out, at, (kick if number % 2 == 0 else hat).astype(np.float32))
        bass = np.sin(2 * np.pi * chance.choice((55, 65, 82)) * np.arange(3600) / SAMPLE_RATE) * 0.5
        _add(out, at, (bass * np.hanning(3600)).astype(np.float32))
    return level(out, -24)


def breathing(dbfs: float) -> Make:
    """In and out: noise of the mouth's bands, 0.8-1.6 s each, close to the microphone."""

    def make(chance: np.random.Generator, seconds: float) -> Sound:
        out, at = room(chance, seconds), 0.2
        while at < seconds - 1:
            for low, high in ((400, 2500), (250, 1600)):
                lasts = chance.uniform(0.8, 1.6)
                puff = level(_band(chance, lasts, low, high), dbfs)
                _add(out, at, puff * np.hanning(len(puff)).astype(np.float32))
                at += lasts + chance.uniform(0.1, 0.5)
            at += chance.uniform(0.4, 1.5)
        return out

    return make


def keyboard(a_second: float) -> Make:
    """Keys go down and up again: two clicks with the thump of the desk."""

    def make(chance: np.random.Generator, seconds: float) -> Sound:
        out, at = room(chance, seconds), 0.1
        while at < seconds - 0.3:
            for after, share in ((0.0, 1.0), (chance.uniform(0.06, 0.11), 0.5)):
                _add(out, at + after, share * _knock(chance, chance.uniform(1800, 4500), 0.004, 5000))
                _add(out, at + after, share * _knock(chance, chance.uniform(90, 220), 0.02, 1500))
            at += chance.exponential(1 / a_second) + 0.04
        return out

    return make


def doors(chance: np.random.Generator, seconds: float) -> Sound:
    """Slams and knocks at a door, with the room's reverberation."""
    out, at = room(chance, seconds), 0.5
    while at < seconds - 2:
        for knock in range(int(chance.integers(1, 5))):
            _add(out, at + 0.19 * knock, _knock(chance, chance.uniform(70, 260), chance.uniform(0.03, 0.15), 15000))
        tail = level(_coloured(chance, 0.8, 0.5), -30) * np.exp(-np.arange(round(0.8 * SAMPLE_RATE)) / 2500)
        _add(out, at, tail.astype(np.float32))
        at += chance.uniform(1, 3)
    return out


def glasses(chance: np.random.Generator, seconds: float) -> Sound:
    """Cutlery and glasses: partials that fit no harmonic series."""
    out, at = room(chance, seconds), 0.3
    while at < seconds - 1:
        for _ in range(4):
            _add(out, at, _knock(chance, chance.uniform(1500, 6500), chance.uniform(0.05, 0.25), 2500))
        at += chance.exponential(0.5) + 0.08
    return out


def ringing(chance: np.random.Generator, seconds: float) -> Sound:
    """A telephone: two tones that warble for a second, and two seconds of rest."""
    time = _time(seconds)
    warble = np.where((time * 20) % 1 < 0.5, np.sin(2 * np.pi * 440 * time), np.sin(2 * np.pi * 554 * time))
    return level((warble * (time % 3 < 1)).astype(np.float32), -28) + room(chance, seconds)


def claps(chance: np.random.Generator, seconds: float) -> Sound:
    """Hands, paper, and a rub of the microphone."""
    out, at = room(chance, seconds), 0.3
    while at < seconds - 1:
        lasts = float(chance.choice((0.03, 0.03, 0.3)))
        burst = level(_band(chance, lasts, 500, 5000), chance.uniform(-30, -15))
        _add(out, at, burst * np.exp(-np.linspace(0, 4, len(burst))).astype(np.float32))
        at += chance.uniform(0.15, 1.2)
    return out


ALL: dict[str, Make] = {
    "room silence": room,
    "muted": muted,
    "white noise, -60 dBFS": white(-60),
    "white noise, -45 dBFS": white(-45),
    "white noise, -30 dBFS": white(-30),
    "pink noise, -50 dBFS": pink(-50),
    "pink noise, -35 dBFS": pink(-35),
    "pink noise, -20 dBFS": pink(-20),
    "hum and fan": hum,
    "wind": wind,
    "piano": melody,
    "organ": chords,
    "flute": flute,
    "drums and bass": beat,
    "breathing": breathing(-38),
    "breathing, close": breathing(-24),
    "keyboard": keyboard(4),
    "keyboard, fast": keyboard(10),
    "doors and knocks": doors,
    "glasses": glasses,
    "telephone": ringing,
    "claps and rubs": claps,
}
"""Makers of sounds by name; each is called with `(chance, seconds)`."""


def _time(seconds: float) -> NDArray[np.float64]:
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _coloured(chance: np.random.Generator, seconds: float, power: float) -> Sound:
    """Noise whose amplitude falls with the frequency to this power."""
    count = round(seconds * SAMPLE_RATE)
    spectrum = np.fft.rfft(chance.normal(0, 1, count))
    bins = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 20)
    return np.fft.irfft(spectrum / bins**power, count).astype(np.float32)


def _band(chance: np.random.Generator, seconds: float, low: float, high: float) -> Sound:
    """Noise between two frequencies, Hz, with soft edges."""
    count = round(seconds * SAMPLE_RATE)
    bins = np.fft.rfftfreq(count, 1 / SAMPLE_RATE)
    shape = 1 / (1 + (low / np.maximum(bins, 1)) ** 4) / (1 + (bins / high) ** 4)
    return np.fft.irfft(np.fft.rfft(chance.normal(0, 1, count)) * shape, count).astype(np.float32)


def _knock(chance: np.random.Generator, hz: float, lasts: float, peak: float) -> Sound:
    """Something hard that is hit: a damped tone with noise in it; `lasts`: s to a third of it."""
    time = np.arange(round(5 * lasts * SAMPLE_RATE)) / SAMPLE_RATE
    tone = np.sin(2 * np.pi * hz * time + chance.uniform(0, 6)) + chance.normal(0, 0.3, len(time))
    return (peak * chance.uniform(0.4, 1) * tone * np.exp(-time / lasts)).astype(np.float32)


def _notes(chance: np.random.Generator, seconds: float, *, every: float, voices: int, last: float) -> Sound:
    out = np.zeros(round(seconds * SAMPLE_RATE), np.float32)
    for at in np.arange(0, seconds, every):
        time = _time(min(1.5 * every, last))
        for hz in chance.choice(_SCALE, voices, replace=False):
            note = sum(np.sin(2 * np.pi * hz * n * time) / n**1.5 for n in range(1, 6)) * np.exp(-time / last * 2)
            fade = np.minimum(1, np.minimum(time, time[::-1]) / 0.01)
            _add(out, float(at), np.asarray(note * fade, np.float32))
    return level(out, -26)


def _add(out: Sound, at: float, sound: Sound) -> None:
    """Mix a sound in from `at` seconds on; a part beyond the end is cut off."""
    start = round(at * SAMPLE_RATE)
    room_left = max(0, len(out) - start)
    out[start : start + len(sound)] += sound[:room_left]
