"""Speech is skipped for a listener who is behind, and for no other."""

import pytest

from pipeline.events import SpeechPlayed
from testing.virtual_clock import virtually
from tests.kit.speaking_scene import Live
from tests.kit.word_audio import plain


@pytest.mark.parametrize("last", ["Yes.", "That is what I had meant to say to you for all of this time."])
@virtually
async def test_a_long_sentence_does_not_silence_the_one_behind_it(last: str) -> None:
    """Nobody is behind who has stopped to speak: what was said last is heard, although the first takes 6 s."""
    first = "There are days on which I would rather stay at home and read a book about the sea."
    async with Live(word_s=0.35) as scene:
        await scene.speak(f"{first} {last}", 160)
        await scene.caught_up()
        assert plain(scene.heard()) == plain([first, last])


@virtually
async def test_it_is_behind_once_its_speaker_goes_on() -> None:
    """Segments that become final together are spoken whole, unless more is said meanwhile: then the voice keeps up."""
    breath = "One was red and two were blue. Three were green and four were not. Five were left in the box. Six fell."
    async with Live(word_s=0.6) as scene:
        await scene.speak(breath, 160)
        await scene.silence(1.2)
        await scene.speak("And then there was another one that nobody had counted.", 600)
        await scene.caught_up()
        skipped = [event for event in scene.of(SpeechPlayed) if event.state == "skipped"]
        assert skipped and {event.reason for event in skipped} == {"behind"}
        assert len(scene.finals) == 2
