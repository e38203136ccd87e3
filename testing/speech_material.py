"""Speech to be said: single clauses, long turns, hesitating sentences; every choice from a seed.

`phrases.json` holds sentences of the bundled phrasebook with their voice. They are the first ones of a random
draw that last 2-4 s, that training never saw (nor the voices), and that the bundled models understand and
translate word for word from the whole, clean recording: so what goes wrong in a call, the call did.
"""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from testing.spoken_turns import RATE, Clause, Turn, hesitating, speak, turn

LANGUAGES = ("en", "es")
OTHER = {"en": "es", "es": "en"}
LONG_S = (10.0, 30.0)
CLAUSES = (4, 8)
JOINED_MS = (120, 350)
ONSET_MS, HESITATION_MS = (0, 300), (150, 900)


@dataclass(frozen=True, slots=True)
class Phrase:
    language: str
    voice: str
    clause: Clause


@cache
def phrases(language: str) -> tuple[Phrase, ...]:
    """Return all sentences of a language, in their order."""
    read = json.loads((Path(__file__).parent / "phrases.json").read_text(encoding="utf-8"))
    return tuple(
        Phrase(language, one["voice"], Clause(one["text"], one["translation"]))
        for one in read
        if one["language"] == language
    )


def singles(count: int, languages: Sequence[str] = LANGUAGES) -> list[Turn]:
    """Return `count` sentences, the same number of each language, each a turn of its own."""
    return [
        turn(f"single-{language}-{number}", language, one.voice, [one.clause])
        for language in languages
        for number, one in enumerate(phrases(language)[: count // len(languages)])
    ]


def long_turns(
    count: int, languages: Sequence[str] = LANGUAGES, seed: int = 5, joined_ms: tuple[int, int] = JOINED_MS
) -> list[Turn]:
    """Return turns of 4-8 sentences joined with 120-350 ms, 10-30 s in all.

    Each fourth one ends with the tone of a comma. No two turns share a sentence as long as there are enough.
    """
    turns = []
    for language in languages:
        chance = random.Random(f"{seed} {language}")
        voices = sorted({one.voice for one in phrases(language)})
        left: dict[str, list[Clause]] = {voice: [] for voice in voices}
        for number in range(count // len(languages)):
            voice = voices[number % len(voices)]
            wanted = chance.randint(*CLAUSES)
            if len(left[voice]) < CLAUSES[1]:
                left[voice] = [one.clause for one in phrases(language) if one.voice == voice]
                chance.shuffle(left[voice])
            clauses: list[Clause] = []
            while len(clauses) < wanted or _sounding(clauses, voice) < LONG_S[0]:
                clauses.append(left[voice].pop())
            pauses = [chance.randint(*joined_ms) for _ in clauses[1:]]
            turns.append(turn(f"long-{language}-{number}", language, voice, clauses, pauses=pauses, commas=4))
    return turns


def _sounding(clauses: Sequence[Clause], voice: str) -> float:
    """Return the seconds of speech, without the pauses."""
    return sum(len(speak(clause.text, voice)) for clause in clauses) / RATE


def hesitations(count: int, languages: Sequence[str] = LANGUAGES, seed: int = 9) -> list[Turn]:
    """Return sentences with an inner pause of 150-900 ms, which begin 0-300 ms after the microphone was opened."""
    turns = []
    for language in languages:
        chance = random.Random(f"{seed} {language}")
        known = phrases(language)
        for number in range(count // len(languages)):
            one = known[number % len(known)]
            length = len(one.clause.text.split())
            after = chance.randint(2, max(2, length - 2))
            pause, onset = chance.randint(*HESITATION_MS), chance.randint(*ONSET_MS)
            name = f"cut-{language}-{number}"
            turns.append(hesitating(name, language, one.voice, one.clause, after=after, pause_ms=pause, lead_ms=onset))
    return turns
