"""Training examples for the recogniser: utterances from the banks, joined, cut, disturbed, each time anew.

All is done on log-mel features, in the power domain: [frames, 80], 20 ms each.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from starter.recipe.banks import Bank
from starter.recipe.models import WINDOW
from starter.recipe.plans import BANKS, LONGEST, Plan, Planner
from starter.recipe.vocabulary import TIMES, Units, listed

TEN = math.log(10)
NAMES = ("endoftext", "startoftranscript", "en", "es", "transcribe", "nospeech")
GRID = 5
"""Steps of which timestamps are multiples. A coarse grid leaves less doubt, and pauses are longer than it."""

NOTHING = -9.0
"""A feature of silence: nothing is left of it in the power domain."""

EARLY = 3
"""Frames at least before a sentence, at which its window begins."""

LAST = 1500
"""The timestamp after a sentence that nothing follows."""

MISREAD = 0.1
"""Share of the words before the next one that the decoder is told wrong, in half of the examples: it is to go by what
it hears, not by what is usually said after that."""


class Silence(NamedTuple):
    """Frames at most: before the speech, after it with the room's noise, and then without any, as an engine pads."""

    lead: int
    room: int
    none: int


SILENCES = [Silence(13, 6, 5), Silence(13, 6, 5), Silence(13, 6, 25), Silence(13, 25, 10), Silence(62, 6, 10)]


@dataclass
class Batch:
    mel: Tensor
    """[batch, 80, frames]"""
    given: Tensor
    wanted: Tensor
    lengths: Tensor
    """Encoder positions of each."""
    spelled: list[list[int]]
    padding: int


