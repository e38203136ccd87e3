"""Speakers: espeak-ng's voices and random ones like them, with the times of the words that they say.

The library is asked, not the command, since only it tells when a word begins. It is GPL-3.0 and a tool of the
training machine: nothing of Dragoman loads it when it runs, and nothing of it is in the models.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import random
import shutil
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from testing.resampling import resampled_float

RATE = 16_000
HELD_OUT = ("f5", "m5", "m6", "Alicia", "david")
"""Variants that no training hears: those of the tests, the demo and the benches."""

STOCK = [
    name
    for line in (Path(__file__).parent / "voices.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
    for name in line.split()
]
ACCENTS = {
    "en": ("gmw/en-US", "gmw/en-US", "gmw/en", "gmw/en-GB-x-rp", "gmw/en-US-nyc"),
    "es": ("roa/es", "roa/es-419"),
}
"""espeak-ng's files of languages."""

STRANGERS = [
    *("gmw/de", "roa/fr", "roa/it", "roa/pt", "roa/pt-BR", "gmw/nl", "zlw/pl", "trk/tr"),
    *("roa/ro", "gmq/sv", "roa/ca", "urj/hu", "urj/fi", "grk/el", "zle/ru", "inc/hi"),
]
"""Languages that the recogniser learns to refuse."""

_DATA = Path("/usr/lib/x86_64-linux-gnu/espeak-ng-data")
_RETRIEVAL, _UTF8, _END_PAUSE = 2, 1, 0x1000
_TEMPO, _PITCH, _RANGE = 1, 3, 4
_WORD, _LAST = 1, 0
_SOUNDING = 0.003


class Spoken(NamedTuple):
    """Speech, mono -1..1 at `RATE`, from its first to its last sound.

    `starts`: seconds at which the words of the text begin, -1 where espeak-ng doesn't tell.
    """

    audio: NDArray[np.float32]
    starts: tuple[float, ...]


class Manner(NamedTuple):
    """Manner of speaking. `voice` as in `gmw/en-US+f3`; words a minute; pitch and its range 0..100."""

    voice: str
    tempo: int
    pitch: int
    range: int


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


def random_name(seed: int) -> str:
    """Return the name of a random variant. Its dot keeps it out of espeak-ng's list of voices, which has 350 places."""
    return f".r{seed}"


def random_variant(seed: int) -> str:
    """Return the text of a variant file: another size of the vocal tract, another tone, another way to stress."""
    chance = random.Random(f"variant {seed}")
    low = chance.choice((chance.uniform(60, 120), chance.uniform(90, 170), chance.uniform(140, 230)))
    size = chance.uniform(0.85, 1.2)
    lines = ["language variant", f"name r{seed}", f"pitch {low:.0f} {low * chance.uniform(1.2, 1.8):.0f}"]
    lines += [f"flutter {chance.randrange(0, 10)}", f"roughness {chance.randrange(0, 5)}"]
    for number in range(9):
        hz = 100 * size * chance.uniform(0.9, 1.1)
        height, width = chance.uniform(60, 120), chance.uniform(85, 160)
        if number > 2:
            height *= chance.uniform(0.4, 1.1)
        lines.append(f"formant {number} {hz:.0f} {height:.0f} {width:.0f}")
    if chance.random() < 0.4:
        lines.append("breath " + " ".join(str(chance.randrange(0, 8)) for _ in range(8)))
        lines.append("breathw 150 150 200 200 400 400")
    if chance.random() < 0.3:
        lines.append(f"echo {chance.randrange(20, 150)} {chance.randrange(5, 40)}")
    if chance.random() < 0.3:
        lines.append(f"klatt {chance.randrange(1, 7)}")
    lines.append(f"voicing {chance.randrange(50, 120)}")
    lines.append(f"consonants {chance.randrange(60, 160)} {chance.randrange(60, 160)}")
    lines.append(f"intonation {chance.randrange(1, 5)}")
    if chance.random() < 0.4:
        lines.append("stressAdd " + " ".join(str(chance.randrange(-20, 40)) for _ in range(8)))
    return "\n".join(lines) + "\n"


