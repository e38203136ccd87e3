"""Grades of each engine on a data set: its words, its translations, and the intelligibility of its voice."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from bench.quality import scores
from bench.quality.data import Item
from pipeline.engines.registry import Engine, Kind
from pipeline.lanes.pipe_messages import JobDone, answer, method
from pipeline.speech import VOICE_RATE, Speech, Synthesize, Transcribe, Translate
from pipeline.text.language import primary, same
from server.recordings import read_recording
from testing.resampling import resampled

_BATCH = 8
Result = TypeVar("Result")


@dataclass(slots=True)
class Grades:
    """Grades of all stages. `examples` are the worst results, `failures` the jobs on which an engine failed."""

    recognition: dict[str, dict[str, Any]] = field(default_factory=dict)
    translation: dict[str, dict[str, Any]] = field(default_factory=dict)
    spoken_translation: dict[str, dict[str, Any]] = field(default_factory=dict)
    intelligibility: dict[str, dict[str, Any]] = field(default_factory=dict)
    examples: list[dict[str, str]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def grade(items: Sequence[Item], engines: Mapping[Kind, Any], progress: Callable[[str], None]) -> Grades:
    """Grade all that can be graded with these engines.

    A job that fails counts as nothing understood, translated or said.
    """
    grades = Grades()
    languages = sorted({primary(item.language) for item in items})
    targets = sorted({primary(tag) for item in items for tag in item.translations})
    heard: dict[str, str] = {}
    for language in languages:
        mine = [item for item in items if same(item.language, language)]
        recorded = [item for item in mine if item.audio is not None]
        if recorded and language not in engines["stt"].languages:
            grades.left_out.append(f"recognition of {language}: the recogniser doesn't know it")
        elif recorded:
            progress(f"recognition of {language}: {len(recorded)} recordings")
            found = _recognise(engines["stt"], [(_sound(item), item.language) for item in recorded], grades)
            heard |= {item.name: text for item, text in zip(recorded, found, strict=True)}
            grades.recognition[language] = scores.recognition([item.text for item in recorded], found, language)
            _examples(grades, "recognition", [item.text for item in recorded], found)
        for target in targets:
            _translations(grades, mine, language, target, engines["mt"], heard, progress)
    for language in sorted({*languages, *targets}):
        _intelligibility(grades, items, language, engines, progress)
    return grades


def _translations(
    grades: Grades,
    items: Iterable[Item],
    source: str,
    target: str,
    engine: Any,
    heard: Mapping[str, str],
    progress: Callable[[str], None],
) -> None:
    """Grade translations of written texts, and of recognised ones."""
    wanted = [(item, text) for item in items for tag, text in item.translations.items() if same(tag, target)]
    if not wanted or source == target:
        return
    pair = f"{source}-{target}"
    if (source, target) not in engine.pairs:
        grades.left_out.append(f"translation {pair}: the translator doesn't know it")
        return
    progress(f"translation {pair}: {len(wanted)} sentences")
    told = _ask(grades, engine, [Translate(item.text, source, target) for item, _ in wanted], lambda one: one.text, "")
    grades.translation[pair] = scores.translation([text for _, text in wanted], told, target)
    _examples(grades, f"translation {pair}", [text for _, text in wanted], told)
    spoken = [(heard[item.name], text) for item, text in wanted if item.name in heard]
    if spoken:
        phrases = [Translate(one, source, target) for one, _ in spoken]
        found = _ask(grades, engine, phrases, lambda one: one.text, "")
        grades.spoken_translation[pair] = scores.translation([text for _, text in spoken], found, target)


def _intelligibility(
    grades: Grades,
    items: Iterable[Item],
    language: str,
    engines: Mapping[Kind, Any],
    progress: Callable[[str], None],
) -> None:
    """Grade our own voice by the words that our own recogniser understands of it.

    People may understand more or less, so the grade is only to be compared with itself.
    """
    texts = [item.text for item in items if same(item.language, language)]
    texts += [text for item in items for tag, text in item.translations.items() if same(tag, language)]
    texts = list(dict.fromkeys(texts))
    if not texts:
        return
    for kind, what in (("stt", "recogniser"), ("tts", "voice")):
        if language not in engines[kind].languages:  # type: ignore[index]
            grades.left_out.append(f"intelligibility in {language}: the {what} doesn't know it")
            return
    progress(f"intelligibility in {language}: {len(texts)} sentences")
    lines = [Synthesize(text, language) for text in texts]
    said = _ask(grades, engines["tts"], lines, _at_the_ear, b"")
    found = _recognise(engines["stt"], [(pcm, language) for pcm in said], grades)
    grades.intelligibility[language] = scores.recognition(texts, found, language)
    _examples(grades, "intelligibility", texts, found)


def _recognise(engine: Any, sounds: Iterable[tuple[bytes, str]], grades: Grades) -> list[str]:
    jobs = [Transcribe(pcm, language) for pcm, language in sounds]
    # A text that isn't understood would not be shown as said either.
    return _ask(grades, engine, jobs, lambda one: one.text if one.understood else "", "")


def _ask(
    grades: Grades, engine: Engine, jobs: Sequence[Any], read: Callable[[Any], Result], nothing: Result
) -> list[Result]:
    run, results = method(engine), list[Result]()
    for at in range(0, len(jobs), _BATCH):
        for one in answer(run, jobs[at : at + _BATCH]):
            results.append(read(one.result) if isinstance(one, JobDone) else nothing)
            if not isinstance(one, JobDone):
                grades.failures.append(one.reason)
    return results


def _sound(item: Item) -> bytes:
    assert item.audio is not None
    return read_recording(item.audio)


def _at_the_ear(speech: Speech) -> bytes:
    """Return speech as a recogniser gets it: mono s16 at `SAMPLE_RATE`."""
    return resampled(np.frombuffer(speech.pcm, np.int16), VOICE_RATE).tobytes()


def _examples(grades: Grades, what: str, wanted: Sequence[str], found: Sequence[str]) -> None:
    """Keep up to three wrong results of each kind as examples."""
    known: dict[str, int] = defaultdict(int)
    for one, other in zip(wanted, found, strict=True):
        if scores.plain(one) != scores.plain(other) and known[what] < 3:
            known[what] += 1
            grades.examples.append({"what": what, "wanted": one, "found": other})
