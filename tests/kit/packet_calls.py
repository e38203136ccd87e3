"""Calls of light callers over tones: what each says reaches the other one, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.kit.engine_faults import SHIFT, hears, utterance
from tests.kit.packet_caller import Caller


async def are_interpreted(pairs: Sequence[tuple[Caller, Caller]], lowest: float) -> None:
    """Let both sides of each call say a tone of their own, and assert what reaches whom."""
    tones = [(lowest + 40 * index, lowest + 40 * index + 20) for index in range(len(pairs))]
    before = [[{line: set(one.media.lines[line]) for line in (0, 1)} for one in pair] for pair in pairs]
    async with asyncio.TaskGroup() as group:
        said = [
            group.create_task(utterance(speaker, listener, hz))
            for (ana, ben), (low, high) in zip(pairs, tones, strict=True)
            for speaker, listener, hz in ((ana, ben, low), (ben, ana, high))
        ]
    assert {one.result()["outcome"] for one in said} == {"spoken"}
    for (ana, ben), (low, high), (of_ana, of_ben) in zip(pairs, tones, before, strict=True):
        assert (hears(ben, 0, of_ben[0]), hears(ben, 1, of_ben[1])) == ({low + SHIFT}, {low})
        assert (hears(ana, 0, of_ana[0]), hears(ana, 1, of_ana[1])) == ({high + SHIFT}, {high})
