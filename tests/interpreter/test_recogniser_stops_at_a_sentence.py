"""Some recognisers hear one sentence of a window and no more: what was said behind it is heard all the same."""

from __future__ import annotations

import pytest

from pipeline.interpreter import InterpreterOptions
from pipeline.recognition.passes import RecognitionOptions
from pipeline.speech import Transcribe, Word
from testing.virtual_clock import virtually
from tests.kit.speaking_scene import Live
from tests.kit.word_audio import plain

TEXT = "They went home in the rain. Then all of them had some tea. And it was late when they left."
BREATHS = {5: 120, 12: 120}


def first_sentence(words: list[Word], job: Transcribe) -> list[Word]:
    """Up to the first full stop."""
    end = next((place for place, word in enumerate(words, 1) if word.text.endswith(".")), len(words))
    return words[:end]


@pytest.mark.parametrize("every", [0.2, 0.24, 0.27, 0.3, 0.4])
@virtually
async def test_each_sentence_is_spoken_while_the_next_is_said(every: float) -> None:
    """Passes come at their own times, as where breaths are short, wherever the words stand then."""
    settings = InterpreterOptions(passes=RecognitionOptions(ahead=False, interim_every_s=every))
    async with Live(noise=first_sentence, settings=settings) as scene:
        await scene.learn()
        await scene.speak(TEXT, pauses_ms=BREATHS)
        assert scene.heard()[:1] == ["THEY WENT HOME IN THE RAIN."]
        await scene.caught_up()
        assert scene.finals[-1] == TEXT
        assert plain(scene.heard()) == plain([TEXT])
