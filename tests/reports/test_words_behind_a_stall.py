"""Words that a line held back for up to 5 s are interpreted once and in order."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.speech import FRAME_BYTES, FRAME_MS, Frame
from testing.virtual_clock import virtually
from tests.kit.speaking_scene import Live
from tests.kit.word_audio import Said, plain

TEXT = "we go home now and then we eat bread and fish at the old house near the sea"


async def held(scene: Live, words: list[Said], stall_s: float) -> None:
    """Say the words while the line stands still; then all frames of them come, 20 every 5 ms."""
    frames = [word.pcm[at : at + FRAME_BYTES] for word in words for at in range(0, len(word.pcm), FRAME_BYTES)]
    here = round(stall_s * 1000 / FRAME_MS)
    await scene.stands_still(stall_s)
    for n, pcm in enumerate(frames[:here]):
        scene.interpreter.hear(Frame(scene.media_ms, pcm))
        scene.media_ms += FRAME_MS
        if n % 20 == 19:
            await asyncio.sleep(0.005)
    await scene.sound(b"".join(frames[here:]))


@pytest.mark.parametrize("before", [0, 1, 3, 6])
@pytest.mark.parametrize("stall_s", [1.0, 2.0, 3.0, 4.0, 5.0])
@virtually
async def test_every_word_is_interpreted_once(stall_s: float, before: int) -> None:
    async with Live() as scene:
        words = scene.script.write(TEXT)
        await scene.say(words[:before])
        await held(scene, words[before:], stall_s)
        await scene.caught_up()
        assert plain(scene.heard()) == plain([TEXT]) == plain(scene.finals)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.floats(0.2, 5.0), st.integers(0, 800)), min_size=1, max_size=4),
    st.sampled_from([200, 300, 400]),
)
def test_any_stalls_between_words(stalls: list[tuple[int, float, int]], each_ms: int) -> None:
    """Some words, perhaps a pause in their sound, and a stall; again and again."""

    @virtually
    async def run() -> None:
        async with Live() as scene:
            words = scene.script.write(TEXT, each_ms)
            place = 0
            for count, stall_s, pause_ms in stalls:
                await scene.say(words[place : place + count])
                place += count
                await scene.silence(pause_ms / 1000)
                await held(scene, words[place : place + count], stall_s)
                place += count
            await scene.say(words[place:])
            await scene.caught_up()
            assert plain(scene.heard()) == plain([TEXT]) == plain(scene.finals)

    run()
