"""The verdict on a demo call, from what was said and what each ear received."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from pipeline.speech import SAMPLE_RATE
from pipeline.text.word_errors import word_errors
from testing.bundled_recogniser import BundledRecogniser
from testing.hotel_dialogue import Person, Sentence
from testing.percentiles import percentile
from testing.recordings import Samples, find, load, speech_end, voiced_ms
from testing.words import share_heard, words

HEARD_SHARE = 0.8
ECHO_LIKENESS = 0.35


@dataclass(slots=True)
class Side:
    """One peer's files: what it said, what it heard, what it read, and its own report."""

    person: Person
    said: list[Samples]
    interpreter: Samples
    original: Samples
    messages: list[dict[str, Any]]
    report: dict[str, Any]

    @classmethod
    def read(cls, person: Person, files: list[Path], folder: Path) -> Side:
        stem = folder / person.language
        lines = Path(f"{stem}.jsonl").read_text(encoding="utf-8").splitlines()
        return cls(
            person,
            [load(file) for file in files],
            load(Path(f"{stem}-heard.wav")),
            load(Path(f"{stem}-original.wav")),
            [json.loads(line) for line in lines],
            json.loads(Path(f"{stem}-report.json").read_text(encoding="utf-8")),
        )

    @property
    def zero(self) -> float:
        """Epoch seconds of the first sample of its recordings."""
        return float(self.report["t0Epoch"])

    def piece(self, line: Samples, start: float, end: float) -> Samples:
        """Return the part of a recording between two epoch times (s)."""
        first, last = (round((at - self.zero) * SAMPLE_RATE) for at in (start, end))
        return line[max(0, first) : max(0, last)]


@dataclass(slots=True)
class Judged:
    """One sentence on its way: times are epoch seconds, lags milliseconds."""

    sentence: Sentence
    began: float
    ended: float
    transcript: str = ""
    translation: str = ""
    heard_text: str = ""
    heard_at: float | None = None
    original_ms: float | None = None
    own_voice: float = 0.0
    failures: list[str] = field(default_factory=list)

    @property
    def recognised(self) -> bool:
        return words(self.transcript) == words(self.sentence.text)

    @property
    def translated(self) -> bool:
        return words(self.translation) == words(self.sentence.translation)

    @property
    def heard(self) -> bool:
        return share_heard(self.sentence.translation, self.heard_text) >= HEARD_SHARE

    def as_json(self) -> dict[str, Any]:
        return {
            "said": self.sentence.text,
            "transcript": self.transcript,
            "translation": self.translation,
            "heard": self.heard_text,
            "endToEarMs": None if self.heard_at is None else round((self.heard_at - self.ended) * 1000, 1),
            "originalMs": self.original_ms,
            "ownVoiceLikeness": round(self.own_voice, 3),
            "failures": self.failures,
        }


def judge(speaker: Side, listener: Side, recogniser: BundledRecogniser) -> dict[str, Any]:
    """Return the figures of one direction: the speaker's sentences, as they reached the listener."""
    judged = [
        Judged(sentence, at["startEpoch"], at["startEpoch"] + speech_end(sound))
        for sentence, at, sound in zip(speaker.person.sentences, speaker.report["spoken"], speaker.said, strict=True)
    ]
    _read_subtitles(judged, speaker, listener)
    _listen(judged, listener, recogniser)
    for one, sound in zip(judged, speaker.said, strict=True):
        _hear_original(one, sound, listener)
        _hear_oneself(one, sound, speaker)
        _name_failures(one)
    return _summary(judged, speaker)


def _nearest(judged: list[Judged], at: float) -> Judged | None:
    """Return the last sentence that had begun by `at`."""
    begun = [one for one in judged if one.began <= at]
    return begun[-1] if begun else None


def _read_subtitles(judged: list[Judged], speaker: Side, listener: Side) -> None:
    """Give each sentence the listener's subtitles of it."""
    who = speaker.report["participantId"]
    for message in listener.messages:
        if message.get("sourceUserId") != who or not message.get("final", False):
            continue
        one = _nearest(judged, message["receivedAt"] / 1000)
        if one is None:
            continue
        if message["type"] == "transcription":
            one.transcript = f"{one.transcript} {message['text']}".strip()
        elif message["type"] == "translation":
            one.translation = f"{one.translation} {message['translatedText']}".strip()


