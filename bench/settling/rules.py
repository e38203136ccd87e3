"""Rules by which words become final, and what becomes of turns under each."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bench.simulated_call.bundled_engines import bundled
from bench.simulated_call.call import Call, in_call
from bench.simulated_call.person import sound_of
from bench.talk.alignment import Segment, align, same
from pipeline.events import Transcribed, Translated
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.recognition.stable_text import StabilityOptions
from testing.spoken_turns import Turn
from testing.words import words

NEVER = 60.0


@dataclass(frozen=True, slots=True)
class Rule:
    """`timed`: the recogniser is asked for word times, which costs it a second pass of the decoder."""

    name: str
    settling: StabilityOptions
    timed: bool = False


RULES = [
    Rule("agreement or age (Dragoman)", StabilityOptions()),
    Rule("agreement alone", StabilityOptions(age_ms=None)),
    Rule("age alone, 1 s", StabilityOptions(agreement=False), timed=True),
    Rule("single pass, words over for 0.6 s", StabilityOptions(agreement=False, age_ms=600), timed=True),
    Rule("single pass, words over for 0.3 s", StabilityOptions(agreement=False, age_ms=300), timed=True),
    Rule("agreement or age, with word times", StabilityOptions(), timed=True),
]


@dataclass(slots=True)
class Found:
    """Results of one rule.

    For each clause: seconds from its end to its last word's becoming final, and whether its translation was exact.
    Words taken back, words that stayed, recognition passes.
    """

    late: list[float] = field(default_factory=list)
    exact: list[bool] = field(default_factory=list)
    erased: int = 0
    stayed: int = 0
    passes: int = 0

    def as_json(self) -> dict[str, Any]:
        late = sorted(self.late)
        return {
            "clauses": len(late),
            "exact": sum(self.exact),
            "never": sum(one >= NEVER for one in late),
            "lateP50Ms": round(1000 * statistics.median(late)),
            "lateP95Ms": round(1000 * late[max(0, math.ceil(0.95 * len(late)) - 1)]),
            "erasure": round(self.erased / max(1, self.stayed), 3),
            "passes": self.passes,
        }


def best(rows: Sequence[dict[str, Any]]) -> bool:
    """True if no rule gets more clauses exactly than the first one, or as many sooner."""
    ours, *others = rows
    as_good = [one for one in others if one["exact"] >= ours["exact"]]
    return all(one["exact"] == ours["exact"] and one["lateP50Ms"] >= ours["lateP50Ms"] for one in as_good)


async def heard_by(rule: Rule, turns: Sequence[Turn]) -> Found:
    """Interpret the turns under this rule and return the results."""
    found = Found()
    settings = InterpreterOptions(passes=replace(RecognitionOptions(), stability=rule.settling))
    async with bundled(**({"word_timestamps": True} if rule.timed else {})) as (stages, ear):
        for turn in turns:

            async def scene(call: Call, turn: Turn = turn) -> None:
                began = call.now
                await call.until_said(call.people[turn.language == "es"], sound_of(turn))
                score(found, turn, began, call)

            await in_call(stages, 1, scene, settings=settings)
        found.passes = ear.asked.total()
    return found


def score(found: Found, turn: Turn, began: float, call: Call) -> None:
    """Add the results of one turn, whose sound began at second `began` of the call."""
    speaker = call.people[turn.language == "es"].participant
    told = [one for one in call.happened if isinstance(one.event, Translated) and one.event.speaker == speaker]
    segments = [
        Segment(one.at, one.event.segment.text, one.event.text) for one in told if isinstance(one.event, Translated)
    ]
    for said, parts in zip(turn.said, align(turn.said, segments), strict=True):
        mine = [segments[part.segment] for part in parts]
        at = max((one.announced for one in mine), default=math.inf)
        found.late.append(min(NEVER, at - began - said.end))
        found.exact.append(words(" ".join(one.translation for one in mine)) == words(said.clause.translation))
    shown: dict[str, list[str]] = {}
    for one in call.happened:
        if isinstance(one.event, Transcribed) and one.event.speaker == speaker:
            before, now = shown.get(one.event.utterance, []), words(one.event.text)
            found.erased += len(before) - same(before, now)
            shown[one.event.utterance] = now
    found.stayed += sum(map(len, shown.values()))
