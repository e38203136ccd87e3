"""Real weights on a human voice: a sentence with a pause inside stays whole, and two sentences stay two.

`python -m bench.sentence_ends` measures all prompts.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.sentence_ends.calls import engines, heard, sound_of
from bench.sentence_ends.places import Piece
from bench.sentence_ends.recorded_passes import RecordedPasses
from testing.real_material import WEIGHTS, Prompt, missing, prompts
from testing.virtual_clock import VirtualLoop

PAUSES_INSIDE = ("vm-tmpexists", "vm-helpexit")
"""Prompts that were cut in two: "There is a temporary greeting. which overrides your standard greetings."."""
OF_TWO = "conf-invalid"

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {missing()}")


@pytest.fixture(scope="module")
def heard_of(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Piece]]:
    chosen = [one for one in prompts() if one.name in (*PAUSES_INSIDE, OF_TWO)]
    assert len(chosen) == 3 and not any(one.held_out for one in chosen)
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(_hear(chosen, tmp_path_factory.mktemp("passes")))


async def _hear(chosen: list[Prompt], folder: Path) -> dict[str, list[Piece]]:
    async with engines(RecordedPasses(WEIGHTS, folder)) as stages:
        return {one.name: (await heard(stages, sound_of(one.audio))).pieces for one in chosen}


@pytest.mark.parametrize("name", PAUSES_INSIDE)
def test_a_sentence_with_a_pause_inside_stays_whole(heard_of: dict[str, list[Piece]], name: str) -> None:
    assert len(heard_of[name]) == 1 and heard_of[name][0].text.count(".") == 1


def test_two_sentences_stay_two(heard_of: dict[str, list[Piece]]) -> None:
    assert [piece.text.strip()[-1] for piece in heard_of[OF_TWO]] == [".", "."]