def _listen(judged: list[Judged], listener: Side, recogniser: BundledRecogniser) -> None:
    """Recognise each stretch of the interpreter's voice from the listener's own recording."""
    for start, end in listener.report["lines"]["interpreter"]["voiced"]:
        one = _nearest(judged, listener.zero + start - 0.3)
        if one is None:
            continue
        sound = listener.piece(listener.interpreter, listener.zero + start - 0.2, listener.zero + end + 0.2)
        one.heard_text = f"{one.heard_text} {recogniser.words_in(sound, listener.person.language)}".strip()
        if one.heard_at is None:
            one.heard_at = listener.zero + start


def _hear_original(one: Judged, sound: Samples, listener: Side) -> None:
    """Measure the delay of the speaker's own voice on the listener's second line."""
    within = listener.piece(listener.original, one.began - 0.2, one.ended + 1.0)
    at, likeness = find(sound, within)
    if likeness > 0.5:
        one.original_ms = round((at - 0.2) * 1000, 1)


def _hear_oneself(one: Judged, sound: Samples, speaker: Side) -> None:
    """Measure the likeness of the speaker's own voice to anything that the speaker heard meanwhile."""
    for line in (speaker.interpreter, speaker.original):
        within = speaker.piece(line, one.began - 0.2, one.ended + 4.0)
        one.own_voice = max(one.own_voice, find(sound, within)[1])


def _name_failures(one: Judged) -> None:
    checks = {
        "not recognised": one.recognised,
        "not translated": one.translated,
        "not heard": one.heard,
        "original not heard": one.original_ms is not None,
        "heard by its own speaker": one.own_voice < ECHO_LIKENESS,
    }
    one.failures = [name for name, well in checks.items() if not well]


def _summary(judged: list[Judged], speaker: Side) -> dict[str, Any]:
    ends = [
        m for m in speaker.report["subtitles"]["utteranceEnds"] if m["sourceUserId"] == speaker.report["participantId"]
    ]
    first_audio = [m["latency"]["firstAudioMs"] for m in ends if m["latency"]["firstAudioMs"] is not None]
    to_ear = [(one.heard_at - one.ended) * 1000 for one in judged if one.heard_at is not None]
    original = [one.original_ms for one in judged if one.original_ms is not None]
    stages = ("endpointMs", "sttMs", "translationMs", "ttsMs")
    return {
        "said": len(judged),
        "recognised": sum(one.recognised for one in judged),
        "translated": sum(one.translated for one in judged),
        "heard": sum(one.heard for one in judged),
        "wordErrorRate": round(
            sum(word_errors(words(one.sentence.text), words(one.transcript)) for one in judged)
            / sum(len(words(one.sentence.text)) for one in judged),
            4,
        ),
        "firstAudioMs": {"p50": tenths(first_audio, 0.5), "p95": tenths(first_audio, 0.95)},
        "endToEarMs": {"p50": tenths(to_ear, 0.5), "p95": tenths(to_ear, 0.95)},
        "originalMs": {"p50": tenths(original, 0.5), "p95": tenths(original, 0.95)},
        "stagesMs": {
            stage: tenths([m["latency"][stage] for m in ends if m["latency"][stage] is not None], 0.5)
            for stage in stages
        },
        "ownVoiceHeard": sum(one.own_voice >= ECHO_LIKENESS for one in judged),
        "failures": sum(bool(one.failures) for one in judged),
        "sentences": [one.as_json() for one in judged],
    }


def tenths(values: Sequence[float], share: float) -> float | None:
    """Return the percentile of `values`, rounded to 0.1."""
    found = percentile(values, share)
    return None if found is None else round(found, 1)


def quiet_while_speaking(speaker: Side) -> int:
    """Return the milliseconds of sound on the speaker's lines while the speaker alone was speaking.

    The last sentence is left out: both people say it at once.
    """
    total = 0
    for sound, at in list(zip(speaker.said, speaker.report["spoken"], strict=True))[:-1]:
        for line in (speaker.interpreter, speaker.original):
            total += voiced_ms(speaker.piece(line, at["startEpoch"], at["startEpoch"] + speech_end(sound)))
    return total


def lag_ms(said: Path, heard: Path, said_at: float) -> float:
    """Return the delay of `said` in the recording `heard`, in milliseconds; NaN where it is not found."""
    at, likeness = find(load(said), load(heard))
    return round((at - said_at) * 1000, 1) if likeness > 0.5 else float(np.nan)
