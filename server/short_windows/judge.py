"""Hears sentences of each language padded and in short windows, in turn, until enough is shown or time is up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from pipeline.engines.whisper.transcriber import Whisper
from pipeline.speech import Transcribe, Transcript
from pipeline.text.language import primary
from pipeline.text.word_errors import word_errors
from server.short_windows.judgement import Basis, Judgement, Tally, judged
from server.short_windows.material import Clip, recorded, synthesized, words
from server.short_windows.sentences import SENTENCES

Say = Callable[[str], None]


class Ears(Protocol):
    """A recogniser that hears the same sentence in both ways."""

    @property
    def languages(self) -> Collection[str]:
        """Primary subtags that it knows."""
        ...

    def hear(self, clip: Clip, *, short: bool) -> Transcript:
        """Recognise a sentence. Raises `EngineError`."""
        ...


class WhisperEars:
    """`Ears` over a model folder and its engine's options. Raises `EngineError` if it can't be loaded."""

    def __init__(self, path: str, options: Mapping[str, Any], basis: Basis) -> None:
        self._whisper = Whisper.of(path, **options)
        self._basis = basis
        self.languages = self._whisper.languages
        for short in (False, True):
            self._go(short)
            self._whisper.warm_up()

    def hear(self, clip: Clip, *, short: bool) -> Transcript:
        self._go(short)
        return self._whisper.transcribe([Transcribe(clip.audio, clip.language)])[0]

    def _go(self, short: bool) -> None:
        self._whisper.margin = self._basis.margin if short else None
        self._whisper.silent_tail = self._basis.silent_tail if short else 0


def material(languages: Collection[str], recordings: Path) -> dict[str, list[Clip]]:
    """Return the sentences of each language: recordings first, where there are some, then synthetic voices.

    Raises NoMaterial for recordings that can't be read, `EngineError` where there is no espeak-ng.
    """
    found: dict[str, list[Clip]] = {}
    if recordings.is_dir() and any(recordings.rglob("*.wav")):
        for clip in recorded(recordings, None):
            if primary(clip.language) in languages:
                found.setdefault(primary(clip.language), []).append(clip)
    for language in languages & SENTENCES.keys():
        found[language] = [*found.get(language, ()), *synthesized({language})]
    return found


def judge(
    ears: Ears,
    clips: Mapping[str, Sequence[Clip]],
    asked: Collection[str],
    basis: Basis,
    *,
    left_s: Callable[[], float],
    say: Say = lambda _: None,
) -> Judgement:
    """Judge by `clips`, a list for each language, for the languages `asked`.

    `left_s` tells the seconds that are left. No sentence is begun that would take longer than the longest one did.
    """
    known = {language for language in asked if language in ears.languages}
    tallies = {language: Tally() for language in sorted(known) if clips.get(language)}
    totals = {language: sum(len(words(clip.text, language)) for clip in clips[language]) for language in tallies}
    in_turn = [
        (language, clip)
        for row in itertools.zip_longest(*(clips[language] for language in tallies))
        for language, clip in zip(tallies, row, strict=True)
        if clip is not None
    ]
    longest, whole = 0.0, True
    for number, (language, clip) in enumerate(in_turn):
        before = left_s()
        if before < longest:
            whole = False
            break
        _hear(ears, clip, language, tallies[language])
        longest = max(longest, before - left_s())
        if tallies[language].hopeless(totals[language]):
            break
        say(f"{number + 1} of {len(in_turn)} sentences heard")
    return judged(basis, asked, tallies, known - tallies.keys(), whole=whole)


def _hear(ears: Ears, clip: Clip, language: str, tally: Tally) -> None:
    wanted = words(clip.text, language)
    padded, short = (ears.hear(clip, short=short) for short in (False, True))
    wrong = [word_errors(wanted, words(one.text, language)) for one in (padded, short)]
    tally.add(len(wanted), *wrong, sure=padded.understood and padded.certain)
