"""Plans of the examples of the recogniser's training, by chance."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field

from starter.recipe.banks import Bank, Utterance
from starter.recipe.models import POSITIONS

LONGEST = 2 * POSITIONS - 40  # frames
BANKS = ("phrases", "hesitations", "strangers", "noises")
SENTENCES = (2, 2, 2, 2, 3, 3, 4)
CUT_TURNS, CUT_BROKEN = 0.6, 0.3
BROKEN_TURNS = 0.2
"""Share of the turns whose first sentence has a pause inside."""

HESITATED = 0.7
"""Share of the broken sentences that were spoken in parts; the others are whole ones, taken apart at a word."""

RUN_ON = 0.25
NO_PAUSE, PAUSE = (0, 6), (5, 31)
"""Share of the sentences of a turn that follow at once; frames before those, and before the others."""

HALT = (6, 48)
"""Frames of a pause inside a sentence."""


@dataclass
class Plan:
    """Plan of one example: utterances with pauses (frames) before each but the first.

    `breaks` are pauses inside the first one, `(frame, frames)`. If `until` is set, all is cut off at that frame of the
    speech. `text` is all that is said, `first` the first sentence.
    """

    kind: str
    said: list[Utterance]
    text: str
    pauses: list[int]
    frames: int
    until: int = 0
    breaks: list[tuple[int, int]] = field(default_factory=list)
    first: str = ""


class Planner:
    """Draws plans from the banks by `shares` of the kinds, which may be set at any time: single, cut, turn, broken,
    stranger, noise."""

    def __init__(self, banks: Mapping[str, Bank], chance: random.Random) -> None:
        self.banks, self.chance = banks, chance
        self.shares = {"single": 1.0}

    def draw(self, kind: str = "") -> Plan:
        """Return an example of this kind, or of one by their shares."""
        kind = kind or self.chance.choices(list(self.shares), list(self.shares.values()))[0]
        if kind in ("stranger", "noise"):
            one = self.chance.choice(self.banks[f"{kind}s"].all)
            return Plan(kind, [one], "", [], one.frames)
        broken = kind == "broken" or (kind == "turn" and self.chance.random() < BROKEN_TURNS)
        hesitated = broken and self.chance.random() < HESITATED
        first = self.chance.choice(self.banks["hesitations" if hesitated else "phrases"].all)
        plan = Plan(kind, [first], "", [], first.frames)
        if broken:
            self._break(plan)
        if kind == "turn":
            same = self.banks["phrases"].speakers[first.speaker]
            for _ in range(self.chance.choice(SENTENCES) - 1):
                one = self.chance.choice(same)
                pause = self.chance.randrange(*(NO_PAUSE if self.chance.random() < RUN_ON else PAUSE))
                if plan.frames + pause + one.frames > LONGEST - 80:
                    break
                plan.said.append(one)
                plan.pauses.append(pause)
                plan.frames += pause + one.frames
        plan.text = " ".join(one.item.text for one in plan.said)
        cut = {"cut": 1.0, "turn": CUT_TURNS, "broken": CUT_BROKEN}.get(kind, 0.0)
        if self.chance.random() < cut:
            self._cut(plan)
        plan.first = first.item.text if len(plan.said) > 1 else plan.text
        return plan

    def _break(self, plan: Plan) -> None:
        item, frames = plan.said[0].item, plan.said[0].frames
        inner = [start for start in item.starts[1:] if 5 < start < frames - 5]
        places = list(item.breaks) or ([self.chance.choice(inner)] if inner else [])
        plan.breaks = [(place, self.chance.randrange(*HALT)) for place in places]
        plan.frames += sum(pause for _, pause in plan.breaks)

    def _cut(self, plan: Plan) -> None:
        """Cut the window off before the speech ends; its text has the words that were said to their end."""
        last = plan.said[-1]
        breaks = plan.breaks if len(plan.said) == 1 else []
        starts = [start + sum(pause for place, pause in breaks if place <= start) for start in last.item.starts]
        frames = last.frames + sum(pause for _, pause in breaks)
        inner = [number for number in range(1, len(starts)) if 6 < starts[number] < frames]
        if not inner:
            return
        word = self.chance.choice(inner)
        later = [start for start in (*starts[word + 1 :], frames) if start > starts[word]]
        into = round((later[0] - starts[word]) * self.chance.choice((0.0, self.chance.uniform(0, 0.5))))
        before = plan.frames - frames
        plan.until = plan.frames = before + starts[word] + into
        said = " ".join(last.item.text.split()[:word]).rstrip(",.;!?")
        plan.text = " ".join([*(one.item.text for one in plan.said[:-1]), said])
