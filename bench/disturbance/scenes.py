"""The two scenes: what is no speech, with speech between it; and the interpreter's voice in the microphone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from bench.simulated_call.bundled_engines import Counting
from bench.simulated_call.call import Call
from bench.simulated_call.person import Person, at_16k, sound_of
from pipeline.events import EngineFailed, Outcome, Transcribed, Translated, UtteranceEnded, UtteranceStarted
from testing.disturbances import Make
from testing.speech_material import LANGUAGES, OTHER, phrases
from testing.spoken_turns import Turn, speak
from testing.words import words

SETTLE = 2.5
"""s of room silence after each disturbance and each utterance. All processing of it ends within this time."""
VOICES = {"en": "en-us+m5", "es": "es+f5"}
REPEATED_AFTER = 3.0
DELAYS, GAINS = (0.08, 0.3), (-20.0, -6.0)


@dataclass(slots=True)
class Block:
    """One kind of disturbance in one language's microphone."""

    kind: str
    language: str
    seconds: float
    opened: int = 0
    """Utterances that voice activity opened."""
    asked: int = 0
    """Windows that recognition was given."""
    shown: list[str] = field(default_factory=list)
    """Last text of each utterance that was on the screen for a while."""
    translated: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Heard:
    """One sentence that was said, and its interpretation."""

    said: str
    expected: str
    translated: str
    outcome: str
    delay_ms: int = 0
    gain_db: float = 0.0

    @property
    def right(self) -> bool:
        return words(self.translated) == words(self.expected)

    @property
    def refused(self) -> bool:
        """True if nothing of the sentence was interpreted."""
        return not self.translated


@dataclass(slots=True)
class Disturbed:
    blocks: list[Block] = field(default_factory=list)
    sentences: list[Heard] = field(default_factory=list)
    failures: int = 0


@dataclass(slots=True)
class Echoed:
    """`loops`: what was interpreted of the interpreter's own voice."""

    said: list[Heard] = field(default_factory=list)
    loops: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    opened: int = 0
    refused: dict[str, int] = field(default_factory=dict)
    repeats: list[Heard] = field(default_factory=list)


async def disturb(
    call: Call, ear: Counting, kinds: Mapping[str, Make], seconds: float, turns: Sequence[Turn], seed: int
) -> Disturbed:
    """Play each kind of disturbance for `seconds` in both microphones, and after each its share of the turns."""
    found = Disturbed()
    of = {language: [turn for turn in turns if turn.language == language] for language in LANGUAGES}
    share = -(-len(turns) // len(LANGUAGES) // len(kinds))
    for number, (kind, make) in enumerate(kinds.items()):
        for index, person in enumerate(call.people):
            chance = np.random.default_rng([seed, number, index])
            person.say(make(chance, seconds))
        asked, began = ear.asked.copy(), call.now
        while any(person.speaking for person in call.people):
            await call.pass_time(0.1)
        await call.pass_time(SETTLE)
        for person in call.people:
            block = Block(kind, person.language, seconds, asked=ear.asked[person.language] - asked[person.language])
            judge_block(call, person, began, block)
            found.blocks.append(block)
        for _ in range(share):
            pair = [of[person.language].pop(0) if of[person.language] else None for person in call.people]
            began = call.now
            for person, turn in zip(call.people, pair, strict=True):
                if turn is not None:
                    person.say(sound_of(turn))
            while any(person.speaking for person in call.people):
                await call.pass_time(0.02)
            await call.pass_time(SETTLE)
            for person, turn in zip(call.people, pair, strict=True):
                if turn is not None:
                    clause = turn.said[0].clause
                    found.sentences.append(_heard(call, person, clause.text, clause.translation, began, call.now))
    found.failures = sum(isinstance(one.event, EngineFailed) for one in call.happened)
    return found


def judge_block(call: Call, person: Person, began: float, block: Block) -> None:
    """Fill in what became of the sounds of one microphone since `began` (s of the call)."""
    last: dict[str, str] = {}
    for one in call.happened:
        event = one.event
        if not isinstance(event, Transcribed) or event.speaker != person.participant:
            continue
        if event.text.strip() and call.began_s(event.utterance) >= began:
            last[event.utterance] = event.text
    block.shown = list(last.values())
    block.translated = [one.text for one in call.events(Translated, person, began, call.now)]
    block.opened = len(call.events(UtteranceStarted, person, began, call.now))


def _heard(call: Call, person: Person, said: str, expected: str, since: float, until: float) -> Heard:
    text = " ".join(one.text for one in call.events(Translated, person, since, until))
    outcomes = [_outcome(end.outcome, end.reason) for end in call.events(UtteranceEnded, person, since, until)]
    return Heard(said, expected, text, " + ".join(outcomes) or "not noticed")


def _outcome(outcome: Outcome, reason: str | None) -> str:
    return outcome.value if reason is None else f"{outcome.value} ({reason})"


async def echo(call: Call, sentences: Sequence[tuple[str, str, str]], seed: int, *, repeat: bool = True) -> Echoed:
    """Each sentence (language, text, translation) is said; its interpretation comes back through the microphone of
    who hears it, who then repeats it. Both have a loudspeaker, so each answer's interpretation echoes as well."""
    found = Echoed()
    chance = np.random.default_rng(seed)
    for language, text, translation in sentences:
        speaker, listener = call.people if call.people[0].language == language else call.people[::-1]
        for one in call.people:
            one.loudspeaker.on = True
            one.loudspeaker.delay = float(chance.uniform(*DELAYS))
            one.loudspeaker.gain_db = float(chance.uniform(*GAINS))
        began = call.now
        ended = await call.until_said(speaker, at_16k(speak(text, VOICES[language])))
        said = _heard(call, speaker, text, translation, began, ended)
        said.delay_ms, said.gain_db = round(listener.loudspeaker.delay * 1000), round(listener.loudspeaker.gain_db, 1)
        found.said.append(said)
        await call.pass_time(max(0.0, ended + REPEATED_AFTER - call.now))
        _judge_echo(call, listener, began, call.now, found)
        if not repeat or not said.translated:
            continue
        again = call.now
        await call.until_said(listener, at_16k(speak(said.translated, VOICES[OTHER[language]])))
        await call.pass_time(SETTLE)
        found.repeats.append(_heard(call, listener, said.translated, text, again - 0.1, call.now))
        _judge_echo(call, speaker, again, call.now, found)
    return found


def _judge_echo(call: Call, person: Person, since: float, until: float, found: Echoed) -> None:
    """Count all that was interpreted of `person` in a time in which nobody spoke.

    The microphone had nothing but the loudspeaker's sound then.
    """
    found.loops += [one.text for one in call.events(Translated, person, since, until)]
    found.opened += len(call.events(UtteranceStarted, person, since, until))
    ends = call.events(UtteranceEnded, person, since, until)
    for end in ends:
        name = _outcome(end.outcome, end.reason)
        found.refused[name] = found.refused.get(name, 0) + 1
    block = Block("echo", person.language, until - since)
    judge_block(call, person, since, block)
    found.shown += block.shown


def material(count: int) -> list[tuple[str, str, str]]:
    """Return `count` sentences (language, text, translation), the languages in turn."""
    of = {language: [one for one in phrases(language) if one.voice == VOICES[language]] for language in LANGUAGES}
    return [
        (language, of[language][number].clause.text, of[language][number].clause.translation)
        for number in range(-(-count // len(LANGUAGES)))
        for language in LANGUAGES
    ][:count]
