"""Some recognisers hear one sentence of a window and no more: what was said behind it is heard all the same."""

from __future__ import annotations

from live import Live
from words import plain

from bench.virtual_time import virtually
from pipeline.interpreter import Interpreting
from pipeline.passes import Passes
from pipeline.speech import Hearing, Word

TEXT = "They went home in the rain. Then all of them had some tea. And it was late when they left."
BREATHS = {5: 120, 12: 120}
NO_PAUSES = Interpreting(passes=Passes(ahead=False))  # passes at their own times, as where breaths are short


def first_sentence(words: list[Word], job: Hearing) -> list[Word]:
    """Up to the first full stop."""
    end = next((place for place, word in enumerate(words, 1) if word.text.endswith(".")), len(words))
    return words[:end]


@virtually
async def test_each_sentence_is_spoken_while_the_next_is_said() -> None:
    async with Live(noise=first_sentence, settings=NO_PAUSES) as scene:
        await scene.learn()
        await scene.speak(TEXT, pauses_ms=BREATHS)
        assert scene.heard()[:1] == ["THEY WENT HOME IN THE RAIN."]
        await scene.caught_up()
        assert scene.finals[-1] == TEXT
        assert plain(scene.heard()) == plain([TEXT])


@virtually
async def test_a_breath_within_a_sentence_that_was_guessed_ends_nothing() -> None:
    """A recogniser that knows its phrases says the whole sentence before it is over."""

    def guess(words: list[Word], job: Hearing) -> list[Word]:
        said = "".join(word.text for word in words).split()
        if said[:5] != ["I", "would", "like", "some", "tea"] or "please." in said:
            return first_sentence(words, job)
        last = words[4]
        guessed = Word(" please.", last.end_ms, last.end_ms, 0.9)
        return [*words[:4], Word(" tea,", last.start_ms, last.end_ms, 0.9), guessed]

    text = "I would like some tea, please. And then we all went home again."
    async with Live(noise=guess) as scene:
        await scene.learn()
        await scene.speak(text, pauses_ms={4: 120, 5: 120})
        await scene.caught_up()
        assert scene.finals[-1] == text
        assert plain(scene.heard()) == plain([text])
