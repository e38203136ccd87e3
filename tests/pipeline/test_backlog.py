"""Who is behind, and who is not: what is skipped for it."""

import pytest
from test_interpreter_live import Live
from words import plain

from bench.virtual_time import virtually


@pytest.mark.parametrize("last", ["Yes.", "That is what I had meant to say to you for all of this time."])
@virtually
async def test_a_long_sentence_does_not_silence_the_one_behind_it(last: str) -> None:
    """Nobody is behind who has stopped to speak: what was said last is heard, although the first takes 6 s."""
    first = "There are days on which I would rather stay at home and read a book about the sea."
    async with Live(word_s=0.35) as scene:
        await scene.speak(f"{first} {last}", 160)
        await scene.caught_up()
        assert plain(scene.heard()) == plain([first, last])
