"""Figures of prompts and of hesitations at one delay of the soft end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.quality.scores import translation
from bench.sentence_ends.calls import engines, heard, sound_of, waiting
from bench.sentence_ends.places import Places, places, tokens
from bench.sentence_ends.recorded_passes import RecordedPasses
from bench.simulated_call.bundled_engines import bundled
from bench.simulated_call.person import sound_of as sound_of_turn
from pipeline.interpreter import InterpreterOptions
from pipeline.lanes.engine_set import EngineSet
from pipeline.speech import Transcribe, Translate
from pipeline.text.segmenter import sentences
from testing.percentiles import percentile
from testing.real_material import LANGUAGE, Prompt
from testing.spoken_turns import Turn


@dataclass(slots=True)
class Part:
    """Prompts by which rules may be chosen, those that are held out, or both."""

    places: Places = field(default_factory=Places)
    late_ms: list[float] = field(default_factory=list)
    """For each prompt: from its last voice to the translation of its last piece."""
    translations: list[str] = field(default_factory=list)
    wanted: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)
    """Translations of whole sentences of our final text: what would be said if no sentence came in pieces."""
    recording: list[str] = field(default_factory=list)
    """The same of one pass over the whole padded recording: what is missing there is missing for any call."""

    def __add__(self, other: Part) -> Part:
        lists = ("late_ms", "translations", "wanted", "own", "recording")
        return Part(self.places + other.places, **{name: getattr(self, name) + getattr(other, name) for name in lists})

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"prompts": len(self.late_ms), **self.places.as_json(), **late(self.late_ms)}
        if any(self.wanted):
            scored = translation(self.wanted, self.translations, "es")
            found |= {name: scored[name] for name in ("bleu", "chrf", "ter")}
            found["chrfOfOwnWords"] = translation(self.own, self.translations, "es")["chrf"]
        if any(self.recording):
            found["chrfOfRecording"] = translation(self.wanted, self.recording, "es")["chrf"]
        return found


def late(values: Sequence[float]) -> dict[str, int | None]:
    """Return the percentiles of times, ms."""
    found = {name: percentile(values, share) for name, share in _SHARES.items()}
    return {f"late{name}Ms": None if value is None else round(value) for name, value in found.items()}


def several(prompt: Prompt) -> bool:
    """Return True if a prompt has two sentence marks and more."""
    return sum(token.mark == "." for token in tokens(prompt.text)) >= 2


async def hear(
    passes: RecordedPasses,
    prompts: Sequence[Prompt],
    delay_ms: int | None = None,
    padded: RecordedPasses | None = None,
) -> tuple[Part, Part]:
    """Return the figures of prompts to choose by, and of those that are held out.

    `padded` hears each recording as a whole.
    """
    found = Part(), Part()
    settings = InterpreterOptions() if delay_ms is None else waiting(delay_ms)
    async with engines(passes) as stages:
        for prompt in prompts:
            one = await heard(stages, sound_of(prompt.audio), settings)
            part = found[prompt.held_out]
            part.places += places(prompt.text, one.pieces)
            part.late_ms += one.late_ms[-1:]
            part.translations.append(" ".join(one.translations))
            part.wanted.append(await _whole(stages, prompt.text))
            part.own.append(await _whole(stages, " ".join(piece.text.strip() for piece in one.pieces)))
            if padded is not None:
                whole, _ = padded.of(Transcribe(prompt.audio, LANGUAGE))
                part.recording.append(await _whole(stages, whole.text))
    return found


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
