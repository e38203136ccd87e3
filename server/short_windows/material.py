"""Sentences to recognise with their words: a folder of recordings, or espeak-ng's voices."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import av
import numpy as np

from pipeline.engines.voices.espeak import PREFERRED, Espeak
from pipeline.speech import SAMPLE_RATE, VOICE_RATE, Synthesize
from pipeline.text.language import is_tag, primary
from pipeline.text.segmenter import unspaced
from server.recordings import read_recording
from server.short_windows.sentences import SENTENCES

VOICES = (("", 1.0), ("+m3", 1.1), ("+f2", 0.95), ("+f5", 1.05))
"""Variants of espeak-ng's voices, and their tempo."""
_LEAD = bytes(int(0.24 * SAMPLE_RATE) * 2)
_MARKS = re.compile(r"^[PSCZ]")


class NoMaterial(ValueError):
    """There is nothing to check on: what is wrong with the folder, or the languages."""


@dataclass(frozen=True, slots=True)
class Clip:
    """`audio` is mono s16 at `SAMPLE_RATE`."""

    name: str
    language: str
    text: str
    audio: bytes


def recorded(folder: Path, language: str | None) -> list[Clip]:
    """Each NAME.wav of the folder (or a folder in it) that has a NAME.txt beside it. Where no language is given it is
    the name of the folder that the file is in: `de/first.wav`. Raises NoMaterial."""
    if not folder.is_dir():
        raise NoMaterial(f"there is no folder {folder}")
    clips = []
    for wav in sorted(folder.rglob("*.wav")):
        transcript = wav.with_suffix(".txt")
        if not transcript.is_file():
            continue
        spoken = language or wav.parent.name
        if not is_tag(spoken):
            raise NoMaterial(f"{wav}: the language is neither given nor the name of its folder")
        try:
            text = transcript.read_text(encoding="utf-8").strip()
        except (UnicodeDecodeError, OSError) as error:
            raise NoMaterial(f"{transcript} can't be read as UTF-8 text: {error}") from None
        try:
            clips.append(Clip(wav.stem, spoken, text, read_recording(wav)))
        except ValueError as error:
            raise NoMaterial(str(error)) from None
    if not clips:
        raise NoMaterial(f"{folder} holds no WAV file with a text file of the same name beside it")
    return clips


def synthesized(languages: Collection[str], limit: int | None = None) -> list[Clip]:
    """Everyday sentences in those of the languages that we have some for, by several of espeak-ng's voices: at most
    `limit` clips of each language. Raises NoMaterial, and `EngineError` where there is no espeak-ng."""
    wanted = sorted({primary(language) for language in languages} & SENTENCES.keys())
    if not wanted:
        raise NoMaterial(f"there are no sentences to synthesize in {', '.join(sorted(languages))}: give recordings")
    espeak = Espeak()
    return [clip for language in wanted for clip in islice(_speak(espeak, language), limit)]


def _speak(espeak: Espeak, language: str) -> Iterator[Clip]:
    for number, text in enumerate(SENTENCES[language]):
        for variant, rate in VOICES:
            job = Synthesize(text, language, f"{PREFERRED.get(language, language)}{variant}", rate)
            pcm = espeak.synthesize([job])[0].pcm
            yield Clip(f"{language}{number}{variant}", language, text, _LEAD + _resampled(pcm))


def _resampled(pcm: bytes) -> bytes:
    frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, np.int16)[None], format="s16", layout="mono")
    frame.sample_rate = VOICE_RATE
    resampler = av.AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    return b"".join(part.to_ndarray().tobytes() for part in [*resampler.resample(frame), *resampler.resample(None)])


def words(text: str, language: str) -> list[str]:
    """Without case and marks; in a script without spaces each character is one."""
    shown = "".join(
        " " if _MARKS.match(unicodedata.category(char)) else char
        for char in unicodedata.normalize("NFC", text.casefold())
    )
    return list(shown.replace(" ", "")) if unspaced(language) else shown.split()
