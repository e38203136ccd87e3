"""Figures of prompts and of hesitations at one delay of the soft end."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.quality.scores import translation
from bench.sentence_ends.calls import Translator, engines, heard, sound_of, translating, waiting
from bench.sentence_ends.places import Places, places, tokens
from bench.sentence_ends.recorded_passes import RecordedPasses
from bench.sentence_ends.true_ends import with_true_ends
from bench.simulated_call.bundled_engines import bundled
from bench.simulated_call.person import sound_of as sound_of_turn
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import Transcribe, Translate
from pipeline.text.segmenter import sentences
from testing.percentiles import percentile
from testing.real_material import LANGUAGE, Prompt
from testing.spoken_turns import Turn
from testing.virtual_clock import VirtualLoop


@dataclass(slots=True)
class Told:
    """Translations of what was heard of each prompt, and three texts that they may be held against."""

    translations: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    """Translations of the prompts' own text, sentence by sentence: misheard words count, too."""
    true_ends: list[str] = field(default_factory=list)
    """Translations of the heard words with the sentence ends of the prompts: only wrong ends and pieces count."""
    own: list[str] = field(default_factory=list)
    """Translations of the heard words with the ends that they were heard with: only pieces count."""

    def __add__(self, other: Told) -> Told:
        return Told(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))

    def add(self, other: Told) -> None:
        """Put the texts of `other` behind these."""
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))

    def as_json(self) -> dict[str, Any]:
        """Return BLEU and TER against the prompts' own text, and chrF against each of the three."""
        if not any(self.wanted):
            return {}
        scored = translation(self.wanted, self.translations, "es")
        return {
            **{name: scored[name] for name in ("bleu", "chrf", "ter")},
            "chrfOfTrueEnds": translation(self.true_ends, self.translations, "es")["chrf"],
            "chrfOfOwnWords": translation(self.own, self.translations, "es")["chrf"],
        }


@dataclass(slots=True)
class Part:
    """Prompts by which rules may be chosen, those that are held out, or both."""

    places: Places = field(default_factory=Places)
    late_ms: list[float] = field(default_factory=list)
    """For each prompt: from its last voice to the translation of its last piece."""
    call: Told = field(default_factory=Told)
    recording: Told = field(default_factory=Told)
    """One pass over each whole recording, padded: it cuts nothing, and mishears what it mishears."""
    timed: Told = field(default_factory=Told)
    """The same by a pass that writes times, as Whisper was trained to hear several sentences."""

    def __add__(self, other: Part) -> Part:
        names = ("places", "late_ms", "call", "recording", "timed")
        return Part(*(getattr(self, name) + getattr(other, name) for name in names))

    def as_json(self) -> dict[str, Any]:
        """Return all figures; those of whole recordings where they were heard."""
        whole = {"recording": self.recording.as_json(), "timed": self.timed.as_json()}
        found = {"prompts": len(self.late_ms), **self.places.as_json(), **late(self.late_ms), **self.call.as_json()}
        return found | {name: one for name, one in whole.items() if one}


def late(values: Sequence[float]) -> dict[str, int | None]:
    """Return the percentiles of times, ms."""
    found = {name: percentile(values, share) for name, share in _SHARES.items()}
    return {f"late{name}Ms": None if value is None else round(value) for name, value in found.items()}


def several(prompt: Prompt) -> bool:
    """Return True if a prompt has two sentence marks and more."""
    return sum(token.mark == "." for token in tokens(prompt.text)) >= 2


def hear(
    passes: RecordedPasses,
    prompts: Sequence[Prompt],
    delay_ms: int | None = None,
    padded: Sequence[RecordedPasses] = (),
) -> tuple[Part, Part]:
    """Return the figures of prompts to choose by, and of those that are held out.

    `padded` hear each recording as a whole: the first without times, the second with them. Each prompt has a virtual
    clock of its own: from another second on, times are rounded otherwise, and some sentences end elsewhere.
    """
    found = [Part(), Part()]
    settings = InterpreterOptions() if delay_ms is None else waiting(delay_ms)
    with translating() as translator:
        for prompt in prompts:
            with asyncio.Runner(loop_factory=VirtualLoop) as runner:
                found[prompt.held_out] += runner.run(_of_one(passes, translator, prompt, settings, padded))
    return found[0], found[1]


async def _of_one(
    passes: RecordedPasses,
    translator: Translator,
    prompt: Prompt,
    settings: InterpreterOptions,
    padded: Sequence[RecordedPasses],
) -> Part:
    """Return the figures of one prompt."""
    part = Part()
    async with engines(passes, translator=translator) as stages:
        one = await heard(stages, sound_of(prompt.audio), settings)
        part.places += places(prompt.text, one.pieces)
        part.late_ms += one.late_ms[-1:]
        text = " ".join(piece.text.strip() for piece in one.pieces)
        part.call.add(await _told(stages, prompt, text, " ".join(one.translations)))
        for ear, way in zip(padded, (part.recording, part.timed), strict=False):
            text = ear.of(Transcribe(prompt.audio, LANGUAGE))[0].text
            way.add(await _told(stages, prompt, text, await _whole(stages, text)))
    return part


async def _told(stages: EngineSet, prompt: Prompt, heard_text: str, translated: str) -> Told:
    """Return one translation of a prompt, and what it may be held against."""
    texts = prompt.text, with_true_ends(heard_text, prompt.text), heard_text
    return Told([translated], *[[await _whole(stages, text)] for text in texts])


async def _whole(stages: EngineSet, text: str) -> str:
    """Return the translation of a text by its whole sentences; nothing without a translator."""
    found = [await stages.mt.do(Translate(one, LANGUAGE, "es")) for one in sentences(text, LANGUAGE)]
    return " ".join(one.text for one in found if not one.kept)


async def hesitating(turns: Sequence[Turn], delay_ms: int | None = None) -> dict[str, Any]:
    """Return the share of hesitating sentences that are translated in pieces, by the bundled engines."""
    settings = InterpreterOptions() if delay_ms is None else waiting(delay_ms)
    async with bundled() as (stages, _):
        found = [await heard(stages, sound_of_turn(turn), settings, spanish=turn.language == "es") for turn in turns]
    cut = sum(len(one.pieces) > 1 for one in found)
    whole = [one.late_ms[-1] for one in found if one.late_ms]
    return {"turns": len(turns), "cut": cut, "cutShare": round(cut / max(1, len(turns)), 4), **late(whole)}


_SHARES = {"P50": 0.5, "P95": 0.95}