def with_random_variants(folder: Path, count: int) -> Path:
    """Make a folder with espeak-ng's data and `count` variants more, see `random_name`."""
    data = folder / "espeak-ng-data"
    variants = data / "voices" / "!v"
    if not variants.is_dir():
        variants.mkdir(parents=True)
        for entry in _DATA.iterdir():
            if entry.name != "voices":
                (data / entry.name).symlink_to(entry)
        for file in (_DATA / "voices" / "!v").iterdir():
            shutil.copy(file, variants)
    for seed in range(count):
        (variants / random_name(seed)).write_text(random_variant(seed), "utf-8")
    return folder


@cache
def _library(folder: Path | None) -> tuple[ctypes.CDLL, int]:
    """Return the library, which knows one folder for a process's life, and its sample rate."""
    name = ctypes.util.find_library("espeak-ng") or "libespeak-ng.so.1"
    library = ctypes.CDLL(name)
    rate = library.espeak_Initialize(_RETRIEVAL, 0, str(folder).encode() if folder else None, 0)
    if rate <= 0:
        raise RuntimeError("espeak-ng could not be started: apt-get install espeak-ng")
    return library, rate


class Speaker:
    """Speaks text. One per process: espeak-ng has one state only. `folder` is from `with_random_variants`."""

    def __init__(self, folder: Path | None = None) -> None:
        self._library, self._rate = _library(folder)
        self._samples: list[NDArray[np.int16]] = []
        self._words: list[tuple[int, int]] = []
        self._callback = _Callback(self._take)
        self._library.espeak_SetSynthCallback(self._callback)

    def say(self, text: str, manner: Manner) -> Spoken:
        """Speak a text.

        Raises LookupError for a voice that isn't there, ValueError where there is nothing to be heard.
        """
        if self._library.espeak_SetVoiceByName(manner.voice.encode()):
            raise LookupError(f"espeak-ng has no voice {manner.voice!r}")
        for name, value in ((_TEMPO, manner.tempo), (_PITCH, manner.pitch), (_RANGE, manner.range)):
            self._library.espeak_SetParameter(name, value, 0)
        self._samples, self._words = [], []
        raw = text.encode() + b"\0"
        self._library.espeak_Synth(raw, len(raw), 0, 1, 0, _UTF8, None, None)
        self._library.espeak_Synchronize()
        sound = resampled_float(np.concatenate([np.zeros(0, np.int16), *self._samples]), self._rate, RATE)
        loud = np.flatnonzero(np.abs(sound) > _SOUNDING)
        if not loud.size:
            raise ValueError(f"{manner.voice} says nothing: {text!r}")
        begin = loud[0] / RATE
        at = {position - 1: milliseconds / 1000 - begin for position, milliseconds in reversed(self._words)}
        starts = tuple(at.get(place, -1.0) for place in _word_places(text))
        return Spoken(sound[loud[0] : loud[-1] + 1], starts)

    def say_in_parts(self, text: str, breaks: Sequence[int], going_on: Sequence[bool], manner: Manner) -> list[Spoken]:
        """The same by somebody who halts before these words; for each halt, whether the tone tells that it goes on."""
        words, spoken = text.split(), []
        for begin, end, more in zip((0, *breaks), (*breaks, len(words)), (*going_on, False), strict=True):
            part = " ".join(words[begin:end])
            spoken.append(self.say(part.rstrip(",;") + "," if more else part, manner))
        return spoken

    def _take(self, samples: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]) -> int:
        """Receive a piece of sound from the library, and the words that begin in it."""
        if samples and count > 0:
            self._samples.append(np.ctypeslib.as_array(samples, (count,)).copy())
        number = 0
        while events[number].type != _LAST:
            if events[number].type == _WORD:
                self._words.append((events[number].text_position, events[number].audio_position))
            number += 1
        return 0


def _word_places(text: str) -> Iterator[int]:
    """Yield the index of the first letter of each word; words are divided by white space."""
    at = 0
    for word in text.split():
        at = text.index(word, at)
        yield at + next((n for n, letter in enumerate(word) if letter.isalnum()), 0)
        at += len(word)


def manner(chance: random.Random, language: str, variants: tuple[str, ...] | list[str]) -> Manner:
    """Return a random manner of speaking in a language, in the voice of one of the variants."""
    voice = f"{chance.choice(ACCENTS.get(language, (language,)))}+{chance.choice(variants)}"
    return Manner(voice, chance.randrange(120, 198), chance.randrange(28, 72), chance.randrange(30, 70))
