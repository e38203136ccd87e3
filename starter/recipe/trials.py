"""The sounds and sentences of the tests and of the validation: made from seeds, the same each time.

`Heard` audio is what an endpointer cuts: 240 ms before, 500 ms after, over the faint noise of a quiet room.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media.rtp.opus import Decoder, Encoder
from starter.recipe import foreign
from starter.recipe.domain import LANGUAGES, Pair, draw
from starter.recipe.voices import RATE, Speaker, manner
from testing.resampling import resampled_float

LEAD_S, TAIL_S, ROOM = 0.24, 0.5, 0.00025
LEVEL = 0.1  # RMS of what sounds, -20 dBFS
Sound = NDArray[np.float32]


@dataclass(frozen=True)
class Trial:
    """One recording, mono -1..1 at `RATE`; `pair` is empty where nothing should be understood."""

    audio: Sound
    language: str
    said: str = ""
    wanted: str = ""
    voice: str = ""


def _levelled(audio: Sound) -> Sound:
    loud = audio[np.abs(audio) > 0.01]
    rms = float(np.sqrt(np.mean(np.square(loud, dtype=np.float64)))) if loud.size else 1.0
    return (audio * min(LEVEL / rms, 0.9 / float(np.abs(audio).max()))).astype(np.float32)


def _cut(audio: Sound, chance: random.Random) -> Sound:
    """Return the sound as an endpointer cuts it: silence around it, a room's noise over it."""
    silent = [np.zeros(round(seconds * RATE), np.float32) for seconds in (LEAD_S, TAIL_S)]
    whole = np.concatenate([silent[0], _levelled(audio), silent[1]])
    room = np.random.default_rng(chance.getrandbits(32)).normal(0, ROOM, len(whole))
    return (whole + room).astype(np.float32)


def _other(language: str) -> int:
    return 1 - LANGUAGES.index(language)


def sentences(speaker: Speaker, seed: str, count: int, variants: list[str], *, held_out: bool) -> list[Trial]:
    """Return single sentences in these voices, `count` in each language."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        pair = draw(chance, held_out=held_out)
        language = LANGUAGES[number % 2]
        how = manner(chance, language, variants)
        said = pair[number % 2]
        audio = _cut(speaker.say(said, how).audio, chance)
        made.append(Trial(audio, language, said, pair[_other(language)], how.voice))
    return made


def turns(speaker: Speaker, seed: str, count: int, variants: list[str], clauses: int = 3) -> list[Trial]:
    """Three sentences in one breath each, 150-600 ms apart."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        pairs = [draw(chance, held_out=True) for _ in range(clauses)]
        language = LANGUAGES[number % 2]
        how = manner(chance, language, variants)
        parts: list[Sound] = []
        for pair in pairs:
            if parts:
                parts.append(np.zeros(round(chance.uniform(0.15, 0.6) * RATE), np.float32))
            parts.append(speaker.say(pair[number % 2], how).audio)
        said, wanted = (" ".join(pair[side] for pair in pairs) for side in (number % 2, _other(language)))
        made.append(Trial(_cut(np.concatenate(parts), chance), language, said, wanted, how.voice))
    return made


def hesitations(speaker: Speaker, seed: str, count: int, variants: list[str], *, held_out: bool) -> list[Trial]:
    """Single sentences of three words and more with a pause of 150-900 ms inside."""
    chance = random.Random(seed)
    made: list[Trial] = []
    while len(made) < count:
        pair = draw(chance, held_out=held_out)
        side = len(made) % 2
        said = pair[side]
        if len(said.split()) < 3:
            continue
        how = manner(chance, LANGUAGES[side], variants)
        first, rest = speaker.say_in_parts(said, [chance.randrange(1, len(said.split()))], [True], how)
        pause = np.zeros(round(chance.uniform(0.15, 0.9) * RATE), np.float32)
        audio = _cut(np.concatenate([first.audio, pause, rest.audio]), chance)
        made.append(Trial(audio, LANGUAGES[side], said, pair[1 - side], how.voice))
    return made


def windows(speaker: Speaker, seed: str, count: int, variants: list[str]) -> list[Trial]:
    """Return sentences that are cut off after a word. `said` is what was said by then."""
    chance = random.Random(seed)
    made: list[Trial] = []
    while len(made) < count:
        pair = draw(chance)
        language = LANGUAGES[len(made) % 2]
        how = manner(chance, language, variants)
        text = pair[len(made) % 2]
        spoken = speaker.say(text, how)
        known = [number for number, start in enumerate(spoken.starts) if number and start > 0.2]
        if known:
            word = chance.choice(known)
            audio = spoken.audio[: round(spoken.starts[word] * RATE)]
            said = " ".join(text.split()[:word])
            made.append(Trial(_cut(audio, chance), language, said, "", how.voice))
    return made


def strangers(speaker: Speaker, variants: list[str]) -> list[Trial]:
    """Return the hand-written sentences that should be refused, each in two voices."""
    chance = random.Random("strangers")
    made = []
    for line in (Path(__file__).parent / "strangers.txt").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            of, text = (part.strip() for part in line.split("|"))
            for _ in range(2):
                audio = speaker.say(text, manner(chance, of, variants)).audio
                language = of if of in LANGUAGES else chance.choice(LANGUAGES)
                made.append(Trial(_cut(audio, chance), language, voice=of))
    return made


def invented(speaker: Speaker, seed: str, count: int, variants: list[str]) -> list[Trial]:
    """Strangers as training has them: for validation."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        language = LANGUAGES[number % 2]
        how = manner(chance, language, variants)
        audio = speaker.say(foreign.sentence(chance, language), how).audio
        made.append(Trial(_cut(audio, chance), language, voice=how.voice))
    return made


def through(trials: list[Trial], change: Callable[[Sound, np.random.Generator], Sound]) -> list[Trial]:
    """Return the recordings after `change`."""
    chance = np.random.default_rng(11)
    return [replace(trial, audio=change(trial.audio, chance)) for trial in trials]


def noisy(audio: Sound, chance: np.random.Generator) -> Sound:
    """Add white noise 10 dB below the speech."""
    return (audio + chance.normal(0, LEVEL * 10 ** (-10 / 20), len(audio))).astype(np.float32)


def late(audio: Sound, chance: np.random.Generator) -> Sound:
    """Put a second of silence before the speech."""
    return np.concatenate([chance.normal(0, ROOM, RATE).astype(np.float32), audio])


def lossy(audio: Sound, chance: np.random.Generator) -> Sound:
    """Opus at 24 kb/s whose packets are lost, each fiftieth by chance."""
    wide = resampled_float(as_int16(audio), RATE, 48_000)
    pcm = as_int16(wide).tobytes()
    encoder, decoder = Encoder(48_000, bitrate=24_000), Decoder(RATE)
    packets = [encoder.encode(pcm[at : at + 1920]) for at in range(0, len(pcm) - 1919, 1920)]
    heard = [decoder.conceal(320) if chance.random() < 0.02 else decoder.decode(packet) for packet in packets]
    return (np.frombuffer(b"".join(heard), np.int16) / np.float32(32768)).astype(np.float32)


def as_int16(audio: Sound) -> NDArray[np.int16]:
    return (np.clip(audio, -1, 32767 / 32768) * 32768).astype(np.int16)


def combinations(seed: str, count: int) -> list[Pair]:
    """Return distinct sentences that training never saw."""
    chance = random.Random(seed)
    found: dict[Pair, None] = {}
    while len(found) < count:
        found[draw(chance, held_out=True)] = None
    return list(found)