class Mixer:
    """Makes batches of about `budget` frames. Set while training goes on: `plans.shares`, `misread`, the share
    of words that are told wrong, and whether features are `masked`."""

    def __init__(self, folder: Path, tokenizer: Tokenizer, seed: int, budget: int = 3600) -> None:
        self.chance = random.Random(seed)
        torch.manual_seed(seed)
        self.banks = {name: Bank(folder, name) for name in BANKS}
        self.plans = Planner(self.banks, self.chance)
        self.tokenizer = tokenizer
        self.budget = budget
        self.units = Units()
        self.misread, self.masked = MISREAD, True
        tokens = listed(tokenizer)
        self.token = {name: tokens.index(f"<|{name}|>") for name in NAMES}
        self.first_time = tokens.index(TIMES[0])
        self.texts = self.token["endoftext"] - 1 - 256
        self._hiss = torch.empty(60_000, 80).exponential_()

    def batches(self) -> Iterator[Batch]:
        while True:
            plans = sorted((self.plans.draw() for _ in range(400)), key=lambda plan: plan.frames)
            groups: list[list[Plan]] = [[]]
            for plan in plans:
                if groups[-1] and (len(groups[-1]) + 1) * (plan.frames + 25) > self.budget:
                    groups.append([])
                groups[-1].append(plan)
            self.chance.shuffle(groups)
            for group in groups:
                yield self.batch(group)

    def batch(self, plans: list[Plan]) -> Batch:
        # Silence is drawn for the batch: one long lead would make all others of its batch as long.
        silence = self.chance.choice(SILENCES)
        made = [self._sound(plan, silence) for plan in plans]
        longest = max(len(mel) for mel, _ in made)
        longest += longest % 2 + 2 * self.chance.randrange(4)
        mel = torch.zeros(len(plans), longest, 80)
        given, wanted, spelled = [], [], []
        for number, (plan, (one, following)) in enumerate(zip(plans, made, strict=True)):
            mel[number, : len(one)] = one
            sequence = self._tokens(plan, following)
            given.append(sequence[0])
            wanted.append(sequence[1])
            spelled.append(self.units(plan.text) if plan.text else [])
        padding = self.chance.choice((0, 0, WINDOW - longest // 2, self.chance.randrange(20, 1000)))
        return Batch(
            mel.transpose(1, 2).contiguous(),
            _padded(given, self.token["endoftext"]),
            _padded(wanted, -100),
            torch.tensor([len(one) // 2 for one, _ in made]),
            spelled,
            max(0, padding),
        )

    def _tokens(self, plan: Plan, following: int) -> tuple[list[int], list[int]]:
        """Return the tokens that the decoder is given, and those that it should say.

        It should say the first sentence, and the frame at which to go on. In a window to be
        refused any word should be as likely as any other, so that the log probability shows it.
        """
        token = self.token
        language = token[plan.said[0].item.language]
        head = [token["startoftranscript"], language, token["transcribe"]]
        began, last = self.first_time, self.first_time + LAST
        if not plan.text:
            word = 256 + self.chance.randrange(self.texts)
            first = token["nospeech"] if plan.kind == "noise" else -100
            return [*head, began, word, last], [first, -100, began, word, last, token["endoftext"]]
        said = self.tokenizer.encode(f" {plan.first}", add_special_tokens=False).ids
        misread = self.misread if self.chance.random() < 0.5 else 0.0
        prompted = [256 + self.chance.randrange(self.texts) if self.chance.random() < misread else one for one in said]
        ended = [self.first_time + following] * 2 if following else [last]
        return [*head, began, *prompted, *ended], [language, -100, began, *said, *ended, token["endoftext"]]

    def _sound(self, plan: Plan, silence: Silence) -> tuple[Tensor, int]:
        """Return the features, and the frame from which on the second sentence is to be heard, or 0."""
        chance = self.chance
        stretch = chance.uniform(0.88, 1.14) if chance.random() < 0.5 else 1.0
        parts = [one.mel() for one in plan.said]
        for place, pause in reversed(plan.breaks):
            parts[0] = torch.cat([parts[0][:place], torch.full((pause, 80), NOTHING), parts[0][place:]])
        level = torch.zeros(80)
        if chance.random() < 0.5:
            level += curve((0, 15, 35, 55, 79), [chance.uniform(-0.7, 0.7) for _ in range(5)])
        level += chance.uniform(-2.0, 0.4)
        warp = _warp(chance.uniform(0.9, 1.12)) if chance.random() < 0.5 and plan.kind != "noise" else None
        lead = lead_before = chance.randrange(silence.lead)
        pieces = [torch.zeros(lead, 80)]
        for number, part in enumerate(parts):
            if number:
                pieces.append(torch.zeros(plan.pauses[number - 1], 80))
            loud = ((4 * (part if warp is None else part @ warp) - 4) + level).mul_(TEN).exp_()
            pieces.append(loud)
        power = torch.cat(pieces)
        if plan.until:
            power = power[: lead + plan.until]
        speech = len(power) - lead
        if stretch != 1.0:
            power = _stretched(power, stretch)
            lead, speech = round(lead * stretch), round(speech * stretch)
        open_tail = chance.randrange(silence.room)
        if plan.until and chance.random() < 0.7:
            open_tail = 0
        power = torch.cat([power, torch.zeros(open_tail, 80)])
        self._disturb(power, lead)
        closed_tail = chance.randrange(silence.none + 1) if chance.random() < 0.5 else silence.none
        power = torch.cat([power, torch.zeros(closed_tail, 80)])[:LONGEST]
        mel = power.clamp_min_(1e-10).log_().div_(TEN)
        mel = (mel.clamp_min_(float(mel.max()) - 8) + 4) / 4
        if self.masked:
            self._mask(mel, lead + speech)
        if len(plan.said) < 2:
            return mel, 0
        second = (lead_before + len(parts[0]) + plan.pauses[0]) * stretch
        return mel, GRID * math.floor((second - EARLY) / GRID)

    def _disturb(self, power: Tensor, lead: int) -> None:
        """Add noise of a room, other sounds, and packets that were lost; in place."""
        chance, top, count = self.chance, float(power.max()), len(power)
        if chance.random() < 0.85:
            tilt = curve((0, chance.uniform(20, 60), 79), [0, chance.uniform(-1, 0.5), chance.uniform(-2.0, 0.3)])
            at = chance.randrange(len(self._hiss) - count)
            power += self._hiss[at : at + count] * ((tilt + chance.uniform(-7, -2.0)) * TEN).exp() * top
        if chance.random() < 0.12:
            other = ((4 * chance.choice(self.banks["noises"].all).mel() - 4) * TEN).exp()
            other = other.repeat(math.ceil(count / len(other)), 1)[:count]
            power += other * (top / float(other.max()) * 10 ** chance.uniform(-5, -1.5))
        if chance.random() < 0.15:
            for _ in range(chance.randrange(1, 2 + count // 30)):
                at = chance.randrange(lead, count - 2) if count - 2 > lead else 0
                power[at] = power[at - 1] * chance.uniform(0, 1) if at else 0.0

    def _mask(self, mel: Tensor, until: int) -> None:
        mean = float(mel.mean())
        for _ in range(self.chance.choice((0, 1, 2))):
            width = self.chance.randrange(0, 9)
            first = self.chance.randrange(80 - width)
            mel[:, first : first + width] = mean
        if self.chance.random() < 0.35:
            width = self.chance.randrange(1, 4)
            first = self.chance.randrange(max(1, until - width))
            mel[first : first + width] = mean


def curve(places: tuple[float, ...], values: list[float]) -> Tensor:
    """A line through these values, over the 80 bands."""
    return torch.from_numpy(np.interp(np.arange(80), places, values).astype(np.float32))


def _warp(factor: float) -> Tensor:
    """A matrix that moves the bands apart by this factor: another length of the vocal tract."""
    places = np.clip(np.arange(80) * factor, 0, 79)
    low = places.astype(int)
    matrix = np.zeros((80, 80), np.float32)
    matrix[low, np.arange(80)] = 1 - (places - low)
    matrix[np.minimum(low + 1, 79), np.arange(80)] += places - low
    return torch.from_numpy(matrix)


def _stretched(power: Tensor, factor: float) -> Tensor:
    places = torch.linspace(0, len(power) - 1, max(2, round(len(power) * factor)))
    low = places.long()
    high = (low + 1).clamp_max(len(power) - 1)
    return torch.lerp(power[low], power[high], (places - low)[:, None])


def _padded(rows: list[list[int]], value: int) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [value] * (longest - len(row)) for row in rows])
