"""Real weights in a call: of music no word is spoken though they hear one, and the shortest human words are.

`make bench-noise` plays half an hour of noise, music and babble, and all human prompts.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bench.disturbance.real import answered, endured
from bench.sentence_ends.calls import engines, sound_of
from bench.sentence_ends.recorded_passes import RecordedPasses
from pipeline.engines.registry import EngineSpec, make
from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import SAMPLE_RATE
from testing.real_material import HUMAN, LANGUAGE, MUSIC, PARTS, WEIGHTS, missing, prompts, samples
from testing.virtual_clock import VirtualLoop
from tests.kit.extent import LONG, extent

PIECES = extent(("macroform-the_simplicity",), ("macroform-the_simplicity", "macroform-robot_dity"))
"""Pieces in whose first seconds voice activity finds a scrap of voice, and Whisper tiny.en the word "you"."""
SHORTEST = extent(("digits-8",), ("digits-8", "digits-3", "digits-4", "digits-h-1"))
"""Prompts of one word by which something may be chosen: 0.36 to 0.5 s of voice."""
PASS_MS = 200.0
"""Time of each pass, on any machine."""
FINAL_PASSES_ALONE = InterpreterOptions(passes=RecognitionOptions(first_interim_s=60))

NEEDED = (HUMAN, PARTS, MUSIC)
pytestmark = pytest.mark.skipif(
    bool(missing(*NEEDED)), reason=f"REAL WEIGHTS AND VOICES NOT TESTED: {missing(*NEEDED)}"
)


def test_a_word_that_is_heard_in_music_is_not_spoken_and_the_shortest_word_is(tmp_path: Path) -> None:
    """The model is certain of neither. No speech has a probability of 0.8 in the music, and of 0.2 in the word."""
    settings = None if LONG else FINAL_PASSES_ALONE
    words = {one.name: one for one in prompts(PARTS / LANGUAGE) if one.name in SHORTEST}
    usual = RecordedPasses(WEIGHTS, tmp_path / "usual", pass_ms=PASS_MS)
    credulous = RecordedPasses(WEIGHTS, tmp_path / "all", pass_ms=PASS_MS, noise_logprob=-99.0)

    async def spoken(passes: RecordedPasses, name: str) -> list[str]:
        beginning = sound_of(samples(MUSIC / f"{name}.wav"))[: 2 * SAMPLE_RATE]
        async with engines(passes, voice=make(EngineSpec("tts", "espeak"))) as stages:
            return (await endured(stages, passes, name, beginning, settings)).spoken

    async def scene() -> None:
        for name in PIECES:
            assert await spoken(credulous, name), "or nothing is shown on this music"
            assert not await spoken(usual, name) and usual.asked.total(), name
        async with engines(usual, voice=make(EngineSpec("tts", "espeak"))) as stages:
            for name in SHORTEST:
                assert not words[name].held_out
                assert (await answered(stages, words[name], settings)).spoken, name

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        runner.run(scene())
